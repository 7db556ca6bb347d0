import type { ExecutionContext } from '@/server/application/execution/dependencies';
import { reconcileOrders } from '@/server/application/execution/reconcile-orders';
import { verifyHalt } from '@/server/application/execution/verify-halt';
import { SupersededError } from '@/server/application/ports/lease';
import type { RoleContext } from '../runtime/role';

const ACKNOWLEDGE_WAIT_MS = 4_000;
/** How far back the broker's activities are read again while a halt is being verified. */
const OVERLAP_MS = 10_000;

const describe = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** One look at the halt in force, if there is one. @returns whether one is in force and not verified yet */
export async function haltRound(role: RoleContext, context: ExecutionContext): Promise<boolean> {
  const { parts, log } = role;
  const { books, trading } = parts;
  let halt = await context.persist(() => books.halt());
  if (halt === null) return false;
  try {
    if (!halt.acknowledged) {
      // Whoever halted may have died in between: the worker finishes what was begun.
      await trading.acknowledgeHalt(halt.id, ACKNOWLEDGE_WAIT_MS);
      await trading.auditHalt(halt.id);
      halt = (await context.persist(() => books.halt())) ?? halt;
    }
    const { activityCursorMs } = await context.persist(() => books.account());
    if (!halt.verified && activityCursorMs !== null) {
      await reconcileOrders(context, books, { settleMs: 0, cursorMs: activityCursorMs, overlapMs: OVERLAP_MS });
    }
    return !(await verifyHalt(context, books, halt));
  } catch (error) {
    if (error instanceof SupersededError || context.signal.aborted) throw error;
    const { id } = halt;
    const counts = await context.persist(() => books.haltCounts(id));
    await context.persist(() => books.saveHaltProgress(id, { ...counts, lastError: describe(error) }));
    log.warn({ err: error, haltId: id }, 'the halt is not verified yet');
    return !halt.verified;
  }
}
