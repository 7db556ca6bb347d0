import { sideBySide, underLease } from '../runtime/lease-role';
import type { Held, RoleContext } from '../runtime/role';
import { runBreakGlass } from './break-glass';
import { runDrills } from './drill';
import { runFlattenBeforeClose } from './flatten-before-close';
import { haltRounds } from './halt-round';
import { reconciliationRounds } from './reconciliation-rounds';

/** Reconciles, sees halts through and closes before the bell, side by side, under the reconciliation lease; carries out kill drills; books what was done without it. */
export async function runPortfolio(role: RoleContext): Promise<void> {
  const books = (held: Held) =>
    sideBySide(held, [reconciliationRounds(role, held), haltRounds(role, held), runFlattenBeforeClose(role, held)]);
  await Promise.all([underLease(role, 'reconciliation', books), runDrills(role), runBreakGlass(role)]);
}
