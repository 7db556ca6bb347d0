import type { BookingInput, TimelineEvent } from '@/server/application/booking/booking';
import { syncOrder } from '@/server/application/booking/sync-order';
import type { ExecutionContext } from '@/server/application/execution-context';
import { BrokerError, type BrokerOrder, type SubmitOutcome } from '@/server/application/ports/broker';
import type { ClaimedOrder } from '@/server/application/ports/execution-store';
import { SupersededError } from '@/server/application/ports/lease';
import type { Topic } from '@/server/contracts/events';
import type { OrderState } from '@/server/domain/order/types';
import { monotonicMs } from '@/server/kernel/clock';
import { failpoint } from '@/server/kernel/failpoint';
import type { Slots } from '@/server/kernel/semaphore';
import { judgeSend } from './judge-send';

/** A send gives up after this long. */
export const SEND_TIMEOUT_MS = 2_000;
/** A holder of the send lock past 3 s is ended by the halt: the send must be over before. */
const LOCK_BUDGET_MS = 2_800;
const LEAST_SEND_MS = 500;
/** The broker's "no such order" counts only this long after the last send was given up. */
export const ABSENT_AFTER_MS = 3_000;
/** Between two attempts of an order that waits: doubled each time, up to the limit. */
const WAIT_FIRST_MS = 250;
const WAIT_MAX_MS = 1_000;
/** Between two attempts of an order that the broker did not take in. */
const HELD_BACK_MS = 2_000;
const LOOKUP_FIRST_MS = 250;
const LOOKUP_MAX_MS = 5_000;

type Attempt =
  | { readonly kind: 'sent'; readonly outcome: SubmitOutcome; readonly latencyMs: number }
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'never' | 'unfounded'; readonly why: string }
  /** Somebody has answered for it already. */
  | { readonly kind: 'known' };

const terms = (state: OrderState) => ({
  clientOrderId: state.id,
  symbol: state.symbol,
  side: state.side,
  qty: state.qty,
  orderType: state.orderType,
  limitPrice: state.limitPrice,
  stopPrice: state.stopPrice,
  timeInForce: state.timeInForce,
});

/** One attempt: take the send lock, judge again from what is then committed, send, let go. */
async function attempt(context: ExecutionContext, state: OrderState): Promise<Attempt> {
  const { store, broker, fence } = context;
  return store.withSendLock(fence, state.id, async ({ facts, signal, heldSinceMs }): Promise<Attempt> => {
    if (!facts.leaseHeld || facts.claimToken !== fence.token) throw new SupersededError('the order has another sender');
    if (facts.orderStatus !== 'NEW') return { kind: 'known' };
    const verdict = judgeSend(facts, context.caps);
    if (verdict.kind !== 'go') return verdict;
    const startedMs = performance.now();
    const timeoutMs = Math.min(SEND_TIMEOUT_MS, heldSinceMs + LOCK_BUDGET_MS - startedMs);
    if (timeoutMs < LEAST_SEND_MS || signal.aborted) return { kind: 'wait', why: 'the send lock was held too long' };
    failpoint('before-send');
    const outcome = await broker.submit(terms(state), { timeoutMs, signal });
    failpoint('after-send');
    return { kind: 'sent', outcome, latencyMs: Math.round(performance.now() - startedMs) };
  });
}

async function bookOne(
  context: ExecutionContext,
  orderId: string,
  item: BookingInput,
  topics: readonly Topic[] = [],
  notes: readonly TimelineEvent[] = [],
) {
  const request = { source: 'WORKER' as const, inputs: [item], notes };
  const booked = await context.persist(() => context.store.book(context.fence, { orderId }, request, topics));
  return booked.decision?.state ?? null;
}

type Next = 'done' | 'again' | 'resolve';

async function settle(
  context: ExecutionContext,
  state: OrderState,
  sent: Extract<Attempt, { kind: 'sent' }>,
): Promise<Next> {
  const { outcome, latencyMs } = sent;
  const notes = [{ type: 'sent', data: { latency_ms: latencyMs, outcome: outcome.kind } }];
  switch (outcome.kind) {
    case 'accepted':
      await bookAccepted(context, state.id, outcome.order, notes);
      return 'done';
    case 'refused': {
      const reason = `${outcome.code === '' ? outcome.status : outcome.code}: ${outcome.message}`;
      await bookOne(context, state.id, { input: { kind: 'rejected', reason } }, ['order.submitted'], notes);
      return 'done';
    }
    case 'rate_limited':
    case 'not_sent': {
      const { retryAfterMs } = outcome;
      const cause = outcome.kind === 'not_sent' ? outcome.cause : 'the broker limits the rate of orders';
      context.log.warn({ orderId: state.id, retryAfterMs, cause }, 'an order waits: nothing was taken in');
      // Not longer at a time: meanwhile it may expire, be cancelled or be halted, which the next attempt sees.
      await context.clock.sleep(Math.min(retryAfterMs, HELD_BACK_MS), context.signal);
      return 'again';
    }
    case 'duplicate':
    case 'uncertain': {
      const cause = outcome.kind === 'uncertain' ? outcome.cause : 'the broker has an order of this id already';
      context.log.warn({ orderId: state.id, cause }, 'the answer to a send is unknown: looking it up');
      await bookOne(context, state.id, { input: { kind: 'submit_uncertain' }, data: { cause } }, [], notes);
      return 'resolve';
    }
  }
}

/** The answer was given before anything could trade; what traded since comes by the stream. */
async function bookAccepted(
  context: ExecutionContext,
  orderId: string,
  order: BrokerOrder,
  notes: readonly TimelineEvent[],
): Promise<void> {
  const { externalOrderId } = order;
  const inputs: BookingInput[] = [{ input: { kind: 'accepted', externalOrderId } }];
  const request = { source: 'WORKER' as const, externalOrderId, brokerAtMs: order.submittedAtMs, inputs, notes };
  const { store, fence, persist } = context;
  await persist(() => store.book(fence, { orderId }, request, ['order.submitted']));
  failpoint('answer-booked');
}

/** Looks an uncertain order up until the broker answers. `again`: it certainly is not there and may be sent. */
async function resolve(context: ExecutionContext, orderId: string, lastSendMs: number): Promise<'done' | 'again'> {
  const { broker, store, clock, log, signal } = context;
  let pauseMs = LOOKUP_FIRST_MS;
  while (!signal.aborted) {
    const current = await context.persist(() => store.load({ orderId }));
    if (current === null || current.state.status !== 'NEW') return 'done';
    try {
      const found = await broker.orderByClientId(orderId);
      if (found !== null) {
        failpoint('looked-up');
        await syncOrder(context, found, orderId, {
          source: 'WORKER',
          infer: false,
          extraTopics: ['order.submitted'],
          notes: [{ type: 'looked_up', data: { external_order_id: found.externalOrderId } }],
        });
        return 'done';
      }
      if (monotonicMs(clock) - lastSendMs >= ABSENT_AFTER_MS) {
        const state = await bookOne(context, orderId, { input: { kind: 'submit_absent' } });
        failpoint('absent-booked');
        return state?.status === 'NEW' ? 'again' : 'done';
      }
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      log.debug({ orderId, cause: error.message }, 'look-up of an uncertain order failed');
      pauseMs = Math.min(pauseMs * 2, LOOKUP_MAX_MS);
    }
    await clock.sleep(pauseMs, signal);
  }
  return 'done';
}

export interface SubmitOptions {
  /** False for an order that was claimed by a sender that died: it may be at the broker. */
  readonly neverSent: boolean;
  /** Taken for one attempt at a time, never while the order waits or is looked up. */
  readonly slots: Slots;
}

/**
 * Carries one claimed order to an answer: sent once under the send lock, refused, or closed unsent. Returns when the broker
 * has answered for it, or the process stops; whatever is then open is uncertain and looked up by the next holder.
 */
export async function submitOrder(
  context: ExecutionContext,
  order: ClaimedOrder,
  { neverSent, slots }: SubmitOptions,
): Promise<void> {
  const { clock, signal, store, fence, holder } = context;
  const { state } = order;
  let next: Next = neverSent ? 'again' : 'resolve';
  let lastSendMs = context.leaseSinceMs;
  let claimed = neverSent;
  let waitMs = WAIT_FIRST_MS;
  if (!neverSent)
    await bookOne(context, state.id, { input: { kind: 'submit_uncertain' }, data: { cause: 'the sender stopped' } });
  while (next !== 'done' && !signal.aborted) {
    if (next === 'resolve') {
      next = await resolve(context, state.id, lastSendMs);
      claimed = false;
      continue;
    }
    if (!claimed && !(await context.persist(() => store.reclaim(fence, holder, state.id)))) return;
    if (!claimed) failpoint('reclaimed');
    claimed = true;
    const tried = await slots.use(() => context.persist(() => attempt(context, state)));
    if (tried.kind === 'known') return;
    if (tried.kind === 'wait') {
      await clock.sleep(waitMs, signal);
      waitMs = Math.min(waitMs * 2, WAIT_MAX_MS);
    } else if (tried.kind !== 'sent') {
      // First, and safe to repeat: a crash in between must not lose it.
      if (tried.kind === 'unfounded') await context.persist(() => store.reportUnfounded(state.id, tried.why));
      await bookOne(context, state.id, { input: { kind: 'cancelled', unsent: true, reason: tried.why } });
      return;
    } else {
      lastSendMs = monotonicMs(clock);
      next = await settle(context, state, tried);
      claimed = next !== 'again';
    }
  }
}
