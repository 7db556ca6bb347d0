import type { BrokerOrder } from '@/server/application/ports/broker';
import type { HaltRow, ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import type { ExecutionContext } from './dependencies';
import { failpoint } from './failpoint';
import { SEND_TIMEOUT_MS } from './submit-order';

/** A round that begins this long after the acknowledgement begins after every send has ended. */
export const SENDS_OVER_MS = SEND_TIMEOUT_MS + 500;

/** The broker's open orders that a halt must end: all but our flattens. */
async function workingAtBroker(
  context: ExecutionContext,
): Promise<{ working: readonly BrokerOrder[]; flattens: number }> {
  const open = await context.broker.openOrders();
  const live = await context.persist(() => context.store.live());
  const flattens = new Set(live.filter(({ kind }) => kind === 'FLATTEN').map(({ state }) => state.id));
  const working = open.filter(({ clientOrderId }) => !flattens.has(clientOrderId));
  return { working, flattens: open.length - working.length };
}

/** Cancels what works: all at once where nothing but that works, otherwise one by one. */
async function cancelWorking(
  context: ExecutionContext,
  working: readonly BrokerOrder[],
  flattens: number,
): Promise<string | null> {
  const { broker } = context;
  const pending = working.filter(({ rawStatus }) => rawStatus !== 'pending_cancel');
  if (pending.length === 0) return null;
  if (flattens === 0) {
    const { refused } = await broker.cancelAll();
    return refused.length === 0 ? null : `${refused.length} cancel(s) were refused`;
  }
  let fault: string | null = null;
  for (const order of pending) {
    const outcome = await broker.cancel(order.externalOrderId);
    if (outcome.kind === 'uncertain') fault = outcome.cause;
  }
  return fault;
}

/**
 * One look at a halt that is in force: cancels whatever works, counts, and marks it verified when this look began after every
 * send had ended and found nothing working but flattens, here and at the broker, and no order in doubt.
 * @param halt as read before this look began
 * @returns whether the halt is verified
 */
export async function verifyHalt(
  context: ExecutionContext,
  books: Pick<ReconciliationStore, 'haltCounts' | 'saveHaltProgress' | 'verifyHalt'>,
  halt: HaltRow,
): Promise<boolean> {
  const { persist, log } = context;
  const beganMs = halt.sinceAcknowledgedMs;
  const { working, flattens } = await workingAtBroker(context);
  const fault = await cancelWorking(context, working, flattens);
  failpoint('halt-cancelled');
  const counts = await persist(() => books.haltCounts(halt.id));
  const progress = { ...counts, at_broker: working.length, lastError: fault };
  await persist(() => books.saveHaltProgress(halt.id, progress));
  const clean = working.length === 0 && counts.working === 0 && counts.uncertain === 0 && fault === null;
  if (halt.verified || !clean || beganMs === null || beganMs < SENDS_OVER_MS) return halt.verified;
  await persist(() => books.verifyHalt(halt.id));
  failpoint('halt-verified');
  log.info({ haltId: halt.id, ...counts }, 'halt verified: nothing works any more');
  return true;
}
