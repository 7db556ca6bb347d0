import type { ScenarioHeader, ScenarioLineOf } from '@/server/contracts/scenario';
import { leavesQty } from '@/server/domain/order/view';
import { positionOf } from '@/server/domain/position/ledger';
import type { SignalCandidate } from '@/server/domain/strategy/types';
import type { PositionEffect, Side } from '@/server/kernel/vocabulary';
import type { ReplayAccount } from '@/server/replay/account';
import type { OrderTerms } from '@/server/replay/gate-context';
import type { Gatekeeper, Permit } from '@/server/replay/gatekeeper';
import { closeOfDate, type MarketClock } from '@/server/replay/market-clock';
import type { OrderManager, RefusedLine } from '@/server/replay/order-manager';
import { markOf, type SymbolBooks } from '@/server/replay/symbol-book';

/** The ways in which an order comes about: a line, a strategy's signal, a countersignature, the daily close of positions. */
export class OrderEntry {
  private ownOrders = 0;

  constructor(
    private readonly gate: ScenarioHeader['gate'],
    private readonly desk: OrderManager,
    private readonly gatekeeper: Gatekeeper,
    private readonly clock: MarketClock,
    private readonly books: SymbolBooks,
    private readonly account: ReplayAccount,
  ) {}

  /** An `order` line. With the gate off it skips policy and account. */
  line(event: ScenarioLineOf<'order'>): RefusedLine | null {
    if (this.desk.orders.has(event.id))
      return { codes: ['DUPLICATE_ORDER_ID'], message: `order ${event.id} exists already` };
    const terms: OrderTerms = {
      id: event.id,
      symbol: event.symbol,
      side: event.side,
      qty: event.qty,
      orderType: event.order_type,
      limitPrice: event.limit_price ?? null,
      stopPrice: event.stop_price ?? null,
      timeInForce: event.time_in_force,
    };
    const signalId = event.signal_id ?? null;
    if (this.gate === 'off') {
      const positionEffect = this.effectOf(event);
      const permit: Permit = { order: { ...terms, qty: event.qty }, referencePrice: null, positionEffect };
      return this.settle(permit, signalId, event.good_till ?? null);
    }
    return this.settle(this.gatekeeper.judge(terms, signalId), signalId, event.good_till ?? null);
  }

  /** Places what is permitted, and hands a refusal on. */
  settle(
    result: Permit | RefusedLine | null,
    signalId: string | null,
    goodTill: string | null = null,
  ): RefusedLine | null {
    if (result === null) return null;
    if ('codes' in result) return result;
    const { order, referencePrice, positionEffect } = result;
    const { timeInForce = 'DAY' } = order;
    let expiryMs: number | null = null;
    if (timeInForce === 'DAY') expiryMs = this.clock.sessionFrom(this.clock.nowMs).closeMs;
    if (timeInForce === 'GTD' && goodTill !== null) expiryMs = Math.max(closeOfDate(goodTill), this.clock.nowMs);
    this.desk.place(order, { signalId, expiryMs, referencePrice, positionEffect });
    return null;
  }

  /** A strategy's signal: of the size that the gate allows, at the market, for the day. */
  signal({ signalId, symbol, action }: SignalCandidate): void {
    const terms: OrderTerms = {
      id: this.ownOrderId(),
      symbol,
      side: action,
      qty: null,
      orderType: 'MARKET',
      timeInForce: 'DAY',
    };
    this.settle(this.gatekeeper.judge(terms, signalId), signalId);
  }

  /** Nothing stays overnight: what works is cancelled and what is held is closed at the market. */
  flatten(): void {
    this.desk.cancelAll();
    for (const { symbol, qty } of [...this.account.ledger.positions.values()]) {
      if (qty === 0n) continue;
      const side: Side = qty > 0n ? 'SELL' : 'BUY';
      const order = { id: this.ownOrderId(), symbol, side, qty: qty > 0n ? qty : -qty, orderType: 'MARKET' } as const;
      this.settle({ order, referencePrice: markOf(this.books.of(symbol)), positionEffect: 'REDUCE' }, null);
    }
  }

  /** Whether an order closes what is held and not yet being closed (P-3). */
  private effectOf({ symbol, side, qty }: ScenarioLineOf<'order'>): PositionEffect {
    const held = positionOf(this.account.ledger, symbol).qty;
    let closable = side === 'SELL' ? held : -held;
    for (const { state } of this.desk.working.values())
      if (state.symbol === symbol && state.side === side) closable -= leavesQty(state);
    return qty <= closable ? 'REDUCE' : 'OPEN';
  }

  private ownOrderId(): string {
    do this.ownOrders += 1;
    while (this.desk.orders.has(String(this.ownOrders)));
    return String(this.ownOrders);
  }
}
