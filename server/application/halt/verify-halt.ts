import type { ExecutionContext } from '@/server/application/execution-context';
import { BrokerError, type BrokerOrder, type CancelAllAnswer } from '@/server/application/ports/broker';
import type { HaltOrder, HaltRow, ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { SEND_TIMEOUT_MS } from '@/server/application/sending/submit-order';
import { failpoint } from '@/server/kernel/failpoint';

/** Where a sender was disconnected its request may still be under way: a look that begins this late begins after it. */
export const SENDS_OVER_MS = SEND_TIMEOUT_MS + 500;
/** Between two cancels of everything, doubled each time up to the limit. */
const CANCEL_ALL_FIRST_MS = 500;
const CANCEL_ALL_MOST_MS = 8_000;
/** A single cancel is repeated after this long. */
const CANCEL_AGAIN_MS = 2_000;
/** Single cancels of one look, at most: the broker's rate limit is for everybody. */
const SINGLES = 20;
const STUCK_SHOWN = 20;

export type HaltBooks = Pick<
  ReconciliationStore,
  'haltOrders' | 'haltCounts' | 'cancelAllSent' | 'cancelsRefused' | 'saveHaltProgress' | 'verifyHalt'
>;

export interface HaltLookOptions {
  /** The broker's open orders, asked for now; what else it tells on the way is booked. Throws BrokerError. */
  readonly openOrders: () => Promise<readonly BrokerOrder[]>;
  /** Requests that this process has sent to the broker for halts, ever. */
  readonly requests: () => number;
}

const count = (value: unknown) => (typeof value === 'number' && value > 0 ? value : 0);

/** Whether everything may be cancelled again. A clock that was set back does not hold it up. */
function cancelAllDue({ cancelAll, cancelAllAtMs }: Look, nowMs: number): boolean {
  if (cancelAllAtMs === null) return true;
  const pauseMs = Math.min(CANCEL_ALL_FIRST_MS * 2 ** Math.max(0, cancelAll - 1), CANCEL_ALL_MOST_MS);
  const sinceMs = nowMs - cancelAllAtMs;
  return sinceMs < 0 || sinceMs >= pauseMs;
}

/** One look's doings, as they are told in the progress. */
class Look {
  cancelAll: number;
  cancelAllAtMs: number | null;
  fault: string | null = null;
  refused: CancelAllAnswer['refused'][number][] = [];

  constructor(
    readonly context: ExecutionContext,
    readonly books: HaltBooks,
    { progress }: HaltRow,
  ) {
    this.cancelAll = count(progress['cancel_all']);
    this.cancelAllAtMs = typeof progress['cancel_all_at'] === 'number' ? progress['cancel_all_at'] : null;
  }

  /** One request for all of them; written down before it leaves. */
  async cancelEverything(): Promise<void> {
    const { broker, persist, fence, clock } = this.context;
    await persist(() => this.books.cancelAllSent(fence));
    this.cancelAll += 1;
    this.cancelAllAtMs = clock.nowMs();
    const answer = await this.asking(() => broker.cancelAll());
    if (answer !== null) this.refused.push(...answer.refused);
  }

  /** What the broker does not answer is told, and does not end the look: what it did so far must be kept. */
  async asking<T>(question: () => Promise<T>): Promise<T | null> {
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      this.fault = error.message;
      return null;
    }
  }

  /** Beside a flatten that must live: one by one, those whose last cancel is long enough ago. */
  async cancelSingly(pending: readonly BrokerOrder[], ours: ReadonlyMap<string, HaltOrder>): Promise<void> {
    const { broker, store, persist, fence } = this.context;
    const due = pending.filter(({ externalOrderId }) => {
      const agoMs = ours.get(externalOrderId)?.cancelSentAgoMs ?? null;
      return agoMs === null || agoMs >= CANCEL_AGAIN_MS;
    });
    for (const { externalOrderId } of due.slice(0, SINGLES)) {
      const known = ours.get(externalOrderId);
      if (known !== undefined) await persist(() => store.cancelSent(fence, known.orderId));
      const outcome = await broker.cancel(externalOrderId);
      if (outcome.kind === 'too_late') this.refused.push({ externalOrderId, status: 422, message: outcome.message });
      if (outcome.kind === 'uncertain') this.fault = outcome.cause;
      if (outcome.kind === 'rate_limited') {
        this.fault = "the broker's rate limit leaves no room for more cancels now";
        return;
      }
    }
  }
}

const byExternalId = (orders: readonly HaltOrder[]) =>
  new Map(orders.flatMap((each) => (each.externalOrderId === null ? [] : [[each.externalOrderId, each] as const])));

const flattening = (orders: readonly HaltOrder[]) => orders.some(({ kind }) => kind === 'FLATTEN');

/** What still works although its cancel was sent, and why. */
function stuckOf(look: Look, orders: readonly HaltOrder[], working: readonly BrokerOrder[]) {
  const ours = orders
    .filter(({ kind, cancelFault }) => kind !== 'FLATTEN' && cancelFault !== null)
    .map(({ orderId, symbol, cancelFault }) => ({ order_id: orderId, symbol, why: cancelFault ?? '' }));
  const known = byExternalId(orders);
  const others = working.flatMap(({ externalOrderId, symbol }) => {
    const refusal = look.refused.find((each) => each.externalOrderId === externalOrderId);
    return known.has(externalOrderId) || refusal === undefined
      ? []
      : [{ order_id: externalOrderId, symbol, why: refusal.message }];
  });
  return [...ours, ...others].slice(0, STUCK_SHOWN);
}

/** Cancels whatever works, all at once where nothing but that works. @returns what worked as this look began; null: not known */
async function cancelWorking(
  look: Look,
  openOrders: HaltLookOptions['openOrders'],
): Promise<readonly BrokerOrder[] | null> {
  const { context, books } = look;
  const first = await context.persist(() => books.haltOrders());
  // Known to work: cancelled before anything else is asked.
  const known = first.some(({ kind, externalOrderId }) => kind !== 'FLATTEN' && externalOrderId !== null);
  if (known && look.cancelAll === 0 && !flattening(first)) await look.cancelEverything();
  const open = await look.asking(openOrders);
  if (open === null) return null;
  const ours = await context.persist(() => books.haltOrders());
  const flattens = new Set(ours.filter(({ kind }) => kind === 'FLATTEN').map(({ orderId }) => orderId));
  const working = open.filter(({ clientOrderId }) => !flattens.has(clientOrderId));
  const pending = working.filter(({ cancelPending }) => !cancelPending);
  if (pending.length > 0 && flattens.size > 0) await look.cancelSingly(pending, byExternalId(ours));
  else if (pending.length > 0 && cancelAllDue(look, context.clock.nowMs())) await look.cancelEverything();
  failpoint('halt-cancelled');
  if (look.refused.length > 0) await context.persist(() => books.cancelsRefused(look.refused));
  return working;
}

/**
 * One look at a halt that is in force: cancels whatever works, books what the broker tells, counts, and marks the halt
 * verified when this look began after every send had ended and found nothing working but flattens, here and at the broker,
 * and no order in doubt. A few requests, however many orders work.
 * @param halt as read before this look began
 * @returns whether the halt is verified
 */
export async function verifyHalt(
  context: ExecutionContext,
  books: HaltBooks,
  halt: HaltRow,
  options: HaltLookOptions,
): Promise<boolean> {
  const { persist, log, fence } = context;
  const requestsBefore = options.requests();
  const look = new Look(context, books, halt);
  const working = await cancelWorking(look, options.openOrders);
  const counts = await persist(() => books.haltCounts(halt.id));
  const progress = {
    ...counts,
    at_broker: working?.length ?? null,
    stuck: stuckOf(look, await persist(() => books.haltOrders()), working ?? []),
    lastError: look.fault,
    cancel_all: look.cancelAll,
    cancel_all_at: look.cancelAllAtMs,
    requests: count(halt.progress['requests']) + options.requests() - requestsBefore,
  };
  await persist(() => books.saveHaltProgress(fence, halt.id, progress));
  const began = halt.sinceAcknowledgedMs;
  // Whoever let go of the send lock by itself had ended its send by then (ADR-0011).
  const sendsOver = began !== null && (halt.endedHolders === 0 || began >= SENDS_OVER_MS);
  const clean = working?.length === 0 && counts.working === 0 && counts.uncertain === 0 && look.fault === null;
  if (halt.verified || !clean || !sendsOver) return halt.verified;
  await persist(() => books.verifyHalt(fence, halt.id));
  failpoint('halt-verified');
  log.info({ haltId: halt.id, ...counts, requests: progress.requests }, 'halt verified: nothing works any more');
  return true;
}
