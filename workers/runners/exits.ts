import type { ExecutionContext } from '@/server/application/execution-context';
import { Exits } from '@/server/application/exits/run-exits';
import { Notifier } from '@/server/kernel/notifier';
import type { Held, RoleContext } from '../runtime/role';

/** Between two looks at open exits. */
const LOOK_MS = 300;
/** Longest wait for an event that announces an exit. */
const IDLE_MS = 1_000;

/** Carries exits on, under the execution lease. */
export async function runExits(role: RoleContext, held: Held, context: ExecutionContext): Promise<void> {
  const { exits, orders, alerts, clock } = role.parts;
  const running = new Exits({ context, exits, orders, alerts });
  const changed = new Notifier();
  const unsubscribe = role.onOutbox(changed);
  try {
    while (!held.signal.aborted) {
      const open = await running.pass();
      role.status['exits'] = open;
      if (open > 0) await clock.sleep(LOOK_MS, held.signal);
      else await changed.wait(clock, IDLE_MS, held.signal);
    }
  } finally {
    unsubscribe();
  }
}
