import type { ExecutionContext } from '@/server/application/execution-context';
import { BrokerError, type CancelAllAnswer } from '@/server/application/ports/broker';
import type { HaltOrder, HaltRow, ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { SEND_TIMEOUT_MS } from '@/server/application/sending/submit-order';
import { failpoint } from '@/server/kernel/failpoint';
import type { WorkingOrders } from './halt-orders';

/** Where a sender was disconnected its request may still be under way: a look that begins this late begins after it. */
export const SENDS_OVER_MS = SEND_TIMEOUT_MS + 500;
/** The sweep cancels everything at once, then 1, 2, 4 and 8 s after the first time, then every 8 s (H-2). */
const SWEEP_FIRST_MS = 1_000;
const SWEEP_MOST_MS = 8_000;
/** In the hold, lists unreadable for this long bring back the cancel of everything. */
const UNREADABLE_MS = 5_000;
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
  /** What works at the broker, asked for now; what else it tells on the way is booked. Throws BrokerError. */
  readonly openOrders: () => Promise<WorkingOrders>;
  /** Requests that this process has sent to the broker for halts, ever. */
  readonly requests: () => number;
}

const count = (value: unknown) => (typeof value === 'number' && value > 0 ? value : 0);
const timeOf = (value: unknown) => (typeof value === 'number' ? value : null);

/** Time between the n-th cancel of everything and the next, ms. */
export const sweepPauseMs = (sent: number): number =>
  Math.min(SWEEP_FIRST_MS * 2 ** Math.max(0, sent - 2), SWEEP_MOST_MS);

/** Whether a moment lies so far back. A clock that was set back holds nothing up. */
const passed = (sinceMs: number, nowMs: number, ms: number) => nowMs < sinceMs || nowMs - sinceMs >= ms;

/** Actions of one verification pass, as the progress lists them. */
class Look {
  cancelAll: number;
  cancelAllAtMs: number | null;
  /** Since when the list of open orders could not be read. */
  unreadableSinceMs: number | null;
  fault: string | null = null;
  refused: CancelAllAnswer['refused'][number][] = [];
  private readonly requestsBefore: number;

  constructor(
    readonly context: ExecutionContext,
    readonly books: HaltBooks,
    readonly halt: HaltRow,
    private readonly requests: () => number,
  ) {
    const { progress } = halt;
    this.cancelAll = count(progress['cancel_all']);
    this.cancelAllAtMs = timeOf(progress['cancel_all_at']);
    this.unreadableSinceMs = timeOf(progress['unreadable_since']);
    this.requestsBefore = requests();
  }

  /** Figures that the next look goes on from. */
  progress() {
    return {
      cancel_all: this.cancelAll,
      cancel_all_at: this.cancelAllAtMs,
      unreadable_since: this.unreadableSinceMs,
      requests: count(this.halt.progress['requests']) + this.requests() - this.requestsBefore,
    };
  }

  private sweepDue(): boolean {
    const nowMs = this.context.clock.nowMs();
    const pauseOver = this.cancelAllAtMs === null || passed(this.cancelAllAtMs, nowMs, sweepPauseMs(this.cancelAll));
    if (!this.halt.verified) return pauseOver;
    const since = this.unreadableSinceMs;
    return since !== null && passed(since, nowMs, UNREADABLE_MS) && pauseOver;
  }

  /** One request for everything, whatever is known to work. It is written down before it leaves. */
  async sweep(): Promise<void> {
    if (!this.sweepDue()) return;
    const { broker, persist, fence, clock } = this.context;
    await persist(() => this.books.cancelAllSent(fence));
    this.cancelAll += 1;
    this.cancelAllAtMs = clock.nowMs();
    const kept = { ...this.halt.progress, ...this.progress() };
    await persist(() => this.books.saveHaltProgress(fence, this.halt.id, kept));
    const answer = await this.asking(() => broker.cancelAll());
    if (answer !== null) this.refused.push(...answer.refused);
    failpoint('halt-cancelled');
  }

  /** What works at the broker; null when the list could not be read. An error that is not the broker's is kept for the end. */
  async list(openOrders: HaltLookOptions['openOrders']): Promise<{ working: WorkingOrders | null; error: unknown }> {
    try {
      const working = await openOrders();
      this.unreadableSinceMs = null;
      return { working, error: null };
    } catch (error) {
      this.unreadableSinceMs ??= this.context.clock.nowMs();
      this.fault = error instanceof Error ? error.message : String(error);
      return { working: null, error: error instanceof BrokerError ? null : error };
    }
  }

  /** What the broker does not answer is reported, and does not end the pass: what was done so far must be kept. */
  private async asking<T>(question: () => Promise<T>): Promise<T | null> {
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      this.fault = error.message;
      return null;
    }
  }

  /** The hold: one by one, those whose last cancel is long enough ago, so that a flatten lives. */
  async cancelSingly(externalOrderIds: readonly string[], ours: ReadonlyMap<string, HaltOrder>): Promise<void> {
    const { broker, store, persist, fence } = this.context;
    const due = externalOrderIds.filter((externalOrderId) => {
      const agoMs = ours.get(externalOrderId)?.cancelSentAgoMs ?? null;
      return agoMs === null || agoMs >= CANCEL_AGAIN_MS;
    });
    for (const externalOrderId of due.slice(0, SINGLES)) {
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

/** What a halt lets work: orders that close positions or protect them (H-2). */
const survives = ({ kind }: HaltOrder) => kind === 'FLATTEN' || kind === 'PROTECTIVE';

/** What still works although its cancel was sent, and why. */
function stuckOf(look: Look, orders: readonly HaltOrder[], working: WorkingOrders | null) {
  const ours = orders
    .filter((order) => !survives(order) && order.cancelFault !== null)
    .map(({ orderId, symbol, cancelFault }) => ({ order_id: orderId, symbol, why: cancelFault ?? '' }));
  const known = byExternalId(orders);
  const others = (working?.open ?? []).flatMap(({ externalOrderId, symbol }) => {
    const refusal = look.refused.find((each) => each.externalOrderId === externalOrderId);
    return known.has(externalOrderId) || refusal === undefined
      ? []
      : [{ order_id: externalOrderId, symbol, why: refusal.message }];
  });
  const unreadable = (working?.unreadable ?? []).map(({ id, symbol, why }) => ({
    order_id: id ?? '',
    symbol: symbol ?? '',
    why: `it cannot be read: ${why}`,
  }));
  return [...ours, ...others, ...unreadable].slice(0, STUCK_SHOWN);
}

/** What a list shows beyond the flattens and stops of ours, and what of it has not been cancelled yet. */
async function remaining(look: Look, working: WorkingOrders) {
  const orders = await look.context.persist(() => look.books.haltOrders());
  const surviving = new Set(orders.filter(survives).map(({ orderId }) => orderId));
  const open = working.open.filter(({ clientOrderId }) => !surviving.has(clientOrderId));
  const uncancelled = open.filter(({ cancelPending }) => !cancelPending).map(({ externalOrderId }) => externalOrderId);
  return {
    count: open.length + working.unreadable.length,
    pending: [...uncancelled, ...working.unreadable.flatMap(({ id }) => id ?? [])],
    ours: byExternalId(orders),
  };
}

/** Cancels everything as long as the halt is not verified, without waiting for its acknowledgement (H-2). */
export async function sweepHalt(
  context: ExecutionContext,
  books: HaltBooks,
  halt: HaltRow,
  requests: HaltLookOptions['requests'],
): Promise<void> {
  await new Look(context, books, halt, requests).sweep();
}

/**
 * One look at a halt that is in force: cancels whatever works, books what the broker tells, counts, and marks the halt
 * verified when this look began after every send had ended and found nothing working but flattens and protective
 * stops, here and at the broker, and no order in doubt. A few requests, however many orders work.
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
  const look = new Look(context, books, halt, options.requests);
  await look.sweep();
  const { working, error } = await look.list(options.openOrders);
  const rest = working === null ? null : await remaining(look, working);
  if (rest !== null && halt.verified) await look.cancelSingly(rest.pending, rest.ours);
  if (look.refused.length > 0) await persist(() => books.cancelsRefused(look.refused));
  const counts = await persist(() => books.haltCounts(halt.id));
  const progress = {
    ...counts,
    at_broker: rest?.count ?? null,
    stuck: stuckOf(look, await persist(() => books.haltOrders()), working),
    lastError: look.fault,
    ...look.progress(),
  };
  await persist(() => books.saveHaltProgress(fence, halt.id, progress));
  if (error !== null) throw error;
  const began = halt.sinceAcknowledgedMs;
  // A sender that released the send lock itself had ended its send by then (ADR-0011).
  const sendsOver = began !== null && (halt.endedHolders === 0 || began >= SENDS_OVER_MS);
  const clean = rest?.count === 0 && counts.working === 0 && counts.uncertain === 0 && look.fault === null;
  if (halt.verified || !clean || !sendsOver) return halt.verified;
  await persist(() => books.verifyHalt(fence, halt.id));
  failpoint('halt-verified');
  log.info({ haltId: halt.id, ...counts, requests: progress.requests }, 'halt verified: nothing works any more');
  return true;
}
