import { runDrill } from '@/server/application/halt/drill/run-drill';
import { Notifier } from '@/server/kernel/notifier';
import { underLease } from '../runtime/lease-role';
import type { Held, RoleContext } from '../runtime/role';

const POLL_MS = 2_000;

async function drills(role: RoleContext, held: Held): Promise<void> {
  const { parts, venue, log, persist } = role;
  const changed = new Notifier();
  const unsubscribe = role.onOutbox(changed);
  try {
    while (!held.signal.aborted) {
      const drill = await persist(() => parts.drills.open());
      if (drill !== null) {
        const run = {
          drills: parts.drills,
          commands: parts.commands,
          placements: parts.placements,
          storeSignal: parts.worker.storeSignal,
          clock: parts.clock,
          signal: held.signal,
          requestsPerMinute: parts.urgent.requestsPerMinute,
          broker: parts.broker,
          environment: venue.environment,
          log,
        };
        await runDrill(run, drill);
      } else await changed.wait(role.parts.clock, POLL_MS, held.signal);
    }
  } finally {
    unsubscribe();
  }
}

/** Carries out kill drills, one worker at a time. */
export function runDrills(role: RoleContext): Promise<void> {
  return underLease(role, 'drill', (held) => drills(role, held));
}
