import type { Role, RoleContext } from './role';

const BEAT_MS = 2_000;

/** Tells every 2 s that this process lives, and what it sees. */
export async function runHeartbeat(context: RoleContext, roles: readonly Role[]): Promise<void> {
  const { parts, holder, signal, status, log, venue } = context;
  const startedAtMs = parts.clock.nowMs();
  while (!signal.aborted) {
    const rssMb = Math.round(process.memoryUsage().rss / 1_048_576);
    status['brokerHealth'] = parts.brokerHealth();
    const info = { environment: venue.environment, source: venue.source, rssMb, ...status };
    try {
      await parts.worker.beat({ id: holder, roles, startedAtMs, info });
    } catch (error) {
      log.debug({ err: error }, 'a heartbeat was not written');
    }
    await parts.clock.sleep(BEAT_MS, signal);
  }
  await parts.worker.gone(holder).catch(() => undefined);
}
