import type { ExecutionContext } from '@/server/application/execution-context';
import { openOrdersOfHalt } from '@/server/application/halt/halt-orders';
import { sweepHalt, verifyHalt } from '@/server/application/halt/verify-halt';
import { SupersededError } from '@/server/application/ports/lease';
import type { HaltRow } from '@/server/application/ports/reconciliation-store';
import { Notifier } from '@/server/kernel/notifier';
import type { Held, RoleContext } from '../runtime/role';
import { executionContext } from './execution-context';

const ACKNOWLEDGE_WAIT_MS = 4_000;
/** How far back the broker's activities are read again while a halt is being verified. */
const OVERLAP_MS = 10_000;
/** Between two looks while a halt is not verified. */
const LOOK_MS = 200;
/** Between two looks at a halt that is verified: whatever works then is cancelled too. */
const VERIFIED_LOOK_MS = 5_000;

const describe = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** One look at the halt in force. @returns whether it is verified */
async function haltRound(role: RoleContext, context: ExecutionContext, inForce: HaltRow): Promise<boolean> {
  const { parts, log } = role;
  const { books, trading, urgent } = parts;
  let halt = inForce;
  try {
    if (!halt.acknowledged) {
      // Cancels need not wait for a sender that still holds the send lock.
      await sweepHalt(context, books, halt, urgent.requests);
      // The process that halted may have died in between: the worker finishes what was begun.
      await trading.acknowledgeHalt(halt.id, ACKNOWLEDGE_WAIT_MS);
      await trading.auditHalt(halt.id);
      halt = (await context.persist(() => books.halt())) ?? halt;
    }
    const { verified } = halt;
    const openOrders = () => openOrdersOfHalt(context, books, verified, OVERLAP_MS);
    return await verifyHalt(context, books, halt, { openOrders, requests: urgent.requests });
  } catch (error) {
    if (error instanceof SupersededError || context.signal.aborted) throw error;
    const { id } = halt;
    const counts = await context.persist(() => books.haltCounts(id));
    // As the failed look left it: when everything was last cancelled must not be lost.
    const progress = (await context.persist(() => books.halt()))?.progress ?? halt.progress;
    const next = { ...progress, ...counts, lastError: describe(error) };
    await context.persist(() => books.saveHaltProgress(context.fence, id, next));
    log.warn({ err: error, haltId: id }, 'the halt is not verified yet');
    return halt.verified;
  }
}

/** Sees halts through, beside the ordinary rounds: a halt waits for none of them. Its requests go before all others. */
export async function haltRounds(role: RoleContext, held: Held): Promise<void> {
  const context: ExecutionContext = { ...executionContext(role, held), broker: role.parts.urgent.broker };
  const changed = new Notifier();
  const unsubscribe = role.onOutbox(changed);
  let lookedMs = Number.NEGATIVE_INFINITY;
  try {
    while (!held.signal.aborted) {
      const halt = await context.persist(() => role.parts.books.halt());
      const due = halt !== null && (!halt.verified || performance.now() - lookedMs >= VERIFIED_LOOK_MS);
      if (due) lookedMs = performance.now();
      const verified = due ? await haltRound(role, context, halt) : true;
      if (verified) await changed.wait(role.parts.clock, VERIFIED_LOOK_MS, held.signal);
      else await role.parts.clock.sleep(LOOK_MS, held.signal);
    }
  } finally {
    unsubscribe();
  }
}
