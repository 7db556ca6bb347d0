import type { BrokerHealth } from '@/server/application/ports/broker';
import type { WorkerParts } from '@/server/composition/worker';
import { ROLES, type Role, type WorkerStatus } from './role';

const LOOK_MS = 1_000;
/** Who has asked the broker nothing for so long only stands by: its word on the broker is worth nothing. */
const STANDBY_AFTER_MS = 15_000;
const KIND = 'BROKER';

export interface BrokerWatch {
  readonly parts: Pick<WorkerParts, 'brokerHealth' | 'alerts' | 'clock'>;
  readonly log: { debug(data: object, message: string): void; warn(data: object, message: string): void };
  readonly status: WorkerStatus;
  readonly signal: AbortSignal;
}

/** An alert's subject: one for the whole worker, one for each process where the roles are split. */
export const subjectOf = (what: string, roles: readonly Role[]): string =>
  roles.length === ROLES.length ? what : `${what} (${roles.join(', ')})`;

/**
 * Opens the alert for a worker that cannot start because of the broker. `watchBroker` of the started worker closes it.
 * @throws the store's error
 */
export async function alertUnstarted(
  { alerts, brokerHealth }: Pick<WorkerParts, 'alerts' | 'brokerHealth'>,
  roles: readonly Role[],
): Promise<void> {
  const health = brokerHealth();
  if (health.state !== 'OK') await tell(alerts, subjectOf('broker', roles), health);
}

/**
 * Puts the broker's health into the heartbeat and keeps the alert about it: open while it is bad, with what to do; closed
 * when it is well again, also one that a process before us left.
 */
export async function watchBroker({ parts, log, status, signal }: BrokerWatch, roles: readonly Role[]): Promise<void> {
  const subject = subjectOf('broker', roles);
  let reported: string | null = null;
  while (!signal.aborted) {
    const health = parts.brokerHealth();
    status['brokerHealth'] = health;
    const word = `${health.state} ${health.detail}`;
    if (isOurs(health, parts.clock.nowMs()) && word !== reported) {
      try {
        await tell(parts.alerts, subject, health);
        if (health.state !== 'OK') log.warn({ state: health.state, detail: health.detail }, 'the broker is not well');
        reported = word;
      } catch (error) {
        log.debug({ err: error }, 'the alert on the broker was not written');
      }
    }
    await parts.clock.sleep(LOOK_MS, signal);
  }
}

const isOurs = ({ lastCallMs }: BrokerHealth, nowMs: number): boolean =>
  lastCallMs !== null && nowMs - lastCallMs < STANDBY_AFTER_MS;

async function tell(alerts: BrokerWatch['parts']['alerts'], subject: string, health: BrokerHealth): Promise<void> {
  const { state, detail, sinceMs } = health;
  if (state === 'OK') await alerts.resolve(KIND, subject);
  else await alerts.open(KIND, subject, detail, { state, since: new Date(sinceMs).toISOString() });
}
