import {
  type Broker,
  type BrokerAccount,
  BrokerError,
  type CancelAllAnswer,
  type CancelOutcome,
  type NewBrokerOrder,
  type SubmitOutcome,
  type TradeEvent,
  type TradeUpdate,
} from '@/server/application/ports/broker';
import { parseUnits } from '@/server/kernel/money';
import { BrokerBook, type Execution, filledQty, type HeldOrder, isOpen, viewOf } from './broker-book';
import type { VirtualClock } from './virtual-clock';

/** What becomes of the next send. `late` is taken in only after the sender has given up. */
export type SendFault = 'none' | 'refused' | 'lost' | 'reply-lost' | 'late' | 'rate-limited' | 'filled-at-once';
export type CancelFault = 'none' | 'lost' | 'reply-lost' | 'rate-limited' | 'too-late';

type SendOptions = Parameters<Broker['submit']>[1];

/** Who sends. `pastCheck`: it was stopped between its last check and the send; nothing but the broker's own refusal of a
 * client order id that it has seen stands between that send and a second order. */
export interface Sender {
  readonly token: string;
  readonly pastCheck: boolean;
}

/** An order on its way to the broker. */
interface Coming {
  readonly terms: NewBrokerOrder;
  readonly atMs: number;
}

const PRICE = parseUnits('100');

/** How long after a send was given up it may still be taken in: less than the time after which "no such order" counts. */
const LATE_BY_MS = 1_800;

const ENDS = { canceled: 'CANCELLED', expired: 'EXPIRED', rejected: 'REJECTED' } as const;

/**
 * A broker in memory with a truth of its own. It may refuse client order ids that it has seen (`enforcing`), or take whatever
 * comes, so that a blind re-send shows as a second order. What happens at it arrives in trade updates that a test delivers.
 */
export class ModelBroker implements Broker {
  readonly book = new BrokerBook();
  /** Updates that are not delivered yet, oldest first. */
  readonly updates: TradeUpdate[] = [];
  /** Orders sent by a worker that had been stopped between its last check and the send. */
  readonly sentPastCheck = new Set<string>();
  /** Promises that were broken, in words. */
  readonly offences: string[] = [];
  readonly sendFaults: SendFault[] = [];
  readonly cancelFaults: CancelFault[] = [];
  /** So many of the next queries get no answer. */
  failingQueries = 0;
  /** So many queries are answered before. */
  skippedQueries = 0;
  /** Of the worker that holds the leases. */
  newestToken = '0';
  /** Called when a send arrives, before anything becomes of it. */
  onSend: (terms: NewBrokerOrder) => Promise<void> = async () => undefined;

  private readonly time: VirtualClock;
  private readonly enforcing: boolean;
  private coming: Coming[] = [];
  /** Sent, the answer not known to have been had, and not looked up since. */
  private readonly inDoubt = new Set<string>();
  private names = 0;

  constructor(time: VirtualClock, enforcing: boolean) {
    this.time = time;
    this.enforcing = enforcing;
  }

  /** Takes in what was on its way. */
  land(): void {
    const nowMs = this.time.nowMs();
    const due = this.coming.filter(({ atMs }) => atMs <= nowMs);
    this.coming = this.coming.filter(({ atMs }) => atMs > nowMs);
    for (const { terms } of due) this.takeIn(terms);
  }

  get nothingComing(): boolean {
    return this.coming.length === 0;
  }

  name(kind: string): string {
    this.names += 1;
    return `${kind}-${this.names}`;
  }

  tell(order: HeldOrder, event: TradeEvent, changes: Partial<TradeUpdate> = {}): void {
    order.updatedAtMs = this.time.nowMs();
    this.updates.push({
      event,
      order: viewOf(order),
      fill: null,
      refExecutionId: null,
      atMs: order.updatedAtMs,
      ...changes,
    });
  }

  trade(order: HeldOrder, qty: bigint, price: bigint, options: { named: boolean; listedAfterMs: number }): void {
    const id = this.name('exec');
    const atMs = this.time.nowMs();
    const cumQty = filledQty(order) + qty;
    const first = { id, qty, price, cumQty };
    order.executions.push({ id, first, qty, price, busted: false, atMs, listedAtMs: atMs + options.listedAfterMs });
    if (isOpen(order)) order.status = this.statusAfterFill(order);
    else order.tradedLate = true;
    if (cumQty > order.terms.qty) order.overfilled = true;
    this.tell(order, 'FILL', { fill: { executionId: options.named ? id : null, qty, price, atMs } });
  }

  /** Cancels that were asked for take effect. */
  finishCancels(): void {
    for (const order of this.book.open()) if (order.status === 'pending_cancel') this.finish(order, 'canceled');
  }

  /** The order ends by the broker's word. */
  finish(order: HeldOrder, status: 'canceled' | 'expired' | 'rejected'): void {
    order.status = status;
    this.tell(order, ENDS[status]);
  }

  /** Takes an execution back, or changes it; an order that was filled may work again. */
  amend(order: HeldOrder, execution: Execution, change: { readonly qty: bigint; readonly price: bigint } | null): void {
    const ref = execution.id;
    const atMs = this.time.nowMs();
    if (change === null) execution.busted = true;
    else Object.assign(execution, { ...change, id: this.name('exec') });
    if (isOpen(order) || order.status === 'filled') {
      const filled = filledQty(order);
      const working = filled > 0n ? 'partially_filled' : 'new';
      if (filled >= order.terms.qty) order.status = 'filled';
      else if (order.status !== 'pending_cancel') order.status = working;
    }
    const fill = change === null ? null : { executionId: execution.id, ...change, atMs };
    this.tell(order, change === null ? 'FILL_BUSTED' : 'FILL_CORRECTED', { refExecutionId: ref, fill });
  }

  private statusAfterFill(order: HeldOrder): HeldOrder['status'] {
    if (filledQty(order) >= order.terms.qty) return 'filled';
    return order.status === 'pending_cancel' ? 'pending_cancel' : 'partially_filled';
  }

  private takeIn(terms: NewBrokerOrder): HeldOrder {
    const nowMs = this.time.nowMs();
    const order: HeldOrder = {
      externalOrderId: this.name('order'),
      terms,
      status: 'new',
      executions: [],
      submittedAtMs: nowMs,
      updatedAtMs: nowMs,
      tradedLate: false,
      overfilled: false,
    };
    this.book.orders.push(order);
    this.tell(order, 'ACCEPTED');
    return order;
  }

  private query<T>(answer: () => T): Promise<T> {
    this.land();
    if (this.skippedQueries > 0) this.skippedQueries -= 1;
    else if (this.failingQueries > 0) {
      this.failingQueries -= 1;
      return Promise.reject(new BrokerError('uncertain', 'no answer'));
    }
    return Promise.resolve(answer());
  }

  account = () =>
    this.query((): BrokerAccount => {
      const cash = this.book.cash();
      const equity = this.book.equity();
      return { accountId: 'model', cash, equity, buyingPower: cash, lastEquity: equity, tradingBlocked: false };
    });

  clock = () =>
    this.query(() => ({ marketTimeMs: this.time.nowMs(), isOpen: true, nextOpenMs: null, nextCloseMs: null }));
  calendar = () => this.query(() => []);
  positions = () => this.query(() => this.book.positionRows());
  openOrders = () => this.query(() => this.book.open().map(viewOf));
  endedOrders = (ids: ReadonlySet<string>) =>
    this.query(() => {
      const open = new Set(this.book.open());
      return this.book.orders
        .filter((order) => !open.has(order))
        .map(viewOf)
        .filter((order) => ids.has(order.externalOrderId));
    });
  activitiesAfter = (afterMs: number) => this.query(() => this.book.activities(afterMs, this.time.nowMs()));
  orderById = (id: string) => this.query(() => this.viewed(this.book.byId(id)));

  orderByClientId = (id: string) =>
    this.query(() => {
      this.inDoubt.delete(id);
      return this.viewed(this.book.byClientId(id));
    });

  private viewed = (order: HeldOrder | null) => (order === null ? null : viewOf(order));

  /** A send of the newest worker. */
  submit(terms: NewBrokerOrder, options: SendOptions): Promise<SubmitOutcome> {
    return this.submitFrom({ token: this.newestToken, pastCheck: false }, terms, options);
  }

  async submitFrom(sender: Sender, terms: NewBrokerOrder, { timeoutMs, signal }: SendOptions): Promise<SubmitOutcome> {
    this.land();
    if (signal?.aborted === true) return { kind: 'uncertain', cause: 'aborted' };
    await this.onSend(terms);
    const id = terms.clientOrderId;
    const { pastCheck } = sender;
    if (pastCheck) this.sentPastCheck.add(id);
    if (Number(sender.token) < Number(this.newestToken) && !pastCheck)
      this.offences.push(`${id} was sent by a worker that had been superseded`);
    if (this.inDoubt.has(id) && !pastCheck) this.offences.push(`${id} was sent again without a look-up`);
    const fault = this.sendFaults.shift() ?? 'none';
    if (fault === 'rate-limited') return { kind: 'rate_limited', retryAfterMs: 500 };
    if (fault === 'refused') return { kind: 'refused', status: 403, code: 'model', message: 'refused' };
    this.inDoubt.add(id);
    if ((this.enforcing || pastCheck) && this.book.byClientId(id) !== null) return { kind: 'duplicate' };
    switch (fault) {
      case 'none':
        return { kind: 'accepted', order: viewOf(this.takeIn(terms)) };
      case 'filled-at-once': {
        const order = this.takeIn(terms);
        const accepted = viewOf(order);
        this.trade(order, terms.qty, terms.limitPrice ?? PRICE, { named: true, listedAfterMs: 0 });
        return { kind: 'accepted', order: accepted };
      }
      case 'reply-lost':
        this.takeIn(terms);
        break;
      case 'late':
        this.coming.push({ terms, atMs: this.time.nowMs() + timeoutMs + LATE_BY_MS });
        break;
      case 'lost':
        break;
    }
    await this.time.advance(timeoutMs);
    return { kind: 'uncertain', cause: 'no answer in time' };
  }

  async cancel(externalOrderId: string): Promise<CancelOutcome> {
    this.land();
    const fault = this.cancelFaults.shift() ?? 'none';
    if (fault === 'rate-limited') return { kind: 'rate_limited', retryAfterMs: 500 };
    if (fault === 'lost') return { kind: 'uncertain', cause: 'no answer' };
    const order = this.book.byId(externalOrderId);
    if (order === null) return { kind: 'not_found' };
    if (!isOpen(order)) return { kind: 'too_late', message: `order is ${order.status}` };
    if (fault === 'too-late') {
      const rest = order.terms.qty - filledQty(order);
      this.trade(order, rest, PRICE, { named: true, listedAfterMs: 0 });
      return { kind: 'too_late', message: 'filled' };
    }
    order.status = 'pending_cancel';
    order.updatedAtMs = this.time.nowMs();
    return fault === 'reply-lost' ? { kind: 'uncertain', cause: 'no answer' } : { kind: 'taken' };
  }

  async cancelAll(): Promise<CancelAllAnswer> {
    const open = await this.query(() => this.book.open());
    for (const order of open) order.status = 'pending_cancel';
    return { asked: open.length, refused: [] };
  }
}
