import { randomUUID } from 'node:crypto';
import { type FeeSchedule, feeOf } from '@/server/domain/exchange/fee';
import { washTrade } from '@/server/domain/exchange/wash-trade';
import { formatMoney, formatUnits, type Money, moneyToFixed, notional, type Units } from '@/server/kernel/money';
import type { Journal } from '../journal/journal';
import type { CloseStatus, JournalRecord } from '../journal/records';
import type { DisplayedQuote } from './displayed';
import { badField, forbidden, notFound, unprocessable } from './errors';
import { isClosed, leavesOf, SIDES, type SimOrder, TYPES, toResting } from './order';
import type { OrderRequest } from './parse-order';
import type { BrokerState } from './state';

/** What the broker knows of its market. Times are epoch ms of market time. */
export interface MarketView {
  readonly symbols: ReadonlySet<string>;
  isOpen(atMs: number): boolean;
  /** The close of the session that is open at `atMs`, or else of the next one. */
  sessionClose(atMs: number): number;
  displayed(symbol: string): DisplayedQuote | undefined;
}

export type TradeEvent =
  | 'accepted'
  | 'pending_new'
  | 'new'
  | 'partial_fill'
  | 'fill'
  | 'canceled'
  | 'expired'
  | 'done_for_day'
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
  /** Called at once for every update; the caller delivers it when the journal is durable. The order is live: copy it. */
  readonly onUpdate: (update: TradeUpdate) => void;
}

const REJECT_REASONS = {
  OPPOSITE_MARKET_OR_STOP: 'opposite side market/stop order exists',
  OPPOSITE_LIMIT_CROSSES: 'opposite side limit order exists',
  OPPOSITE_ORDER: 'opposite side limit order exists',
} as const;

/** The paper broker: takes commands, decides, writes the journal and applies what it wrote. */
export class Broker {
  readonly state: BrokerState;
  private readonly journal: Journal;
  private readonly market: MarketView;
  private readonly options: BrokerOptions;
  private readonly queued = new Set<number>();

  constructor(state: BrokerState, journal: Journal, market: MarketView, options: BrokerOptions) {
    this.state = state;
    this.journal = journal;
    this.market = market;
    this.options = options;
    for (const order of state.book.openList()) {
      if (order.status === 'accepted' || order.status === 'done_for_day') this.queued.add(order.seq);
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
    const free = this.state.cash - this.state.reserved;
    return free > 0n ? free : 0n;
  }

  /**
   * Takes an order. Returns it as it was when taken; what it traded at once comes in updates.
   * @throws ApiError 403 or 422 when it is refused: nothing is written then
   */
  submit(request: OrderRequest, atMs: number): SimOrder {
    const { book } = this.state;
    if (this.state.suspendTrade) throw forbidden('new orders are blocked: trading is suspended by the user');
    if (!this.market.symbols.has(request.symbol))
      throw unprocessable(`could not find asset "${request.symbol.slice(0, 32)}"`);
    if (request.clientOrderId !== null && book.hasClientOrderId(request.clientOrderId)) {
      throw badField('client_order_id must be unique');
    }
    const open = this.market.isOpen(atMs);
    if (!open && (request.timeInForce === 'ioc' || request.timeInForce === 'fok')) {
      throw unprocessable(`${request.timeInForce} orders are only accepted during market hours`);
    }
    this.checkWashTrade(request);
    const reservePrice = this.reservePrice(request);
    this.checkMeans(request, reservePrice);
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
      expires_at: request.timeInForce === 'day' ? this.market.sessionClose(atMs) : null,
      queued: !open,
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
    if (delayMs === 0) {
      this.close(order, 'canceled', atMs);
      return;
    }
    this.commit({ type: 'cancel_pending', id: order.id, seq: order.seq, at: atMs, due_at: atMs + delayMs });
    this.emit('pending_cancel', order, atMs);
  }

  /** For tests: a working limit order trades all that is left of it at its limit. Anything else is left alone. */
  fillAtLimit(id: string, atMs: number): void {
    const order = this.state.book.byId(id);
    if (order === undefined || isClosed(order) || order.limitPrice === null || this.queued.has(order.seq)) return;
    this.fill(order, leavesOf(order), order.limitPrice, atMs);
  }

  /** Matches every working order of a symbol against its displayed quote, oldest first. */
  onQuote(symbol: string, atMs: number): void {
    if (!this.market.isOpen(atMs)) return;
    for (const order of this.state.book.openList(symbol)) this.match(order, atMs);
  }

  /** What time alone brings: cancels that are due, DAY orders at their close. Must be called before {@link onOpen}. */
  onTime(atMs: number): void {
    for (const order of this.state.book.openList()) {
      if (order.cancelDueAtMs !== null && order.cancelDueAtMs <= atMs) this.close(order, 'canceled', atMs);
      else if (order.expiresAtMs !== null && order.expiresAtMs <= atMs) this.close(order, 'expired', atMs);
    }
  }

  /** The market opened: queued orders reach the exchange. */
  onOpen(atMs: number): void {
    for (const seq of [...this.queued]) {
      this.queued.delete(seq);
      const order = this.state.book.open(seq);
      if (order === undefined || order.status === 'pending_cancel') continue;
      this.commit({ type: 'activate', id: order.id, seq, at: atMs });
      this.emit('new', order, atMs);
    }
  }

  /** The market closed: DAY orders that were working expire, others rest until the next open. */
  onClose(atMs: number): void {
    for (const order of this.state.book.openList()) {
      if (this.queued.has(order.seq)) continue;
      if (order.timeInForce !== 'gtc') this.close(order, 'expired', atMs);
      else if (order.status !== 'pending_cancel') this.close(order, 'done_for_day', atMs);
    }
  }

  private admit(order: SimOrder, open: boolean, atMs: number): SimOrder {
    if (!open) {
      this.queued.add(order.seq);
      this.emit('accepted', order, atMs);
      return { ...order };
    }
    const taken: SimOrder = { ...order, status: 'pending_new' };
    this.emit('pending_new', taken, atMs);
    this.emit('new', order, atMs);
    this.match(order, atMs);
    return taken;
  }

  private openOrder(seq: number): SimOrder {
    const order = this.state.book.open(seq);
    if (order === undefined) throw new Error(`order ${seq} is not open`);
    return order;
  }

  private reservePrice(request: OrderRequest): Units {
    if (request.limitPrice !== null) return request.limitPrice;
    if (request.stopPrice !== null) return request.stopPrice;
    const displayed = this.market.displayed(request.symbol);
    if (displayed === undefined) throw unprocessable(`no price for "${request.symbol}" yet`);
    return displayed.quote.ask;
  }

  /** @throws ApiError 403 for an order that would trade against a working one of this account */
  private checkWashTrade(request: OrderRequest): void {
    const placed = {
      side: SIDES[request.side],
      orderType: TYPES[request.type],
      limitPrice: request.limitPrice,
    };
    for (const order of this.state.book.working(request.symbol)) {
      if (order.side === request.side) continue;
      const found = washTrade(placed, toResting(order));
      if (found === null) continue;
      throw forbidden('potential wash trade detected. use complex orders', {
        existing_order_id: order.id,
        reject_reason: REJECT_REASONS[found],
      });
    }
  }

  private checkMeans(request: OrderRequest, reservePrice: Units): void {
    if (request.side === 'sell') {
      const available = this.state.availableShares(request.symbol);
      if (request.qty <= available) return;
      const requested = formatUnits(request.qty);
      throw forbidden(
        `insufficient qty available for order (requested: ${requested}, available: ${formatUnits(available)})`,
        {
          symbol: request.symbol,
          available: formatUnits(available),
          existing_qty: formatUnits(this.state.holdings.get(request.symbol)?.qty ?? 0n),
          held_for_orders: formatUnits(this.state.heldShares.get(request.symbol) ?? 0n),
          related_orders: this.sellsOf(request.symbol),
        },
      );
    }
    const cost = notional(request.qty, reservePrice) + feeOf(this.options.fees, request.qty);
    if (cost <= this.buyingPower()) return;
    throw forbidden('insufficient buying power', {
      buying_power: moneyToFixed(this.buyingPower(), 2),
      cost_basis: moneyToFixed(cost, 2),
      symbol: request.symbol,
    });
  }

  /** Ids of the working sells of a symbol: they hold its shares. */
  private sellsOf(symbol: string): string[] {
    const ids: string[] = [];
    for (const order of this.state.book.working(symbol)) if (order.side === 'sell') ids.push(order.id);
    return ids;
  }

  private match(order: SimOrder, atMs: number): void {
    if (this.queued.has(order.seq) || isClosed(order)) return;
    const displayed = this.market.displayed(order.symbol);
    if (displayed === undefined) return;
    const match = displayed.match(order);
    if (match.triggered && !order.triggered) this.commit({ type: 'trigger', id: order.id, seq: order.seq, at: atMs });
    for (const execution of match.executions) this.fill(order, execution.qty, execution.price, atMs);
    if (match.done && !isClosed(order)) this.close(order, 'canceled', atMs);
  }

  private fill(order: SimOrder, qty: Units, price: Units, atMs: number): void {
    const cancelling = order.cancelDueAtMs !== null;
    const id = this.state.activities.nextId();
    const fee = feeOf(this.options.fees, qty);
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
  }

  private close(order: SimOrder, status: CloseStatus, atMs: number): void {
    this.commit({ type: 'close', id: order.id, seq: order.seq, status, at: atMs });
    if (status === 'done_for_day') this.queued.add(order.seq);
    else this.queued.delete(order.seq);
    this.emit(status, order, atMs);
  }

  private emit(event: TradeEvent, order: SimOrder, atMs: number, execution?: TradeUpdate['execution']): void {
    this.options.onUpdate(execution === undefined ? { event, order, atMs } : { event, order, atMs, execution });
  }
}
