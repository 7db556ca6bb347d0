import type { Logger } from 'pino';
import { DeadMan } from '@/server/application/halt/dead-man';
import { WorkerWatch } from '@/server/application/halt/worker-watch';
import type { Env } from '@/server/composition/env';
import { composeWatchdog } from '@/server/composition/watchdog';
import { WATCHDOG } from '../runtime/role';

const LOOK_MS = 2_000;
/** Past it a look that hangs (a database that takes connections and says nothing) is overtaken by the next. */
const LOOK_LIMIT_MS = 30_000;

/** Watches over the worker from a process of its own, whether or not there is a database. Ends when `signal` aborts. */
export async function runWatchdog(env: Env, log: Logger, holder: string, signal: AbortSignal): Promise<void> {
  const { worker, cancels: readCancels, ...parts } = composeWatchdog(env);
  const cancels = await readCancels();
  const deadMan = new DeadMan({
    ...parts,
    cancels,
    log,
    signal,
    limitMs: env.DEADMAN_SECONDS * 1_000,
    elapsedMs: () => performance.now(),
  });
  const workerWatch = new WorkerWatch({ ...parts, elapsedMs: () => performance.now() });
  // A row of its own, also where it shares a process with other roles: its beat must not pass for a worker's.
  const id = `${WATCHDOG}-${holder}`;
  const startedAtMs = parts.clock.nowMs();
  /** Looks, then tells that it did: a watchdog that hangs falls silent. */
  const look = async () => {
    const begunMs = performance.now();
    await deadMan.check().catch((error: unknown) => log.error({ err: error }, 'the watchdog could not look'));
    await workerWatch.check().catch((error: unknown) => log.debug({ err: error }, 'heartbeats could not be read'));
    const info = { lastLookMs: Math.round(performance.now() - begunMs), cancels: cancels ? 'on' : 'off' };
    await worker
      .beat({ id, roles: [WATCHDOG], startedAtMs, info: { ...info, afterSeconds: env.DEADMAN_SECONDS } })
      .catch((error: unknown) => log.debug({ err: error }, 'a heartbeat was not written'));
  };
  process.stdout.write(`worker ready: watchdog after ${env.DEADMAN_SECONDS} s, cancels ${cancels ? 1 : 0}\n`);
  try {
    while (!signal.aborted) {
      // The limit ends with the look: waits that nobody needs any more would pile up on the signal.
      const limit = new AbortController();
      const stop = () => limit.abort();
      signal.addEventListener('abort', stop, { once: true });
      await Promise.race([look(), parts.clock.sleep(LOOK_LIMIT_MS, limit.signal)]);
      signal.removeEventListener('abort', stop);
      stop();
      await parts.clock.sleep(LOOK_MS, signal);
    }
    await worker.gone(id).catch(() => undefined);
  } finally {
    await parts.close();
  }
}
