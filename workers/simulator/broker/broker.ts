import { randomUUID } from 'node:crypto';
import { type FeeSchedule, feeOf } from '@/server/domain/exchange/fee';
import { formatMoney, formatUnits, type Money, notional, type Units } from '@/server/kernel/money';
import type { Journal } from '../journal/journal';
import type { CloseStatus, JournalRecord, LegRecord, SimTimeInForce } from '../journal/records';
import type { Variants } from '../variants';
import { Checks } from './checks';
import { badField, forbidden, notFound, unprocessable } from './errors';
import type { MarketView } from './market-view';
import { AT_NEXT_OPEN_MS, dueOf, isClosed, leavesOf, type SimOrder } from './order';
import { marketSale, type OrderRequest } from './parse-order';
import { parseReplacement } from './parse-replace';
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

const GTC_LIFE_MS = 90 * 86_400_000;

/** An order as it was taken, with its legs. */
export interface TakenOrder {
  readonly order: SimOrder;
  readonly legs: readonly SimOrder[];
}

/** The paper broker: takes commands, decides, writes the journal and applies what it wrote. */
export class Broker {
  readonly state: BrokerState;
  private readonly journal: Journal;
  private readonly market: MarketView;
  private readonly options: BrokerOptions;
  private readonly checks: Checks;
  private readonly queued = new Set<number>();
  /** Nothing that time alone brings is due before. */
  private nextDueMs = Number.NEGATIVE_INFINITY;

  constructor(state: BrokerState, journal: Journal, market: MarketView, options: BrokerOptions) {
    this.state = state;
    this.journal = journal;
    this.market = market;
    this.options = options;
    this.checks = new Checks(state, market, options);
    for (const order of state.book.openList()) {
      const waits =
        order.status === 'accepted' || order.status === 'done_for_day' || order.cancelDueAtMs === AT_NEXT_OPEN_MS;
      if (waits && !order.dormant) this.queued.add(order.seq);
    }
  }

  /** Writes a record to the journal and applies it: the only way in which the account changes. */
  commit(record: JournalRecord): void {
    this.journal.append(record);
    this.state.apply(record);
  }

  /** Equity at the last prices: cash and every holding at its market value. */
  equity(): Money {
    let equity = this.state.cash;
    for (const [symbol, held] of this.state.holdings) {
      const price = this.market.displayed(symbol)?.lastPrice;
      equity += price === undefined ? held.cost : notional(held.qty, price);
    }
    return equity;
  }

  buyingPower(): Money {
    return this.checks.buyingPower();
  }

  /**
   * Takes an order. Returns it and its legs as they were when taken; what it traded at once comes in updates.
   * @param again a fault: a second order under a client order id that is taken, for which no means need be left
   * @throws ApiError 403 or 422 when it is refused: nothing is written then
   */
  submit(request: OrderRequest, atMs: number, again = false): TakenOrder {
    const { book } = this.state;
    if (this.state.suspendTrade) throw forbidden('new orders are blocked: trading is suspended by the user');
    if (!this.market.symbols.has(request.symbol))
      throw unprocessable(`could not find asset "${request.symbol.slice(0, 32)}"`);
    if (!again && request.clientOrderId !== null && book.hasClientOrderId(request.clientOrderId)) {
      throw badField('client_order_id must be unique');
    }
    const open = this.market.isOpen(atMs);
    if (!open && (request.timeInForce === 'ioc' || request.timeInForce === 'fok')) {
      throw unprocessable(`${request.timeInForce} orders are only accepted during market hours`);
    }
    this.checks.fractionalStop(request, open);
    this.checks.washTrade(request);
    this.checks.legPrices(request);
    this.checks.passedStop(request);
    const reservePrice = this.checks.reservePrice(request);
    if (!again) this.checks.means(request, reservePrice);
    const seq = book.size + 1;
    this.commit({
      type: 'order',
      id: this.state.ids.idOf('order', seq),
      seq,
      client_order_id: request.clientOrderId ?? randomUUID(),
      symbol: request.symbol,
      side: request.side,
      order_type: request.type,
      time_in_force: request.timeInForce,
      qty: formatUnits(request.qty),
      limit_price: request.limitPrice === null ? null : formatUnits(request.limitPrice),
      stop_price: request.stopPrice === null ? null : formatUnits(request.stopPrice),
      reserve_price: formatUnits(reservePrice),
      at: atMs,
      expires_at: this.expiryOf(request.timeInForce, atMs),
      queued: !open,
      ...(request.orderClass === 'simple' ? {} : { order_class: request.orderClass, legs: this.legs(request, seq) }),
    });
    return this.admit(this.openOrder(seq), open, atMs);
  }

  /**
   * Cancels an open order, at once or after `delayMs`, during which it may still fill.
   * @throws ApiError 404 for an unknown id, 422 for an order that is closed or being cancelled
   */
  cancel(id: string, atMs: number, delayMs = 0): void {
    const order = this.state.book.byId(id);
    if (order === undefined) throw notFound(`order not found for ${id}`);
    if (isClosed(order)) throw unprocessable(`order is already in "${order.status}" state`);
    if (order.status === 'pending_cancel') throw unprocessable('order is already being cancelled');
    if (order.replacement !== null || this.isUnderWay(order))
      throw unprocessable('order is being replaced: it cannot be cancelled now');
    // What only waits here for the open has not reached the exchange, and ends at once.
    const atExchange = !this.market.isOpen(atMs) && order.status !== 'accepted' && !order.dormant;
    const pending = atExchange && this.options.variants.closed_cancel === 'pending';
    if (delayMs === 0 && !pending) {
      this.close(order, 'canceled', atMs);
      return;
    }
    const dueAtMs = pending ? AT_NEXT_OPEN_MS : atMs + delayMs;
    this.commit({ type: 'cancel_pending', id: order.id, seq: order.seq, at: atMs, due_at: dueAtMs });
    if (pending) this.queued.add(order.seq);
    this.noteDue(order);
    this.emit('pending_cancel', order, atMs);
  }

  /**
   * Replaces an order, at once or after `delayMs`: should it fill completely meanwhile, the new order is rejected.
   * @returns the new order as it was taken
   * @throws ApiError 404 for an unknown id; 422 for an order that may not be replaced now, or not like this; 403 for want of means
   */
  replace(id: string, body: unknown, atMs: number, delayMs = 0): SimOrder {
    const { book, ids } = this.state;
    const order = book.byId(id);
    if (order === undefined) throw notFound(`order not found for ${id}`);
    this.checks.replaceable(order);
    const terms = parseReplacement(body, order);
    if (terms.clientOrderId !== null && book.hasClientOrderId(terms.clientOrderId))
      throw badField('client_order_id must be unique');
    const { symbol, side, type, orderClass } = order;
    this.checks.washTrade({ symbol, side, type, orderClass, limitPrice: terms.limitPrice }, order);
    const reservePrice = terms.limitPrice ?? terms.stopPrice ?? order.reservePrice;
    const holds = order.role === null || order.held > 0n;
    if (holds) this.checks.means({ symbol, side, qty: terms.qty - order.filledQty }, reservePrice, order);
    const seq = book.size + 1;
    const queued = this.queued.has(order.seq);
    this.commit({
      type: 'replace',
      id: order.id,
      seq: order.seq,
      at: atMs,
      due_at: atMs + (order.role === null ? delayMs : 0),
      carried: this.options.variants.replace_filled === 'carried',
      order: {
        id: ids.idOf('order', seq),
        seq,
        client_order_id: terms.clientOrderId ?? randomUUID(),
        time_in_force: terms.timeInForce,
        qty: formatUnits(terms.qty),
        limit_price: terms.limitPrice === null ? null : formatUnits(terms.limitPrice),
        stop_price: terms.stopPrice === null ? null : formatUnits(terms.stopPrice),
        reserve_price: formatUnits(reservePrice),
        expires_at: this.expiryOf(terms.timeInForce, atMs),
        queued,
      },
    });
    const instead = this.openOrder(seq);
    this.noteDue(order);
    this.noteDue(instead);
    const taken: SimOrder = { ...instead, status: instead.status === 'new' ? 'pending_new' : instead.status };
    if (order.status === 'replaced') this.replaced(order, instead, queued, atMs);
    else this.emit('pending_replace', order, atMs);
    return taken;
  }

  /** Reports a replacement that was carried out, and lets the new order work. */
  private replaced(order: SimOrder, instead: SimOrder, queued: boolean, atMs: number): void {
    this.queued.delete(order.seq);
    if (queued) this.queued.add(instead.seq);
    this.emit('replaced', order, atMs);
    if (instead.status !== 'held') this.emit(queued ? 'accepted' : 'new', instead, atMs);
    this.match(instead, atMs);
  }

  private carryOutReplacement(order: SimOrder, atMs: number): void {
    const instead = this.openOrder(order.replacement?.seq ?? 0);
    const queued = !this.market.isOpen(atMs);
    this.commit({ type: 'replaced', id: order.id, seq: order.seq, at: atMs, queued });
    if (isClosed(order)) this.replaced(order, instead, queued, atMs);
    else this.replacementRejected(order, instead, atMs);
  }

  private replacementRejected(order: SimOrder, instead: SimOrder | undefined, atMs: number): void {
    if (instead === undefined) return;
    this.emit('order_replace_rejected', order, atMs);
    this.emit('rejected', instead, atMs);
  }

  /** The order that is to take this one's place; undefined while none is. */
  private insteadOf(order: SimOrder): SimOrder | undefined {
    return order.replacement === null ? undefined : this.state.book.open(order.replacement.seq);
  }

  /** Whether an order waits to take another's place. */
  private isUnderWay(order: SimOrder): boolean {
    if (order.replacesSeq === null || !order.dormant) return false;
    return this.state.book.open(order.replacesSeq)?.replacement?.seq === order.seq;
  }

  /** For tests: a working limit order trades all that is left of it at its limit. Anything else is left alone. */
  fillAtLimit(id: string, atMs: number): void {
    const order = this.state.book.byId(id);
    if (order === undefined || isClosed(order) || order.limitPrice === null || this.queued.has(order.seq)) return;
    this.fill(order, leavesOf(order), order.limitPrice, atMs);
  }

  /** For tests: an order ends without a word; the rest of its group works on. @throws ApiError 404 or 422 */
  lose(id: string, atMs: number): void {
    const order = this.state.book.byId(id);
    if (order === undefined) throw notFound(`order not found for ${id}`);
    if (isClosed(order)) throw unprocessable(`order is already in "${order.status}" state`);
    this.commit({ type: 'close', id: order.id, seq: order.seq, status: 'canceled', at: atMs, alone: true });
    this.queued.delete(order.seq);
  }

  /** For tests: the broker itself cancels what works in a symbol and sells `qty` shares of it. @throws ApiError as {@link submit} */
  liquidate(symbol: string, qty: Units, atMs: number): TakenOrder {
    for (const order of this.state.book.openList(symbol)) if (!isClosed(order)) this.close(order, 'canceled', atMs);
    return this.submit(marketSale(symbol, qty), atMs);
  }

  /** Matches every working order of a symbol against its displayed quote, oldest first. */
  onQuote(symbol: string, atMs: number): void {
    if (!this.market.isOpen(atMs)) return;
    for (const order of this.state.book.openList(symbol)) this.match(order, atMs);
  }

  /** What time alone brings: cancels that are due, DAY orders at their close. Must be called before {@link onOpen}. */
  onTime(atMs: number): void {
    if (atMs < this.nextDueMs) return;
    for (const order of this.state.book.openList()) {
      if (isClosed(order)) continue;
      if (order.cancelDueAtMs !== null && order.cancelDueAtMs <= atMs) this.close(order, 'canceled', atMs);
      else if (order.replacement !== null && order.replacement.dueAtMs <= atMs) this.carryOutReplacement(order, atMs);
      else if (order.expiresAtMs !== null && order.expiresAtMs <= atMs) this.close(order, 'expired', atMs);
    }
    this.nextDueMs = Number.POSITIVE_INFINITY;
    for (const order of this.state.book.openList()) this.noteDue(order);
  }

  /** Keeps the next due time no later than an order's. */
  private noteDue(order: SimOrder): void {
    this.nextDueMs = Math.min(this.nextDueMs, dueOf(order));
  }

  /** DAY orders end with their session, GTC orders after 90 days. */
  private expiryOf(timeInForce: SimTimeInForce, atMs: number): number | null {
    if (timeInForce === 'day') return this.market.sessionClose(atMs);
    return timeInForce === 'gtc' ? atMs + GTC_LIFE_MS : null;
  }

  /** Halts a symbol's trading, or resumes it: its orders rest meanwhile, and stops do not trigger. */
  setHalted(symbol: string, halted: boolean, atMs: number): void {
    if (this.state.halted.has(symbol) !== halted) this.commit({ type: 'trading_status', symbol, halted, at: atMs });
    if (!halted) this.onQuote(symbol, atMs);
  }

  /** The market opened: queued orders reach the exchange, and cancels that waited for it are carried out. */
  onOpen(atMs: number): void {
    for (const seq of [...this.queued]) {
      this.queued.delete(seq);
      const order = this.state.book.open(seq);
      if (order?.cancelDueAtMs === AT_NEXT_OPEN_MS) {
        this.close(order, 'canceled', atMs);
        continue;
      }
      if (order === undefined || order.status === 'pending_cancel') continue;
      this.commit({ type: 'activate', id: order.id, seq, at: atMs });
      this.emit('new', order, atMs);
    }
  }

  /** The market closed: DAY orders that were working expire, others rest until the next open. */
  onClose(atMs: number): void {
    for (const order of this.state.book.openList()) {
      if (this.queued.has(order.seq) || isClosed(order)) continue;
      const waits = order.status === 'held' || order.status === 'pending_replace' || order.dormant;
      if (waits && order.timeInForce === 'gtc') continue;
      if (order.timeInForce !== 'gtc') this.close(order, 'expired', atMs);
      else if (order.status !== 'pending_cancel') this.close(order, 'done_for_day', atMs);
    }
  }

  private legs(request: OrderRequest, seq: number): LegRecord[] {
    return request.legs.map(({ role, type, limitPrice, stopPrice }, index) => ({
      id: this.state.ids.idOf('order', seq + 1 + index),
      client_order_id: randomUUID(),
      role,
      order_type: type,
      limit_price: limitPrice === null ? null : formatUnits(limitPrice),
      stop_price: stopPrice === null ? null : formatUnits(stopPrice),
    }));
  }

  private admit(order: SimOrder, open: boolean, atMs: number): TakenOrder {
    const relatives = this.state.book.openRelatives(order);
    this.noteDue(order);
    const taken: SimOrder = { ...order, status: open ? 'pending_new' : order.status };
    const legs = relatives.map((leg) => ({ ...leg }));
    if (open) {
      if (this.options.variants.accepted_event === 'always') this.emit('accepted', taken, atMs);
      this.emit('pending_new', taken, atMs);
      this.emit('new', order, atMs);
    } else {
      this.queued.add(order.seq);
      this.emit('accepted', order, atMs);
    }
    for (const leg of relatives) this.emitLeg('held', leg, atMs);
    if (open) this.match(order, atMs);
    return { order: taken, legs };
  }

  private openOrder(seq: number): SimOrder {
    const order = this.state.book.open(seq);
    if (order === undefined) throw new Error(`order ${seq} is not open`);
    return order;
  }

  private match(order: SimOrder, atMs: number): void {
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

  private fill(order: SimOrder, qty: Units, price: Units, atMs: number): void {
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
  private begin(waiting: readonly SimOrder[], atMs: number): void {
    for (const leg of waiting)
      if (!leg.dormant && !isClosed(leg) && leg.role === 'stop' && this.options.losesStopLeg()) this.lose(leg.id, atMs);
    const active = waiting.filter((leg) => !leg.dormant && !isClosed(leg));
    for (const leg of active) if (leg.status === 'new') this.emit('new', leg, atMs);
    for (const leg of active) this.match(leg, atMs);
  }

  private close(order: SimOrder, status: CloseStatus, atMs: number): void {
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
  private emitLeg(event: TradeEvent, order: SimOrder, atMs: number): void {
    if (this.options.variants.leg_events === 'sent') this.emit(event, order, atMs);
  }

  private emit(event: TradeEvent, order: SimOrder, atMs: number, execution?: TradeUpdate['execution']): void {
    this.options.onUpdate(execution === undefined ? { event, order, atMs } : { event, order, atMs, execution });
  }
}
