import type { WorkerParts } from '@/server/composition/worker';
import { subjectOf } from './broker-watch';
import type { Role } from './role';

const CHECK_MS = 1_000;
/** Shorter interruptions are reconnections, not outages. */
const GRACE_MS = 5_000;
const KIND = 'ENGINE';

interface Engine {
  readonly name: string;
  /** Why it does not answer; null while it does, or is not used. */
  readonly fault: string | null;
  readonly consequence: string;
}

export interface EngineWatch {
  readonly parts: {
    readonly bus: Pick<WorkerParts['bus'], 'engine' | 'health'>;
    readonly quotes: Pick<WorkerParts['quotes'], 'health'>;
    readonly alerts: WorkerParts['alerts'];
    readonly clock: Pick<WorkerParts['clock'], 'nowMs' | 'sleep'>;
  };
  readonly log: { debug(data: object, message: string): void };
  readonly signal: AbortSignal;
}

function enginesOf({ bus, quotes }: EngineWatch['parts']): readonly Engine[] {
  const events = bus.health();
  const quoteStore = quotes.health();
  return [
    {
      name: 'NATS',
      fault: bus.engine === 'nats' && events.state === 'away' ? events.fault : null,
      consequence: 'events are read from Postgres meanwhile; check NATS_URL and the server',
    },
    {
      name: 'Redis',
      fault: quoteStore.engine === 'redis' && quoteStore.state === 'away' ? quoteStore.fault : null,
      consequence: 'quotes are read from Postgres meanwhile; check REDIS_URL and the server',
    },
  ];
}

/**
 * Keeps an alert for each of NATS and Redis: open while it does not answer, with the reason; closed when it answers again, also
 * the alert of an earlier process, or of an engine that is no longer used.
 */
export async function watchEngines({ parts, log, signal }: EngineWatch, roles: readonly Role[]): Promise<void> {
  const { clock, alerts } = parts;
  const awaySinceMs = new Map<string, number>();
  /** Messages as last stored, empty where the alert is closed. */
  const stored = new Map<string, string>();
  while (!signal.aborted) {
    for (const { name, fault, consequence } of enginesOf(parts)) {
      const nowMs = clock.nowMs();
      if (fault === null) awaySinceMs.delete(name);
      const sinceMs = awaySinceMs.get(name) ?? nowMs;
      if (fault !== null) awaySinceMs.set(name, sinceMs);
      if (fault !== null && nowMs - sinceMs < GRACE_MS) continue;
      const message = fault === null ? '' : `${name} does not answer (${fault}): ${consequence}`;
      if (stored.get(name) === message) continue;
      const subject = subjectOf(name, roles);
      try {
        if (message === '') await alerts.resolve(KIND, subject);
        else await alerts.open(KIND, subject, message, { since: new Date(sinceMs).toISOString() });
        stored.set(name, message);
      } catch (error) {
        log.debug({ err: error }, 'the alert for an engine was not written');
      }
    }
    await clock.sleep(CHECK_MS, signal);
  }
}
