import type { ExecutionContext } from '@/server/application/execution-context';
import { PositionProtection } from '@/server/application/protection/protect-positions';
import { Notifier } from '@/server/kernel/notifier';
import type { Held, RoleContext } from '../runtime/role';

/** Between two looks while a position is without its stop. */
const LOOK_MS = 300;
/** Between two looks however many events come. */
const LEAST_MS = 100;
/** Longest wait for an event of an order. */
const IDLE_MS = 1_000;

/** Keeps protective stops working, under the execution lease. */
export async function runProtection(role: RoleContext, held: Held, context: ExecutionContext): Promise<void> {
  const { protection, orders, exitRequests, alerts, clock } = role.parts;
  const running = new PositionProtection({ context, protection, orders, exits: exitRequests, alerts });
  const changed = new Notifier();
  const unsubscribe = role.onOutbox(changed);
  try {
    while (!held.signal.aborted) {
      const unprotected = await running.pass();
      role.status['unprotected'] = unprotected;
      if (unprotected > 0) {
        await clock.sleep(LOOK_MS, held.signal);
        continue;
      }
      await clock.sleep(LEAST_MS, held.signal);
      await changed.wait(clock, IDLE_MS, held.signal);
    }
  } finally {
    unsubscribe();
  }
}
