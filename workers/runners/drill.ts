import { runDrill } from '@/server/application/halt/drill/run-drill';
import { underLease } from '../runtime/lease-role';
import type { Held, RoleContext } from '../runtime/role';
import { Wake } from '../runtime/wake';

const POLL_MS = 2_000;

async function drills(role: RoleContext, held: Held): Promise<void> {
  const { parts, venue, log, persist } = role;
  const wake = new Wake();
  const deafen = role.onOutbox(wake);
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
      } else await wake.wait(POLL_MS, held.signal);
    }
  } finally {
    deafen();
  }
}

/** Carries out kill drills, one worker at a time. */
export function runDrills(role: RoleContext): Promise<void> {
  return underLease(role, 'drill', (held) => drills(role, held));
}
