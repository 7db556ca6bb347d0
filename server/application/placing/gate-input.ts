import { quoteAgeMs } from '@/server/application/market/quote-age';
import type { GateSnapshot, OpeningKey } from '@/server/application/ports/placement-store';
import { CASH_SYMBOL } from '@/server/application/ports/reconciliation-store';
import type { OrderRequest } from '@/server/contracts/order';
import { CLOCK_MAX_AGE_MS, isMarketOpen, isRecent, marketNow } from '@/server/domain/market/market-clock';
import { widened } from '@/server/domain/policy/account';
import type {
  GateAccount,
  GateInput,
  GateMarket,
  GateOrder,
  ShownFigures,
  WorkingPrices,
} from '@/server/domain/policy/gate-types';
import { stopBelow } from '@/server/domain/policy/gate-view';
import { type Money, ONE, parseUnits, type Units } from '@/server/kernel/money';
import type { PositionEffect } from '@/server/kernel/vocabulary';
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

const ownerOf = (strategy: string, symbol: string) => `${symbol} ${strategy}`;

const NO_ORDERS: WorkingPrices = { atMarket: false, limit: null };

const sameOpening = (a: OpeningKey, b: OpeningKey): boolean =>
  a.principalId === b.principalId &&
  a.strategy === b.strategy &&
  a.symbol === b.symbol &&
  a.side === b.side &&
  a.qty === b.qty &&
  a.orderType === b.orderType &&
  a.limitPrice === b.limitPrice;

/** Placements of the same batch that were decided before: they reserve what the database does not show yet. */
export class BatchReservations {
  private readonly consumed = new Set<string>();
  private readonly recent = new Map<string, number>();
  private readonly sellQty = new Map<string, Units>();
  private readonly strategySellQty = new Map<string, Units>();
  private readonly symbols = new Set<string>();
  private readonly buys = new Map<string, Money>();
  private readonly made: OpeningKey[] = [];
  private readonly prices = new Map<string, WorkingPrices>();
  private openingOrders = 0;
  private openedNotional = 0n;
  private buyNotional = 0n;

  consume(signalId: string): void {
    this.consumed.add(signalId);
  }

  /** An order or an approval was made: it counts to the strategy's rate, and makes equal ones duplicates. */
  count(order: OpeningKey & { readonly positionEffect: PositionEffect }): void {
    this.recent.set(order.strategy, (this.recent.get(order.strategy) ?? 0) + 1);
    if (order.positionEffect === 'OPEN') this.made.push(order);
  }

  reserve(order: OpeningKey & { readonly price: Units; readonly positionEffect: PositionEffect }): void {
    const { strategy, symbol, side, qty, price } = order;
    const notional = qty * price;
    this.symbols.add(symbol);
    this.count(order);
    const key = `${symbol} ${side}`;
    this.prices.set(key, widened(this.prices.get(key) ?? NO_ORDERS, side, order.limitPrice));
    if (order.positionEffect === 'OPEN') {
      this.openingOrders += 1;
      this.openedNotional += notional;
    }
    if (side === 'SELL') {
      this.sellQty.set(symbol, (this.sellQty.get(symbol) ?? 0n) + qty);
      const owner = ownerOf(strategy, symbol);
      this.strategySellQty.set(owner, (this.strategySellQty.get(owner) ?? 0n) + qty);
    } else {
      this.buyNotional += notional;
      this.buys.set(symbol, (this.buys.get(symbol) ?? 0n) + notional);
    }
  }

  isConsumed(signalId: string): boolean {
    return this.consumed.has(signalId);
  }

  recentOf(strategy: string): number {
    return this.recent.get(strategy) ?? 0;
  }

  private isDuplicate(snapshot: GateSnapshot, key: OpeningKey): boolean {
    return [...snapshot.recentOpenings, ...this.made].some((each) => sameOpening(each, key));
  }

  private opposite(snapshot: GateSnapshot, { symbol, side }: OpeningKey): WorkingPrices {
    const of = side === 'BUY' ? 'SELL' : 'BUY';
    const working = snapshot.working.get(symbol);
    const stored = (of === 'BUY' ? working?.buys : working?.sells) ?? NO_ORDERS;
    const batch = this.prices.get(`${symbol} ${of}`);
    if (batch === undefined) return stored;
    const reached = batch.limit === null ? stored : widened(stored, of, batch.limit);
    return { ...reached, atMarket: stored.atMarket || batch.atMarket };
  }

  /** @param isApproval the order is released by its own approval, which is no duplicate of itself */
  account(
    snapshot: GateSnapshot,
    order: OpeningKey & { readonly strategyQty: Units },
    isApproval: boolean,
  ): GateAccount {
    const { symbol, strategy } = order;
    let grossPositionValue = 0n;
    const active = new Set<string>(this.symbols);
    for (const [held, position] of snapshot.positions) {
      grossPositionValue += position.value;
      active.add(held);
    }
    let workingBuyNotional = this.buyNotional + snapshot.foreignBuyNotional;
    let openingOrderCount = this.openingOrders;
    let openedNotional = this.openedNotional + (snapshot.account.openedFills ?? 0n);
    for (const [worked, working] of snapshot.working) {
      workingBuyNotional += working.buyNotional;
      openingOrderCount += working.openingCount;
      openedNotional += working.openingNotional;
      active.add(worked);
    }
    return {
      ...snapshot.account.figures,
      buyingPower: snapshot.account.buyingPower,
      grossPositionValue,
      workingBuyNotional,
      heldQty: snapshot.positions.get(symbol)?.qty ?? 0n,
      workingSellQty: (snapshot.working.get(symbol)?.sellQty ?? 0n) + (this.sellQty.get(symbol) ?? 0n),
      activeSymbols: [...active].sort(),
      portfolioAgeSeconds: ageSeconds(snapshot.nowMs, snapshot.account.portfolioAtMs),
      reconciliationAgeSeconds: ageSeconds(snapshot.nowMs, snapshot.account.reconciledAtMs),
      heldValue: snapshot.positions.get(symbol)?.value ?? 0n,
      symbolBuyNotional: (snapshot.working.get(symbol)?.buyNotional ?? 0n) + (this.buys.get(symbol) ?? 0n),
      openingOrderCount,
      openedNotional: snapshot.account.openedFills === null ? null : openedNotional,
      opposite: this.opposite(snapshot, order),
      duplicate: !isApproval && this.isDuplicate(snapshot, order),
      strategyQty: order.strategyQty - (this.strategySellQty.get(ownerOf(strategy, symbol)) ?? 0n),
      protectedQty: snapshot.working.get(symbol)?.protectedQty ?? 0n,
    };
  }
}

/** An order as it is requested; without a quantity the gate sizes it. */
export type OrderToSize = Omit<OrderRequest, 'qty'> & { readonly qty: string | null };

/**
 * Price of the order's protective stop. An order that the gate sizes for its signal carries the stop at the distance that the signal
 * states (P-9); any other states its own (P-11).
 */
function protectiveStopOf(
  { stop_loss: stop, qty }: OrderToSize,
  order: Omit<GateOrder, 'protectiveStopPrice'>,
  stated: Units | null,
  market: GateMarket | null,
): Units | null {
  if (stop?.stop_price !== undefined) return parseUnits(stop.stop_price);
  const ofSignal = qty === null && order.side === 'BUY' ? stated : null;
  const distance = stop?.distance_pct === undefined ? ofSignal : parseUnits(stop.distance_pct);
  return distance === null || distance >= ONE ? null : stopBelow(order, market, distance);
}

/** @param fractionable whether the broker's asset takes fractions; it takes them in market orders for the day */
function termsOf(request: OrderToSize, fractionable: boolean): Omit<GateOrder, 'protectiveStopPrice'> {
  return {
    symbol: request.symbol,
    side: request.side,
    qty: request.qty === null ? null : parseUnits(request.qty),
    orderType: request.order_type,
    limitPrice: request.limit_price === undefined ? null : parseUnits(request.limit_price),
    stopPrice: request.stop_price === undefined ? null : parseUnits(request.stop_price),
    fractionable: fractionable && request.order_type === 'MARKET' && request.time_in_force === 'DAY',
  };
}

export interface JudgeOptions {
  /** Whose order it is; null for one that is only sized. */
  readonly principalId: string | null;
  /** An order of a kill drill. */
  readonly drill?: true;
  /** An approval judges its own signal again: it is its own consumer, and its own expiry counts. */
  readonly approval?: { readonly expiresAtMs: number; readonly shown: ShownFigures };
}

/** The gate's whole input for one order: the signal gives action, confidence and size; everything else is the server's. */
export function gateInput(
  snapshot: GateSnapshot,
  reservations: BatchReservations,
  request: OrderToSize,
  options: JudgeOptions,
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
  const market = gateMarket(snapshot, request.symbol);
  const terms = termsOf(request, snapshot.fractionable.has(request.symbol));
  const stop = protectiveStopOf(request, terms, stored?.stopDistancePct ?? null, market);
  const order: GateOrder = { ...terms, protectiveStopPrice: stop };
  const { symbol, side, qty, orderType, limitPrice } = order;
  const key = {
    principalId: options.principalId,
    strategy: stored?.strategy ?? '',
    strategyQty: stored?.strategyQty ?? 0n,
    ...{ symbol, side, qty: qty ?? 0n, orderType, limitPrice },
  };
  return {
    nowMs: snapshot.nowMs,
    policy: snapshot.policy,
    stage: snapshot.stage,
    tradingState: snapshot.tradingState,
    signal,
    order,
    account: reservations.account(snapshot, key, approval !== undefined),
    market,
    // Where cash does not agree, no figure of the account can be trusted (A13).
    unresolvedBreak: snapshot.breaks.has(request.symbol) || snapshot.breaks.has(CASH_SYMBOL),
    uncertainSubmission: snapshot.uncertain.has(request.symbol),
    recentOrderCount: stored === undefined ? null : stored.recentOrders + reservations.recentOf(stored.strategy),
    ...(options.drill ? { drill: true } : {}),
    ...(approval === undefined ? {} : { shown: approval.shown }),
  };
}
