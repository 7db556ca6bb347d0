import type { ScenarioHeader, ScenarioLineOf } from '@/server/contracts/scenario';
import type { Trail } from '@/server/domain/exchange/types';
import { legsProblem, stopAtDistance } from '@/server/domain/order/legs';
import type { Legs } from '@/server/domain/order/new-order';
import { isClosed, leavesQty } from '@/server/domain/order/view';
import { unitsFromNumber } from '@/server/domain/policy';
import { positionOf } from '@/server/domain/position/ledger';
import type { SignalCandidate } from '@/server/domain/strategy/types';
import { ONE, type Units } from '@/server/kernel/money';
import type { PositionEffect, Side } from '@/server/kernel/vocabulary';
import type { ReplayAccount } from '@/server/replay/account';
import type { OrderTerms } from '@/server/replay/gate-context';
import type { Gatekeeper, Permit } from '@/server/replay/gatekeeper';
import { closeOfDate, type MarketClock } from '@/server/replay/market-clock';
import type { OrderManager } from '@/server/replay/order-manager';
import { markOf, type SymbolBooks, topOf } from '@/server/replay/symbol-book';
import type { Placement, RefusedLine } from '@/server/replay/working-order';

interface Further {
  /** Date or time that the order is good until. */
  readonly goodTill?: string | null;
  /** The order whose place it takes. */
  readonly replaced?: string | null;
}

function trailOf({ trail_price, trail_percent }: ScenarioLineOf<'order'>): Trail | null {
  if (trail_price) return { amount: trail_price };
  return trail_percent ? { percent: trail_percent } : null;
}

/** The ways in which an order comes about: a line, a strategy's signal, a countersignature, the daily close of positions. */
export class OrderEntry {
  private ownOrders = 0;

  constructor(
    private readonly gate: ScenarioHeader['gate'],
    private readonly orderManager: OrderManager,
    private readonly gatekeeper: Gatekeeper,
    private readonly clock: MarketClock,
    private readonly books: SymbolBooks,
    private readonly account: ReplayAccount,
  ) {}

  /** An `order` line. With the gate off it skips policy and account. */
  line(event: ScenarioLineOf<'order'>): RefusedLine | null {
    if (this.orderManager.orders.has(event.id))
      return { codes: ['DUPLICATE_ORDER_ID'], message: `order ${event.id} exists already` };
    const replaced = event.replaces ?? null;
    if (replaced !== null) {
      const refusal = this.replaceProblem(replaced, event);
      if (refusal !== null) return refusal;
    }
    const legs = this.legsOf(event);
    if (legs !== null && 'codes' in legs) return legs;
    const terms: OrderTerms = {
      id: event.id,
      symbol: event.symbol,
      side: event.side,
      qty: event.qty,
      orderType: event.order_type,
      limitPrice: event.limit_price ?? null,
      stopPrice: event.stop_price ?? null,
      trail: trailOf(event),
      legs,
      timeInForce: event.time_in_force,
    };
    const signalId = event.signal_id ?? null;
    const more = { goodTill: event.good_till ?? null, replaced };
    if (this.gate === 'off') {
      const positionEffect = this.effectOf(event);
      const permit: Permit = { order: { ...terms, qty: event.qty }, referencePrice: null, positionEffect };
      return this.settle(permit, signalId, more);
    }
    return this.settle(this.gatekeeper.judge(terms, signalId), signalId, more);
  }

  /** A `cancel` line. It reaches no stop of a held position (S-7). */
  cancel(orderId: string): RefusedLine | null {
    if (!this.orderManager.protection.protectsHolding(orderId)) return this.orderManager.cancel(orderId);
    return {
      codes: ['PROTECTIVE_STOP'],
      message: `${orderId} protects a position: it ends when the position is closed`,
    };
  }

  /** Places what is permitted, and hands a refusal on. */
  settle(result: Permit | RefusedLine | null, signalId: string | null, more: Further = {}): RefusedLine | null {
    if (result === null) return null;
    if ('codes' in result) return result;
    const { order, referencePrice, positionEffect } = result;
    const { goodTill = null, replaced = null } = more;
    const { timeInForce = 'DAY' } = order;
    const sessionEndMs = this.clock.sessionFrom(this.clock.nowMs).closeMs;
    let expiryMs: number | null = null;
    if (timeInForce === 'DAY') expiryMs = sessionEndMs;
    if (timeInForce === 'GTD' && goodTill !== null) expiryMs = Math.max(closeOfDate(goodTill), this.clock.nowMs);
    const strategy = signalId === null ? '' : (this.gatekeeper.signals.get(signalId)?.strategy ?? '');
    const placement = { signalId, strategy, expiryMs, referencePrice, positionEffect };
    if (replaced !== null) return this.orderManager.replace(replaced, order, placement);
    if (positionEffect === 'REDUCE') return this.close(order, placement);
    const entersWithLegs = timeInForce === 'GTC' && (order.legs ?? null) !== null;
    this.orderManager.place(
      order,
      // An entry with legs does not wait for another day (S-1).
      entersWithLegs ? { ...placement, expiryMs: sessionEndMs, cancelledAtExpiry: true } : placement,
    );
    return null;
  }

  /** A closing order: at the market the stops give way to it; otherwise they keep the shares that they hold. */
  private close(order: Permit['order'], placement: Placement): RefusedLine | null {
    const { protection } = this.orderManager;
    if (order.orderType === 'MARKET' && this.clock.isOpen() && !this.books.of(order.symbol).halted) {
      protection.giveWay([order.symbol], () => this.orderManager.place(order, placement));
      return null;
    }
    const holding = order.orderType === 'MARKET' ? null : protection.holding(order);
    if (holding !== null) {
      const message = `the stop ${holding} holds the shares; an OCO order would close with a stop and a limit`;
      return { codes: ['SHARES_HELD'], message };
    }
    this.orderManager.place(order, placement);
    return null;
  }

  /** Why an order cannot take the place of another, or null. */
  private replaceProblem(id: string, { symbol, side, qty }: ScenarioLineOf<'order'>): RefusedLine | null {
    const old = this.orderManager.orders.get(id)?.state;
    if (old === undefined)
      return { codes: ['InvalidTransition', 'UNKNOWN_ORDER'], message: `there is no order ${id} to replace` };
    if (isClosed(old.status) || old.status === 'NEW' || old.pending !== 'NONE')
      return { codes: ['InvalidTransition'], message: `order ${id} cannot be replaced now: it is ${old.status}` };
    if (old.symbol !== symbol || old.side !== side)
      return { codes: ['REPLACE_MISMATCH'], message: `order ${id} is of another symbol or side` };
    if (qty % ONE === 0n && old.qty % ONE === 0n) return null;
    return { codes: ['WHOLE_SHARES_ONLY'], message: 'only orders of whole shares can be replaced' };
  }

  /** The legs that an order line asks for; null when it asks for none. */
  private legsOf(event: ScenarioLineOf<'order'>): Legs | RefusedLine | null {
    const stopLoss = event.stop_loss ?? null;
    const takeProfit = event.take_profit ?? null;
    if (stopLoss === null && takeProfit === null) return null;
    const refused = (code: string, message: string): RefusedLine => ({ codes: [code], message });
    if (this.gate === 'off' && this.effectOf(event) === 'REDUCE')
      return refused('LEGS_ON_CLOSING', 'only an order that opens a position carries a stop or takes a profit');
    if (event.time_in_force === 'IOC' || event.time_in_force === 'FOK')
      return refused('LEGS_TIME_IN_FORCE', 'an order with legs is good for the day or longer');
    if (event.qty % ONE !== 0n && takeProfit !== null)
      return refused('FRACTIONAL_LEGS', 'a fraction of a share takes no profit by an order of its own');
    const referencePrice = this.referenceOf(event);
    let stopPrice = stopLoss?.stop_price ?? null;
    if (stopLoss?.distance_pct !== undefined) {
      if (referencePrice === null)
        return refused('NO_PRICE', `there is no price of ${event.symbol} to take a stop from`);
      stopPrice = stopAtDistance(event.side, referencePrice, stopLoss.distance_pct);
    }
    const legs = {
      stopPrice,
      stopLimitPrice: stopLoss?.limit_price ?? null,
      profitPrice: takeProfit?.limit_price ?? null,
    };
    const problem = legsProblem(event.side, referencePrice, legs);
    return problem === null ? legs : refused('LEG_PRICES', problem);
  }

  /** The price that an order is sized with: its limit, else the opposite quote (P-10). */
  private referenceOf({ limit_price, symbol, side }: ScenarioLineOf<'order'>): Units | null {
    const top = topOf(this.books.of(symbol));
    const quoted = top === null ? 0n : side === 'BUY' ? top.ask : top.bid;
    return limit_price ?? (quoted > 0n ? quoted : null);
  }

  /** A strategy's signal: of the size that the gate allows, at the market, for the day. */
  signal({ signalId, symbol, action, stopDistancePct }: SignalCandidate): void {
    const top = topOf(this.books.of(symbol));
    const distance = action === 'SELL' || stopDistancePct === undefined ? null : unitsFromNumber(stopDistancePct);
    const stopPrice = distance === null || top === null ? null : stopAtDistance(action, top.ask, distance);
    const terms: OrderTerms = {
      id: this.ownOrderId(),
      symbol,
      side: action,
      qty: null,
      orderType: 'MARKET',
      legs: stopPrice === null ? null : { stopPrice, stopLimitPrice: null, profitPrice: null },
      timeInForce: 'DAY',
    };
    this.settle(this.gatekeeper.judge(terms, signalId), signalId);
  }

  /** An order that no policy judges, at the market, for the day. */
  unjudged({ signalId, symbol }: SignalCandidate, side: Side, qty: Units, positionEffect: PositionEffect): void {
    const order = { id: this.ownOrderId(), symbol, side, qty, orderType: 'MARKET', timeInForce: 'DAY' } as const;
    this.settle({ order, referencePrice: markOf(this.books.of(symbol)), positionEffect }, signalId);
  }

  /** Nothing stays overnight: what works is cancelled and what is held is closed at the market. */
  flatten(): void {
    const held = [...this.account.ledger.positions.values()].filter(({ qty }) => qty !== 0n);
    this.orderManager.protection.giveWay(
      held.map(({ symbol }) => symbol),
      () => {
        this.orderManager.cancelAll();
        for (const position of held) this.closePosition(position.symbol);
      },
    );
  }

  /** Closes what is held of a symbol at the market. */
  closePosition(symbol: string): void {
    const { qty } = positionOf(this.account.ledger, symbol);
    if (qty === 0n) return;
    const side: Side = qty > 0n ? 'SELL' : 'BUY';
    const order = { id: this.ownOrderId(), symbol, side, qty: qty > 0n ? qty : -qty, orderType: 'MARKET' } as const;
    const expiryMs = this.clock.sessionFrom(this.clock.nowMs).closeMs;
    const referencePrice = markOf(this.books.of(symbol));
    this.orderManager.place(order, {
      signalId: null,
      strategy: '',
      expiryMs,
      referencePrice,
      positionEffect: 'REDUCE',
    });
  }

  /** Whether an order closes what is held and not yet being closed (P-3). */
  private effectOf({ symbol, side, qty }: ScenarioLineOf<'order'>): PositionEffect {
    const held = positionOf(this.account.ledger, symbol).qty;
    let closable = side === 'SELL' ? held : -held;
    for (const { state, placement } of this.orderManager.working.values())
      if (state.symbol === symbol && state.side === side && placement.protective === undefined)
        closable -= leavesQty(state);
    return qty <= closable ? 'REDUCE' : 'OPEN';
  }

  private ownOrderId(): string {
    do this.ownOrders += 1;
    while (this.orderManager.orders.has(String(this.ownOrders)));
    return String(this.ownOrders);
  }
}
