import { randomUUID } from 'node:crypto';
import { formatUnits, type Money, notional, type Units } from '@/server/kernel/money';
import type { Journal } from '../journal/journal';
import type { JournalRecord, LegRecord, SimTimeInForce } from '../journal/records';
import { Checks } from './checks';
import type { MarketView } from './displayed';
import { badField, forbidden, notFound, unprocessable } from './errors';
import { AT_NEXT_OPEN_MS, dueOf, isClosed, leavesOf, type SimOrder } from './order';
import { type BrokerOptions, OrderFlow } from './order-flow';
import { marketSale, type OrderRequest } from './parse-order';
import { parseReplacement } from './parse-replace';
import type { BrokerState } from './state';

const GTC_LIFE_MS = 90 * 86_400_000;

/** An order as it was taken, with its legs. */
export interface TakenOrder {
  readonly order: SimOrder;
  readonly legs: readonly SimOrder[];
}

/** The paper broker: takes commands, decides, writes the journal and applies what it wrote. */
export class Broker {
  readonly state: BrokerState;
  private readonly market: MarketView;
  private readonly options: BrokerOptions;
  private readonly checks: Checks;
  private readonly flow: OrderFlow;
  /** Nothing that time alone brings is due before. */
  private nextDueMs = Number.NEGATIVE_INFINITY;

  constructor(state: BrokerState, journal: Journal, market: MarketView, options: BrokerOptions) {
    this.state = state;
    this.market = market;
    this.options = options;
    this.checks = new Checks(state, market, options);
    this.flow = new OrderFlow(state, journal, market, options);
    for (const order of state.book.openList()) {
      const waits =
        order.status === 'accepted' || order.status === 'done_for_day' || order.cancelDueAtMs === AT_NEXT_OPEN_MS;
      if (waits && !order.dormant) this.flow.queued.add(order.seq);
    }
  }

  /** Writes a record to the journal and applies it: the only way in which the account changes. */
  commit(record: JournalRecord): void {
    this.flow.commit(record);
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
    this.flow.commit({
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
    return this.admit(this.flow.openOrder(seq), open, atMs);
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
      this.flow.close(order, 'canceled', atMs);
      return;
    }
    const dueAtMs = pending ? AT_NEXT_OPEN_MS : atMs + delayMs;
    this.flow.commit({ type: 'cancel_pending', id: order.id, seq: order.seq, at: atMs, due_at: dueAtMs });
    if (pending) this.flow.queued.add(order.seq);
    this.noteDue(order);
    this.flow.emit('pending_cancel', order, atMs);
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
    const queued = this.flow.queued.has(order.seq);
    this.flow.commit({
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
    const instead = this.flow.openOrder(seq);
    this.noteDue(order);
    this.noteDue(instead);
    const taken: SimOrder = { ...instead, status: instead.status === 'new' ? 'pending_new' : instead.status };
    if (order.status === 'replaced') this.replaced(order, instead, queued, atMs);
    else this.flow.emit('pending_replace', order, atMs);
    return taken;
  }

  /** Reports a replacement that was carried out, and lets the new order work. */
  private replaced(order: SimOrder, instead: SimOrder, queued: boolean, atMs: number): void {
    this.flow.queued.delete(order.seq);
    if (queued) this.flow.queued.add(instead.seq);
    this.flow.emit('replaced', order, atMs);
    if (instead.status !== 'held') this.flow.emit(queued ? 'accepted' : 'new', instead, atMs);
    this.flow.match(instead, atMs);
  }

  private carryOutReplacement(order: SimOrder, atMs: number): void {
    const instead = this.flow.openOrder(order.replacement?.seq ?? 0);
    const queued = !this.market.isOpen(atMs);
    this.flow.commit({ type: 'replaced', id: order.id, seq: order.seq, at: atMs, queued });
    if (isClosed(order)) this.replaced(order, instead, queued, atMs);
    else this.flow.replacementRejected(order, instead, atMs);
  }

  /** Whether an order waits to take another's place. */
  private isUnderWay(order: SimOrder): boolean {
    if (order.replacesSeq === null || !order.dormant) return false;
    return this.state.book.open(order.replacesSeq)?.replacement?.seq === order.seq;
  }

  /** For tests: a working limit order trades all that is left of it at its limit. Anything else is left alone. */
  fillAtLimit(id: string, atMs: number): void {
    const order = this.state.book.byId(id);
    if (order === undefined || isClosed(order) || order.limitPrice === null || this.flow.queued.has(order.seq)) return;
    this.flow.fill(order, leavesOf(order), order.limitPrice, atMs);
  }

  /** For tests: an order ends without a word; the rest of its group works on. @throws ApiError 404 or 422 */
  lose(id: string, atMs: number): void {
    const order = this.state.book.byId(id);
    if (order === undefined) throw notFound(`order not found for ${id}`);
    if (isClosed(order)) throw unprocessable(`order is already in "${order.status}" state`);
    this.flow.lose(order, atMs);
  }

  /** For tests: the broker itself cancels what works in a symbol and sells `qty` shares of it. @throws ApiError as {@link submit} */
  liquidate(symbol: string, qty: Units, atMs: number): TakenOrder {
    for (const order of this.state.book.openList(symbol))
      if (!isClosed(order)) this.flow.close(order, 'canceled', atMs);
    return this.submit(marketSale(symbol, qty), atMs);
  }

  /** Matches every working order of a symbol against its displayed quote, oldest first. */
  onQuote(symbol: string, atMs: number): void {
    if (!this.market.isOpen(atMs)) return;
    for (const order of this.state.book.openList(symbol)) this.flow.match(order, atMs);
  }

  /** What time alone brings: cancels that are due, DAY orders at their close. Must be called before {@link onOpen}. */
  onTime(atMs: number): void {
    if (atMs < this.nextDueMs) return;
    for (const order of this.state.book.openList()) {
      if (isClosed(order)) continue;
      if (order.cancelDueAtMs !== null && order.cancelDueAtMs <= atMs) this.flow.close(order, 'canceled', atMs);
      else if (order.replacement !== null && order.replacement.dueAtMs <= atMs) this.carryOutReplacement(order, atMs);
      else if (order.expiresAtMs !== null && order.expiresAtMs <= atMs) this.flow.close(order, 'expired', atMs);
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
    if (this.state.halted.has(symbol) !== halted)
      this.flow.commit({ type: 'trading_status', symbol, halted, at: atMs });
    if (!halted) this.onQuote(symbol, atMs);
  }

  /** The market opened: queued orders reach the exchange, and cancels that waited for it are carried out. */
  onOpen(atMs: number): void {
    for (const seq of [...this.flow.queued]) {
      this.flow.queued.delete(seq);
      const order = this.state.book.open(seq);
      if (order?.cancelDueAtMs === AT_NEXT_OPEN_MS) {
        this.flow.close(order, 'canceled', atMs);
        continue;
      }
      if (order === undefined || order.status === 'pending_cancel') continue;
      this.flow.commit({ type: 'activate', id: order.id, seq, at: atMs });
      this.flow.emit('new', order, atMs);
    }
  }

  /** The market closed: DAY orders that were working expire, others rest until the next open. */
  onClose(atMs: number): void {
    for (const order of this.state.book.openList()) {
      if (this.flow.queued.has(order.seq) || isClosed(order)) continue;
      const waits = order.status === 'held' || order.status === 'pending_replace' || order.dormant;
      if (waits && order.timeInForce === 'gtc') continue;
      if (order.timeInForce !== 'gtc') this.flow.close(order, 'expired', atMs);
      else if (order.status !== 'pending_cancel') this.flow.close(order, 'done_for_day', atMs);
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
      if (this.options.variants.accepted_event === 'always') this.flow.emit('accepted', taken, atMs);
      this.flow.emit('pending_new', taken, atMs);
      this.flow.emit('new', order, atMs);
    } else {
      this.flow.queued.add(order.seq);
      this.flow.emit('accepted', order, atMs);
    }
    for (const leg of relatives) this.flow.emitLeg('held', leg, atMs);
    if (open) this.flow.match(order, atMs);
    return { order: taken, legs };
  }
}
