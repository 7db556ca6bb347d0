import { syncOrder } from '@/server/application/booking/sync-order';
import type { ExecutionContext } from '@/server/application/execution-context';
import { BrokerError } from '@/server/application/ports/broker';
import type { ClaimedOrder } from '@/server/application/ports/execution-store';
import { SupersededError } from '@/server/application/ports/lease';
import type { OrderState } from '@/server/domain/order/types';
import { failpoint } from '@/server/kernel/failpoint';
import { Slots } from '@/server/kernel/semaphore';
import { submitOrder } from './submit-order';

/** Attempts to send at once. An order that waits, or is looked up, takes up none of them (O-14). */
const MAX_SENDING = 16;
/** A cancel without an answer is sent again after this long. */
const CANCEL_RESEND_MS = 5_000;

/** Claims, sends and cancels until it is stopped. One for all workers: it acts under the execution lease. */
export class Executor {
  private readonly context: ExecutionContext;
  private readonly inFlight = new Map<string, Promise<void>>();
  private readonly cancelling = new Map<string, Promise<void>>();
  private readonly slots = new Slots(MAX_SENDING);
  private readonly fatal: (error: unknown) => void;

  /** @param fatal receives what must end this holder: a lost lease */
  constructor(context: ExecutionContext, fatal: (error: unknown) => void) {
    this.context = context;
    this.fatal = fatal;
  }

  /** Orders that are being sent, wait to be sent, or are looked up. */
  get busy(): number {
    return this.inFlight.size;
  }

  /** Begins everything that is due, without waiting for its end. Call it when notified and every second. */
  async pass(): Promise<void> {
    const { store, persist, fence, holder, signal } = this.context;
    if (signal.aborted) return;
    for (const order of await persist(() => store.unanswered())) {
      if (!this.inFlight.has(order.state.id)) this.begin(order, false);
    }
    for (const orderId of await persist(() => store.unsentCancels())) await this.closeUnsent(orderId);
    const { room } = this.slots;
    if (room > 0) {
      for (const order of await persist(() => store.claim(fence, holder, room))) {
        failpoint('claimed');
        this.begin(order, true);
      }
    }
    for (const due of await persist(() => store.cancelsDue(CANCEL_RESEND_MS))) {
      if (!this.cancelling.has(due.orderId))
        this.track(this.cancelling, due.orderId, this.cancel(due.orderId, due.externalOrderId));
    }
  }

  /** Resolves when nothing is in flight any more. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.inFlight.values(), ...this.cancelling.values()]);
  }

  private begin(order: ClaimedOrder, neverSent: boolean): void {
    this.track(this.inFlight, order.state.id, submitOrder(this.context, order, { neverSent, slots: this.slots }));
  }

  private track(set: Map<string, Promise<void>>, id: string, work: Promise<void>): void {
    const { log, signal } = this.context;
    const done = work.then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof SupersededError) this.fatal(error);
        else if (!signal.aborted)
          log.error({ err: error, orderId: id }, 'an order could not be carried to an answer: it is looked up again');
      },
    );
    set.set(
      id,
      done.then(() => {
        set.delete(id);
      }),
    );
  }

  private async closeUnsent(orderId: string): Promise<void> {
    const { store, persist, fence } = this.context;
    const input = { kind: 'cancelled', unsent: true, reason: 'cancelled before it was sent' } as const;
    await persist(() => store.book(fence, { orderId }, { source: 'WORKER', inputs: [{ input }] }));
  }

  private async cancel(orderId: string, externalOrderId: string): Promise<void> {
    const { broker, store, persist, fence, clock, log, signal } = this.context;
    await persist(() => store.cancelSent(fence, orderId));
    failpoint('cancel-marked');
    const outcome = await broker.cancel(externalOrderId);
    failpoint('cancel-sent');
    switch (outcome.kind) {
      case 'taken':
        return persist(() => store.cancelFailed(orderId, null));
      case 'rate_limited':
        await persist(() => store.cancelFailed(orderId, "the broker's rate limit leaves no room: it is sent again"));
        return clock.sleep(outcome.retryAfterMs, signal);
      case 'uncertain':
        log.warn({ orderId, cause: outcome.cause }, 'the answer to a cancel is unknown');
        return persist(() => store.cancelFailed(orderId, outcome.cause));
      case 'too_late':
        return this.afterTooLate(orderId, externalOrderId, outcome.message);
      case 'not_found':
        return this.afterTooLate(orderId, externalOrderId, 'the broker knows no such order');
    }
  }

  /** The broker will not cancel it: what it says of the order now is the answer. */
  private async afterTooLate(orderId: string, externalOrderId: string, why: string): Promise<void> {
    const { broker, store, persist, fence, log } = this.context;
    try {
      const order = await broker.orderById(externalOrderId);
      if (order === null) return await persist(() => store.cancelFailed(orderId, why));
      if (order.cancelPending) return;
      await syncOrder(this.context, order, orderId, { source: 'WORKER', infer: false });
      const open = order.status === 'ACCEPTED' || order.status === 'PARTIALLY_FILLED' || order.status === 'PENDING';
      if (open) await persist(() => store.cancelFailed(orderId, why));
      const input = { kind: 'cancel_rejected', reason: `the broker refused the cancel: ${why}` } as const;
      // Closed there and filled here: whatever word closed it there, the cancel has its answer.
      const answered = ({ status, cancelRequested }: OrderState) => cancelRequested && (open || status === 'FILLED');
      const inputs = (state: OrderState) => (answered(state) ? [{ input }] : []);
      await persist(() => store.book(fence, { orderId }, { source: 'WORKER', inputs }));
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      log.debug({ orderId, cause: error.message }, 'look-up after a refused cancel failed: it is asked again');
    }
  }
}
