import type { ExecutionContext } from '@/server/application/execution/dependencies';
import { reconcile } from '@/server/application/execution/reconcile';
import { SupersededError } from '@/server/application/ports/lease';
import { underLease } from '../runtime/lease-role';
import type { Held, RoleContext } from '../runtime/role';
import { Wake } from '../runtime/wake';
import { executionContext } from './execution-context';
import { haltRound } from './halt-round';

const ROUND_MS = 5_000;
/** While a halt is not verified. */
const HALT_ROUND_MS = 500;
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
  const wake = new Wake();
  const deafen = role.onOutbox(wake);
  try {
    let dueMs = 0;
    let first = true;
    while (!held.signal.aborted) {
      const halting = await haltRound(role, context);
      if (performance.now() >= dueMs) {
        dueMs = performance.now() + ROUND_MS;
        await round(role, context, first);
        first = false;
      }
      if (halting) await role.parts.clock.sleep(HALT_ROUND_MS, held.signal);
      else await wake.wait(Math.max(50, dueMs - performance.now()), held.signal);
    }
  } finally {
    deafen();
  }
}

/** Reconciles every 5 s and sees halts through, under the reconciliation lease. */
export function runPortfolio(role: RoleContext): Promise<void> {
  return underLease(role, 'reconciliation', (held) => rounds(role, held));
}
