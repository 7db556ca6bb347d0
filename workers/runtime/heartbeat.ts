import type { WorkerParts } from '@/server/composition/worker';
import type { Role, RoleContext } from './role';

const BEAT_MS = 2_000;

/** The engines in words, as the console shows them. */
function engines({ bus, quotes }: WorkerParts): Record<string, string> {
  const { state, behind, replaced } = bus.health();
  const left = behind === null || behind === 0 ? '' : `, ${behind} to hand on`;
  const lost = replaced === 0 ? '' : `, stream made again ${replaced} ×`;
  const quoteStore = quotes.health();
  return {
    bus: `${bus.engine} ${state}${left}${lost}`,
    quoteStore:
      quoteStore.engine === 'postgres'
        ? 'postgres'
        : `redis ${quoteStore.state}, ${quoteStore.stored} stored, ${quoteStore.skipped} skipped`,
  };
}

/** Tells every 2 s that this process lives, and what it sees. */
export async function runHeartbeat(context: RoleContext, roles: readonly Role[]): Promise<void> {
  const { parts, holder, signal, status, log, venue } = context;
  const startedAtMs = parts.clock.nowMs();
  while (!signal.aborted) {
    const rssMb = Math.round(process.memoryUsage().rss / 1_048_576);
    status['brokerHealth'] = parts.brokerHealth();
    const info = { environment: venue.environment, source: venue.source, rssMb, ...engines(parts), ...status };
    try {
      await parts.worker.beat({ id: holder, roles, startedAtMs, info });
    } catch (error) {
      log.debug({ err: error }, 'a heartbeat was not written');
    }
    await parts.clock.sleep(BEAT_MS, signal);
  }
  await parts.worker.gone(holder).catch(() => undefined);
}
