import type { ExecutionContext } from '@/server/application/execution/dependencies';
import { reconcile } from '@/server/application/execution/reconcile';
import { SupersededError } from '@/server/application/ports/lease';
import { sideBySide, underLease } from '../runtime/lease-role';
import type { Held, RoleContext } from '../runtime/role';
import { runDrills } from './drill';
import { executionContext } from './execution-context';
import { haltRounds } from './halt-round';

const ROUND_MS = 5_000;
const SETTLE_MS = 5_000;
/** A broker's statement may be late by minutes; the simulator's is not. */
const OVERLAP_MS = { SIM: 10_000, PAPER: 600_000, LIVE: 600_000 } as const;
const ALERT_AFTER = 3;

const describe = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function round(role: RoleContext, context: ExecutionContext, first: boolean): Promise<void> {
  const { parts, venue, log, status } = role;
  const { books } = parts;
  try {
    await reconcile(context, books, {
      openingSignedBy: venue.environment === 'SIM' ? 'system (simulator)' : null,
      overlapMs: OVERLAP_MS[venue.environment],
      settleMs: first ? 0 : SETTLE_MS,
    });
    status['reconciliation'] = 'good';
  } catch (error) {
    if (error instanceof SupersededError || context.signal.aborted) throw error;
    const failed = await context.persist(() => books.failRound());
    status['reconciliation'] = `failed ${failed} time(s): ${describe(error)}`;
    const level = failed > ALERT_AFTER ? 'error' : 'warn';
    log[level]({ err: error, failed }, 'a reconciliation round failed: nothing is concluded from it');
  }
}

async function rounds(role: RoleContext, held: Held): Promise<void> {
  const context = executionContext(role, held);
  let first = true;
  while (!held.signal.aborted) {
    const dueMs = performance.now() + ROUND_MS;
    await round(role, context, first);
    first = false;
    await role.parts.clock.sleep(Math.max(50, dueMs - performance.now()), held.signal);
  }
}

/** Reconciles every 5 s and sees halts through, side by side, under the reconciliation lease; and carries out kill drills. */
export async function runPortfolio(role: RoleContext): Promise<void> {
  const books = (held: Held) => sideBySide(held, [rounds(role, held), haltRounds(role, held)]);
  await Promise.all([underLease(role, 'reconciliation', books), runDrills(role)]);
}
