import { randomUUID } from 'node:crypto';
import { type FeeSchedule, feeOf } from '@/server/domain/exchange/fee';
import { formatMoney, formatUnits, type Units } from '@/server/kernel/money';
import type { Journal } from '../journal/journal';
import type { CloseStatus, JournalRecord } from '../journal/records';
import type { Variants } from '../variants';
import type { MarketView } from './displayed';
import { isClosed, type SimOrder } from './order';
import type { BrokerState } from './state';

export type TradeEvent =
  | 'accepted'
  | 'pending_new'
  | 'new'
  | 'partial_fill'
  | 'fill'
  | 'canceled'
  | 'expired'
  | 'done_for_day'
  | 'held'
  | 'pending_replace'
  | 'replaced'
  | 'order_replace_rejected'
  | 'rejected'
  | 'pending_cancel'
  | 'order_cancel_rejected';

export interface TradeUpdate {
  readonly event: TradeEvent;
  readonly order: SimOrder;
  readonly atMs: number;
  readonly execution?: { readonly id: string; readonly qty: Units; readonly price: Units; readonly positionQty: Units };
}

export interface BrokerOptions {
  readonly fees: FeeSchedule;
  readonly variants: Variants;
  /** Whether a fault lets a stop leg vanish that should begin to work. */
  readonly losesStopLeg: () => boolean;
  /** Called at once for every update; the caller delivers it when the journal is durable. The order is live: copy it. */
  readonly onUpdate: (update: TradeUpdate) => void;
}

/** What happens to orders at the exchange: they match, fill and end, and every event of it is reported. */
export class OrderFlow {
  /** Numbers of orders that wait for the next open. */
  readonly queued = new Set<number>();

  constructor(
    private readonly state: BrokerState,
    private readonly journal: Journal,
    private readonly market: MarketView,
    private readonly options: BrokerOptions,
  ) {}

  /** Writes a record to the journal and applies it: the only way in which the account changes. */
  commit(record: JournalRecord): void {
    this.journal.append(record);
    this.state.apply(record);
  }

  openOrder(seq: number): SimOrder {
    const order = this.state.book.open(seq);
    if (order === undefined) throw new Error(`order ${seq} is not open`);
    return order;
  }

  match(order: SimOrder, atMs: number): void {
    if (this.queued.has(order.seq) || order.dormant || isClosed(order) || this.rests(order)) return;
    const displayed = this.market.displayed(order.symbol);
    if (displayed === undefined) return;
    const match = displayed.match(order);
    const sold = match.executions.reduce((sum, { qty }) => sum + qty, 0n);
    if (order.side === 'sell' && sold > (this.state.holdings.get(order.symbol)?.qty ?? 0n)) {
      // Nothing is sold short: a corporate action has taken the shares away.
      this.close(order, 'canceled', atMs);
      return;
    }
    const trading = match.triggered && !order.triggered ? this.trigger(order, atMs) : order;
    for (const execution of match.executions) this.fill(trading, execution.qty, execution.price, atMs);
    if (match.done && !isClosed(trading)) this.close(trading, 'canceled', atMs);
  }

  /** Whether nothing of an order may trade now: its symbol is halted, or trading is suspended and it is a stop. */
  private rests(order: SimOrder): boolean {
    if (this.state.halted.has(order.symbol)) return true;
    const stop = order.stopPrice !== null && !order.triggered;
    return stop && this.state.suspendTrade && this.options.variants.suspended_stops === 'rest';
  }

  /** Records that a stop was touched. @returns the order that trades: the stop, or the market order in its place */
  private trigger(stop: SimOrder, atMs: number): SimOrder {
    const record = { type: 'trigger', id: stop.id, seq: stop.seq, at: atMs } as const;
    if (stop.rootSeq === null || stop.type !== 'stop' || this.options.variants.triggered_leg === 'same_order') {
      this.commit(record);
      return stop;
    }
    const seq = this.state.book.size + 1;
    const id = this.state.ids.idOf('order', seq);
    this.commit({ ...record, market: { id, seq, client_order_id: randomUUID() } });
    this.emit('replaced', stop, atMs);
    const market = this.openOrder(seq);
    this.emit('new', market, atMs);
    return market;
  }

  fill(order: SimOrder, qty: Units, price: Units, atMs: number): void {
    const cancelling = order.cancelDueAtMs !== null;
    const id = this.state.activities.nextId();
    const fee = feeOf(this.options.fees, qty);
    const relatives = this.state.book.openRelatives(order);
    const waiting = relatives.filter(({ dormant }) => dormant);
    const instead = this.insteadOf(order);
    this.commit({
      type: 'fill',
      id: order.id,
      seq: order.seq,
      execution_id: id,
      symbol: order.symbol,
      side: order.side,
      qty: formatUnits(qty),
      price: formatUnits(price),
      fee: formatMoney(fee),
      at: atMs,
    });
    const positionQty = this.state.holdings.get(order.symbol)?.qty ?? 0n;
    this.emit(order.status === 'filled' ? 'fill' : 'partial_fill', order, atMs, { id, qty, price, positionQty });
    if (cancelling && order.status === 'filled') this.emit('order_cancel_rejected', order, atMs);
    if (isClosed(order)) this.replacementRejected(order, instead, atMs);
    for (const other of relatives) if (other.status === 'canceled') this.emitLeg('canceled', other, atMs);
    this.begin(waiting, atMs);
  }

  /** Legs that have become active, of those that were waiting: they work from now on. */
  begin(waiting: readonly SimOrder[], atMs: number): void {
    for (const leg of waiting)
      if (!leg.dormant && !isClosed(leg) && leg.role === 'stop' && this.options.losesStopLeg()) this.lose(leg, atMs);
    const active = waiting.filter((leg) => !leg.dormant && !isClosed(leg));
    for (const leg of active) if (leg.status === 'new') this.emit('new', leg, atMs);
    for (const leg of active) this.match(leg, atMs);
  }

  close(order: SimOrder, status: CloseStatus, atMs: number): void {
    const relatives = status === 'done_for_day' ? [] : this.state.book.openRelatives(order);
    const waiting = relatives.filter(({ dormant }) => dormant);
    const instead = status === 'done_for_day' ? undefined : this.insteadOf(order);
    const partly = order.role === 'entry' && order.filledQty > 0n && status !== 'done_for_day';
    const legs = partly && this.options.variants.partial_entry_legs === 'active' ? ({ legs: 'active' } as const) : {};
    this.commit({ type: 'close', id: order.id, seq: order.seq, status, at: atMs, ...legs });
    if (status === 'done_for_day') this.queued.add(order.seq);
    else this.queued.delete(order.seq);
    this.emit(status, order, atMs);
    this.replacementRejected(order, instead, atMs);
    for (const other of relatives) {
      if (!isClosed(other)) continue;
      this.queued.delete(other.seq);
      this.emitLeg(status, other, atMs);
    }
    this.begin(waiting, atMs);
  }

  /** Reports on an order of a group that another one's end or acceptance brought about. */
  emitLeg(event: TradeEvent, order: SimOrder, atMs: number): void {
    if (this.options.variants.leg_events === 'sent') this.emit(event, order, atMs);
  }

  emit(event: TradeEvent, order: SimOrder, atMs: number, execution?: TradeUpdate['execution']): void {
    this.options.onUpdate(execution === undefined ? { event, order, atMs } : { event, order, atMs, execution });
  }

  replacementRejected(order: SimOrder, instead: SimOrder | undefined, atMs: number): void {
    if (instead === undefined) return;
    this.emit('order_replace_rejected', order, atMs);
    this.emit('rejected', instead, atMs);
  }

  /** The order that is to take this one's place; undefined while none is. */
  insteadOf(order: SimOrder): SimOrder | undefined {
    return order.replacement === null ? undefined : this.state.book.open(order.replacement.seq);
  }

  /** A fault: an order ends without a word, and the rest of its group works on. */
  lose(order: SimOrder, atMs: number): void {
    this.commit({ type: 'close', id: order.id, seq: order.seq, status: 'canceled', at: atMs, alone: true });
    this.queued.delete(order.seq);
  }
}
