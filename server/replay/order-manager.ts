import { trailingStop } from '@/server/domain/exchange/trailing';
import type { Execution, RestingOrder } from '@/server/domain/exchange/types';
import { transition } from '@/server/domain/order/lifecycle';
import { type NewOrder, newOrder } from '@/server/domain/order/new-order';
import type { OrderEffect, OrderInput, OrderState } from '@/server/domain/order/types';
import { avgPrice, displayStatus, isClosed, leavesQty } from '@/server/domain/order/view';
import { positionOf } from '@/server/domain/position/ledger';
import { isoTime } from '@/server/kernel/iso-time';
import { formatMoney, formatUnits, type Units } from '@/server/kernel/money';
import type { ReplayAccount } from '@/server/replay/account';
import type { Journal, JournalBody } from '@/server/replay/journal';
import type { MarketClock } from '@/server/replay/market-clock';
import { Protection } from '@/server/replay/protection';
import type { SymbolBook, SymbolBooks } from '@/server/replay/symbol-book';
import { Venue, type VenueTerms } from '@/server/replay/venue';
import type { Placement, RefusedLine, WorkingOrder } from '@/server/replay/working-order';

/** Effects that reach beyond order, account and journal. */
export interface OrderManagerListener {
  onBreak(symbol: string, orderId: string, cause: string): void;
  onReduceTrading(orderId: string): void;
}

/** All orders of a replay: applies inputs through the transition table and carries their effects to account, venue and journal. */
export class OrderManager {
  readonly orders = new Map<string, WorkingOrder>();
  /** Orders not closed, in order of placing. */
  readonly working = new Map<string, WorkingOrder>();
  /** The earliest expiry of a working order. */
  nextExpiryMs = Number.POSITIVE_INFINITY;
  readonly protection: Protection;
  private readonly venue: Venue;
  private executions = 0;

  constructor(
    terms: VenueTerms,
    private readonly books: SymbolBooks,
    bars: { readonly trades: ReadonlySet<string>; readonly quotes: ReadonlySet<string> },
    private readonly clock: MarketClock,
    private readonly account: ReplayAccount,
    private readonly journal: Journal,
    private readonly listener: OrderManagerListener,
  ) {
    const onMatch = (id: string, executions: readonly Execution[], done: boolean) => this.onMatch(id, executions, done);
    this.venue = new Venue(terms, books, onMatch, bars.trades, bars.quotes, (book) => this.startExits(book));
    this.protection = new Protection(
      {
        orders: this.orders,
        working: this.working,
        held: (symbol) => positionOf(account.ledger, symbol).qty,
        placeLeg: (order, placement) => this.register(order, placement),
        activateLeg: (id) => this.activateLeg(id),
        place: (order, placement) => this.place(order, placement),
        cancel: (id) => this.cancel(id),
        end: (id) => this.apply(id, { kind: 'cancelled' }),
        reduce: (id, qty) => this.reduce(id, qty),
      },
      clock,
    );
  }

  get exchange(): Venue {
    return this.venue;
  }

  /** Places an order: it counts as sent. A virtual exchange accepts it at once and may fill it. */
  place(terms: NewOrder, placement: Placement): void {
    const order = this.register(terms, placement);
    if (terms.legs) this.protection.open(order.state, terms.legs, placement);
    if (this.venue.automatic) this.accept(order, this.clock.nowMs);
  }

  /** Sends an order that takes the place of a working one: one risk, never two live (O-10). */
  replace(oldId: string, terms: NewOrder, placement: Placement): RefusedLine | null {
    const old = this.orders.get(oldId);
    const protective = old?.placement.protective;
    const refusal = this.apply(oldId, { kind: 'replace_requested' });
    if (old === undefined || refusal !== null) return refusal;
    old.replacedBy = terms.id;
    const order = this.register(terms, protective === undefined ? placement : { ...placement, protective });
    this.protection.replaced(oldId, terms.id);
    if (!this.venue.automatic) return null;
    this.apply(oldId, { kind: 'replaced' });
    this.accept(order, this.clock.nowMs);
    return null;
  }

  private register(terms: NewOrder, placement: Placement): WorkingOrder {
    const { expiryMs } = placement;
    const order: WorkingOrder = { state: newOrder(terms), terms, placement, expiryMs, replacedBy: null };
    this.orders.set(terms.id, order);
    this.working.set(terms.id, order);
    this.reschedule();
    this.journal.write(this.clock.nowMs, 'order', placedBody(order.state, placement));
    this.apply(terms.id, { kind: 'claimed' });
    return order;
  }

  private accept(order: WorkingOrder, acceptedAtMs: number): void {
    const { terms } = order;
    this.apply(terms.id, { kind: 'accepted' });
    if (!this.venue.automatic) return;
    const { state } = order;
    const resting = { ...state, trail: terms.trail ?? null, leavesQty: state.qty, acceptedAtMs, triggered: false };
    this.venue.place({ ...resting, stopPrice: this.firstStop(resting) }, this.clock.isOpen());
  }

  /** The broker works a leg from its parent's complete fill on, and within the bar at whose open the parent was filled. */
  private activateLeg(orderId: string): void {
    const order = this.orders.get(orderId);
    if (order !== undefined) this.accept(order, this.venue.filledAtOpenOfMs ?? this.clock.nowMs);
  }

  /** A trailing stop begins at its distance from the newest price that it follows. */
  private firstStop(order: RestingOrder): Units | null {
    const { trail = null, symbol, side, stopPrice } = order;
    if (trail === null) return stopPrice;
    const { lastQuote, lastBar } = this.books.of(symbol);
    const quoted = lastQuote === null ? 0n : side === 'BUY' ? lastQuote.ask : lastQuote.bid;
    const price = quoted > 0n ? quoted : (lastBar?.close ?? null);
    return price === null ? null : trailingStop(order, trail, price);
  }

  /** A closing order that waited for the market or the symbol to trade now begins: what protects the shares gives way. */
  private startExits({ symbol, resting }: SymbolBook): void {
    if (!this.protection.protects(symbol)) return;
    const exit = resting.some(({ id, orderType }) => orderType === 'MARKET' && this.isClosing(id));
    if (exit) this.protection.giveWay([symbol], () => undefined);
  }

  private isClosing(orderId: string): boolean {
    const placement = this.orders.get(orderId)?.placement;
    return placement?.positionEffect === 'REDUCE' && placement.protective === undefined;
  }

  /** The other leg was filled by so much: as many fewer shares are left to close. */
  private reduce(orderId: string, qty: Units): void {
    const order = this.orders.get(orderId);
    if (order === undefined) return;
    const left = leavesQty(order.state) - qty;
    if (left <= 0n) {
      this.apply(orderId, { kind: 'cancelled' });
      return;
    }
    order.state = { ...order.state, qty: order.state.cumQty + left };
    this.venue.reduce(order.state.symbol, orderId, left, this.clock.nowMs);
    this.journal.write(this.clock.nowMs, 'order_event', {
      ...eventBody(order.state, { kind: 'accepted' }),
      event: 'reduced',
    });
  }

  /** Applies one input. Returns why it was refused, or null; a refusal changes nothing but the journal. */
  apply(orderId: string, input: OrderInput): RefusedLine | null {
    const order = this.orders.get(orderId);
    if (order === undefined) {
      return { codes: ['InvalidTransition', 'UNKNOWN_ORDER'], message: `there is no order ${orderId}` };
    }
    const result = transition(order.state, input);
    if (!result.ok) return { codes: [result.error], message: result.message };
    const before = order.state;
    order.state = result.state;
    if (isClosed(before.status) !== isClosed(order.state.status)) this.reschedule(order);
    if (input.kind !== 'claimed') this.journal.write(this.clock.nowMs, 'order_event', eventBody(order.state, input));
    for (const effect of result.effects) this.carryOut(order, effect);
    this.answerReplacement(order, before);
    this.protection.changed(order.state, before);
    return null;
  }

  /** Asks for a cancel. A virtual exchange answers at once. What was sent in the order's place is cancelled with it. */
  cancel(orderId: string): RefusedLine | null {
    const replacedBy = this.orders.get(orderId)?.replacedBy ?? null;
    if (replacedBy !== null && this.working.has(replacedBy)) this.cancel(replacedBy);
    const refusal = this.apply(orderId, { kind: 'cancel_requested' });
    if (refusal !== null || !this.venue.automatic) return refusal;
    return this.apply(orderId, { kind: 'cancelled' });
  }

  /** Cancels every order that the broker may have. Legs that it does not work yet end with their parent. */
  cancelAll(): void {
    for (const [id, { state, placement }] of [...this.working])
      if (state.status !== 'NEW' || placement.protective?.leg !== true) this.cancel(id);
  }

  /** A replacement that the broker refuses leaves the order as it was. */
  private answerReplacement({ state, replacedBy }: WorkingOrder, before: OrderState): void {
    if (replacedBy !== null && before.pending === 'REPLACE' && state.pending === 'NONE' && !isClosed(state.status))
      this.apply(replacedBy, { kind: 'rejected' });
    if (state.status !== 'REJECTED' || before.status === 'REJECTED') return;
    for (const [id, old] of this.working)
      if (old.replacedBy === state.id && old.state.pending === 'REPLACE') this.apply(id, { kind: 'replace_rejected' });
  }

  /** Cancels the orders that open risk, or those of them that are wanted. */
  cancelOpening(wanted: (order: WorkingOrder) => boolean = () => true): void {
    for (const [id, order] of [...this.working])
      if (order.placement.positionEffect === 'OPEN' && wanted(order)) this.cancel(id);
  }

  /** Closes the orders whose time is up. */
  expireDue(): void {
    if (this.nextExpiryMs > this.clock.nowMs) return;
    for (const [id, order] of [...this.working]) {
      if (order.expiryMs === null || order.expiryMs > this.clock.nowMs) continue;
      order.expiryMs = null;
      // Legs that the broker does not work yet end with their parent.
      if (order.placement.protective?.leg === true && order.state.status === 'NEW') continue;
      if (order.placement.cancelledAtExpiry === true) this.cancel(id);
      else this.apply(id, { kind: 'expired' });
    }
    this.reschedule();
  }

  private onMatch(orderId: string, executions: readonly Execution[], done: boolean): void {
    for (const { qty, price } of executions) {
      this.executions += 1;
      this.apply(orderId, { kind: 'fill', executionId: String(this.executions), qty, price, atMs: this.clock.nowMs });
    }
    if (done) this.apply(orderId, { kind: 'cancelled' });
  }

  /** Keeps the working set, the venue and the next expiry in step with an order that closed or came alive again. */
  private reschedule(changed?: WorkingOrder): void {
    if (changed !== undefined) {
      const { id, symbol, status } = changed.state;
      if (isClosed(status)) {
        this.working.delete(id);
        this.venue.remove(symbol, id);
      } else this.working.set(id, changed);
    }
    let next = Number.POSITIVE_INFINITY;
    for (const { expiryMs } of this.working.values()) if (expiryMs !== null && expiryMs < next) next = expiryMs;
    this.nextExpiryMs = next;
  }

  private carryOut(order: WorkingOrder, effect: OrderEffect): void {
    const { state } = order;
    switch (effect.kind) {
      case 'fill_booked': {
        const fee = this.account.bookFill(state, effect.executionId, effect.qty, effect.price);
        if (order.placement.positionEffect === 'OPEN') this.account.openedFills += effect.qty * effect.price;
        this.account.attribute(order.placement.strategy, state, effect.qty);
        this.writeFill(state, effect, formatMoney(fee));
        break;
      }
      case 'fill_busted':
      case 'fill_corrected':
        this.account.amend(state, effect);
        this.account.attribute(order.placement.strategy, state, changedQty(effect));
        this.writeFill(state, effect);
        break;
      case 'open_break':
        this.listener.onBreak(state.symbol, state.id, effect.cause);
        break;
      case 'reduce_trading':
        this.listener.onReduceTrading(state.id);
        break;
      // A duplicate, a conflict, a change of status and what waits show in the order event itself.
      default:
    }
  }

  private writeFill(
    state: OrderState,
    effect: OrderEffect & { executionId: string; qty: Units; price: Units },
    fee?: string,
  ): void {
    const { symbol, side, id } = state;
    this.journal.write(this.clock.nowMs, 'fill', {
      execution_id: effect.executionId,
      fee,
      id,
      kind: effect.kind,
      price: formatUnits(effect.price),
      qty: formatUnits(effect.qty),
      ref_execution_id: effect.kind === 'fill_corrected' ? effect.refExecutionId : undefined,
      side,
      symbol,
    });
    const { ledger } = this.account;
    const position = positionOf(ledger, symbol);
    this.journal.write(this.clock.nowMs, 'account', {
      cash: formatMoney(ledger.cash),
      equity: formatMoney(this.account.equity()),
      fees: formatMoney(ledger.fees),
      position: {
        cost: formatMoney(position.cost),
        qty: formatUnits(position.qty),
        realised: formatMoney(position.realised),
        symbol,
      },
    });
  }
}

const changedQty = (effect: Extract<OrderEffect, { kind: 'fill_busted' | 'fill_corrected' }>): Units =>
  effect.kind === 'fill_busted' ? -effect.qty : effect.qty - effect.fromQty;

const NO_FLAGS: readonly string[] = [];

function priceText(price: Units | null): string | null {
  return price === null ? null : formatUnits(price);
}

function placedBody(state: OrderState, placement: Placement): JournalBody {
  return {
    expires_at: placement.expiryMs === null ? null : isoTime(placement.expiryMs),
    id: state.id,
    leg: placement.protective?.leg === true ? true : undefined,
    limit_price: priceText(state.limitPrice),
    order_type: state.orderType,
    qty: formatUnits(state.qty),
    side: state.side,
    signal_id: placement.signalId,
    stop_price: priceText(state.stopPrice),
    symbol: state.symbol,
    time_in_force: state.timeInForce,
  };
}

function eventBody(state: OrderState, input: OrderInput): JournalBody {
  return {
    avg_price: formatUnits(avgPrice(state)),
    cum_qty: formatUnits(state.cumQty),
    event: input.kind,
    execution_id: 'executionId' in input ? input.executionId : undefined,
    flags: state.flags.length === 0 ? NO_FLAGS : [...state.flags].sort(),
    id: state.id,
    leaves_qty: formatUnits(leavesQty(state)),
    pending: state.pending,
    ref_execution_id: 'refExecutionId' in input ? input.refExecutionId : undefined,
    status: displayStatus(state),
  };
}
