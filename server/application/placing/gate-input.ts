import { quoteAgeMs } from '@/server/application/market/quote-age';
import type { GateSnapshot } from '@/server/application/ports/placement-store';
import type { OrderRequest } from '@/server/contracts/order';
import { CLOCK_MAX_AGE_MS, isMarketOpen, isRecent, marketNow } from '@/server/domain/market/market-clock';
import type { GateAccount, GateInput, GateMarket, GateOrder, ShownFigures } from '@/server/domain/policy/gate-types';
import { parseUnits, type Units } from '@/server/kernel/money';
import { marketInputs } from './market-inputs';

const UNITS_PER_MS = 1_000_000_000n;

/** A duration in ms as seconds in units; never negative. */
function seconds(ms: number): Units {
  return BigInt(Math.max(0, Math.round(ms))) * UNITS_PER_MS;
}

const ageSeconds = (nowMs: number, thenMs: number | null): Units | null =>
  thenMs === null ? null : seconds(nowMs - thenMs);

/** What the gate knows of a symbol's market; null while the market's clock is not known. */
export function gateMarket(
  snapshot: Pick<GateSnapshot, 'nowMs' | 'clock' | 'quotes' | 'features' | 'events' | 'positions'>,
  symbol: string,
): GateMarket | null {
  const { clock, nowMs } = snapshot;
  if (clock === null || !isRecent(nowMs - clock.observedAtMs, CLOCK_MAX_AGE_MS)) return null;
  const now = marketNow(clock, nowMs);
  const quote = snapshot.quotes.get(symbol) ?? null;
  const ageMs = quote === null ? null : quoteAgeMs(now, quote.atMs, clock.speed);
  return {
    open: isMarketOpen(clock, nowMs),
    dataAgeSeconds: ageMs === null ? null : seconds(ageMs),
    quote,
    msToClose: clock.nextCloseMs === null ? null : clock.nextCloseMs - now,
    ...marketInputs(snapshot, clock, symbol, now),
  };
}

/** Placements of the same batch that were decided before: they reserve what the database does not show yet. */
export class BatchReservations {
  private readonly consumed = new Set<string>();
  private readonly recent = new Map<string, number>();
  private readonly sellQty = new Map<string, Units>();
  private readonly symbols = new Set<string>();
  private buyNotional = 0n;

  consume(signalId: string): void {
    this.consumed.add(signalId);
  }

  reserve(order: { symbol: string; side: string; strategy: string; qty: Units; price: Units }): void {
    this.symbols.add(order.symbol);
    this.recent.set(order.strategy, (this.recent.get(order.strategy) ?? 0) + 1);
    if (order.side === 'BUY') this.buyNotional += order.qty * order.price;
    else this.sellQty.set(order.symbol, (this.sellQty.get(order.symbol) ?? 0n) + order.qty);
  }

  isConsumed(signalId: string): boolean {
    return this.consumed.has(signalId);
  }

  recentOf(strategy: string): number {
    return this.recent.get(strategy) ?? 0;
  }

  account(snapshot: GateSnapshot, symbol: string): GateAccount {
    let grossPositionValue = 0n;
    const active = new Set<string>(this.symbols);
    for (const [held, position] of snapshot.positions) {
      grossPositionValue += position.value;
      active.add(held);
    }
    let workingBuyNotional = this.buyNotional;
    for (const [worked, working] of snapshot.working) {
      workingBuyNotional += working.buyNotional;
      active.add(worked);
    }
    return {
      equity: snapshot.account.equity,
      previousCloseEquity: snapshot.account.previousCloseEquity,
      buyingPower: snapshot.account.buyingPower,
      grossPositionValue,
      workingBuyNotional,
      heldQty: snapshot.positions.get(symbol)?.qty ?? 0n,
      workingSellQty: (snapshot.working.get(symbol)?.sellQty ?? 0n) + (this.sellQty.get(symbol) ?? 0n),
      activeSymbols: [...active].sort(),
      portfolioAgeSeconds: ageSeconds(snapshot.nowMs, snapshot.account.portfolioAtMs),
      reconciliationAgeSeconds: ageSeconds(snapshot.nowMs, snapshot.account.reconciledAtMs),
    };
  }
}

/** An order as it is requested; without a quantity the gate sizes it. */
export type OrderToSize = Omit<OrderRequest, 'qty'> & { readonly qty: string | null };

/** @param fractionable whether the broker's asset takes fractions; it takes them in market orders for the day */
export function gateOrder(request: OrderToSize, fractionable: boolean): GateOrder {
  return {
    symbol: request.symbol,
    side: request.side,
    qty: request.qty === null ? null : parseUnits(request.qty),
    orderType: request.order_type,
    limitPrice: request.limit_price === undefined ? null : parseUnits(request.limit_price),
    stopPrice: request.stop_price === undefined ? null : parseUnits(request.stop_price),
    protectiveStopPrice: null,
    fractionable: fractionable && request.order_type === 'MARKET' && request.time_in_force === 'DAY',
  };
}

export interface JudgeOptions {
  /** An approval judges its own signal again: it is its own consumer, and its own expiry counts. */
  readonly approval?: { readonly expiresAtMs: number; readonly shown: ShownFigures };
}

/** The gate's whole input for one order: the signal gives action, confidence and size; everything else is the server's. */
export function gateInput(
  snapshot: GateSnapshot,
  reservations: BatchReservations,
  request: OrderToSize,
  options: JudgeOptions = {},
): GateInput {
  const stored = snapshot.signals.get(request.signal_id);
  const { approval } = options;
  const signal =
    stored === undefined
      ? null
      : {
          symbol: stored.symbol,
          action: stored.action,
          confidence: stored.confidence,
          sizePct: stored.sizePct,
          stopDistancePct: stored.stopDistancePct,
          expiresAtMs: approval?.expiresAtMs ?? stored.expiresAtMs,
          consumed: approval === undefined && (stored.consumedBy !== null || reservations.isConsumed(stored.id)),
          reasoning: stored.reasoning,
        };
  return {
    nowMs: snapshot.nowMs,
    policy: snapshot.policy,
    stage: snapshot.stage,
    tradingState: snapshot.tradingState,
    signal,
    order: gateOrder(request, snapshot.fractionable.has(request.symbol)),
    account: reservations.account(snapshot, request.symbol),
    market: gateMarket(snapshot, request.symbol),
    unresolvedBreak: snapshot.breaks.has(request.symbol),
    uncertainSubmission: snapshot.uncertain.has(request.symbol),
    recentOrderCount: stored === undefined ? null : stored.recentOrders + reservations.recentOf(stored.strategy),
    ...(approval === undefined ? {} : { shown: approval.shown }),
  };
}
