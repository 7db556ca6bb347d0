import type { Execution } from '@/server/domain/exchange/types';
import { transition } from '@/server/domain/order/lifecycle';
import { type NewOrder, newOrder } from '@/server/domain/order/new-order';
import type { OrderEffect, OrderInput, OrderState } from '@/server/domain/order/types';
import { avgPrice, displayStatus, isClosed, leavesQty } from '@/server/domain/order/view';
import { positionOf } from '@/server/domain/position/ledger';
import { isoTime } from '@/server/kernel/iso-time';
import { formatMoney, formatUnits, type Units } from '@/server/kernel/money';
import type { PositionEffect } from '@/server/kernel/vocabulary';
import type { ReplayAccount } from '@/server/replay/account';
import type { Journal, JournalBody } from '@/server/replay/journal';
import type { MarketClock } from '@/server/replay/market-clock';
import type { SymbolBooks } from '@/server/replay/symbol-book';
import { Venue, type VenueTerms } from '@/server/replay/venue';

/** What goes with an order beside its terms. */
export interface Placement {
  readonly signalId: string | null;
  /** Epoch ms when it expires; `null` for orders that stay. */
  readonly expiryMs: number | null;
  /** Price the order was sized or judged with; reserves buying power while it works. `null` where unknown. */
  readonly referencePrice: Units | null;
  readonly positionEffect: PositionEffect;
}

export interface WorkingOrder {
  state: OrderState;
  readonly placement: Placement;
}

/** Why a line was refused. */
export interface RefusedLine {
  readonly codes: readonly string[];
  readonly message: string;
}

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
  private readonly venue: Venue;
  private executions = 0;

  constructor(
    terms: VenueTerms,
    books: SymbolBooks,
    private readonly clock: MarketClock,
    private readonly account: ReplayAccount,
    private readonly journal: Journal,
    private readonly listener: OrderManagerListener,
  ) {
    this.venue = new Venue(terms, books, (id, executions, done) => this.onMatch(id, executions, done));
  }

  get exchange(): Venue {
    return this.venue;
  }

  /** Places an order: it counts as sent. A virtual exchange accepts it at once and may fill it. */
  place(terms: NewOrder, placement: Placement): void {
    const order: WorkingOrder = { state: newOrder(terms), placement };
    this.orders.set(terms.id, order);
    this.working.set(terms.id, order);
    this.reschedule();
    this.journal.write(this.clock.nowMs, 'order', placedBody(order.state, placement));
    this.apply(terms.id, { kind: 'claimed' });
    if (!this.venue.automatic) return;
    this.apply(terms.id, { kind: 'accepted' });
    const { state } = order;
    this.venue.place(
      { ...state, leavesQty: state.qty, acceptedAtMs: this.clock.nowMs, triggered: false },
      this.clock.isOpen(),
    );
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
    return null;
  }

  /** Asks for a cancel. A virtual exchange answers at once. */
  cancel(orderId: string): RefusedLine | null {
    const refusal = this.apply(orderId, { kind: 'cancel_requested' });
    if (refusal !== null || !this.venue.automatic) return refusal;
    return this.apply(orderId, { kind: 'cancelled' });
  }

  cancelAll(): void {
    for (const id of [...this.working.keys()]) this.cancel(id);
  }

  /** Cancels the orders that open risk. */
  cancelOpening(): void {
    for (const [id, { placement }] of [...this.working]) if (placement.positionEffect === 'OPEN') this.cancel(id);
  }

  /** Closes the orders whose time is up. */
  expireDue(): void {
    if (this.nextExpiryMs > this.clock.nowMs) return;
    for (const [id, { placement }] of [...this.working]) {
      if (placement.expiryMs !== null && placement.expiryMs <= this.clock.nowMs) this.apply(id, { kind: 'expired' });
    }
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
    for (const { placement } of this.working.values()) {
      if (placement.expiryMs !== null && placement.expiryMs < next) next = placement.expiryMs;
    }
    this.nextExpiryMs = next;
  }

  private carryOut(order: WorkingOrder, effect: OrderEffect): void {
    const { state } = order;
    switch (effect.kind) {
      case 'fill_booked': {
        const fee = this.account.bookFill(state, effect.executionId, effect.qty, effect.price);
        if (order.placement.positionEffect === 'OPEN') this.account.openedFills += effect.qty * effect.price;
        this.writeFill(state, effect, formatMoney(fee));
        break;
      }
      case 'fill_busted':
      case 'fill_corrected':
        this.account.amend(state, effect);
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

const NO_FLAGS: readonly string[] = [];

function priceText(price: Units | null): string | null {
  return price === null ? null : formatUnits(price);
}

function placedBody(state: OrderState, placement: Placement): JournalBody {
  return {
    expires_at: placement.expiryMs === null ? null : isoTime(placement.expiryMs),
    id: state.id,
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
