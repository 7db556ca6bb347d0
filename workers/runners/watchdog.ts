import type { Logger } from 'pino';
import { DeadMan } from '@/server/application/trading/dead-man';
import { composeWatchdog } from '@/server/composition.watchdog';
import type { Env } from '@/server/env';

const LOOK_MS = 2_000;
/** Past it a look that hangs (a database that takes connections and says nothing) is overtaken by the next. */
const LOOK_LIMIT_MS = 30_000;

/** Watches over the worker from a process of its own, whether or not there is a database. Ends when `signal` aborts. */
export async function runWatchdog(env: Env, log: Logger, signal: AbortSignal): Promise<void> {
  const parts = composeWatchdog(env);
  const deadMan = new DeadMan({
    ...parts,
    log,
    signal,
    limitMs: env.DEADMAN_SECONDS * 1_000,
    cancels: env.DEADMAN_CANCEL === '1',
    elapsedMs: () => performance.now(),
  });
  process.stdout.write(`worker ready: watchdog after ${env.DEADMAN_SECONDS} s, cancels ${env.DEADMAN_CANCEL}\n`);
  try {
    while (!signal.aborted) {
      const look = deadMan.look().catch((error: unknown) => log.error({ err: error }, 'the watchdog could not look'));
      await Promise.race([look, parts.clock.sleep(LOOK_LIMIT_MS, signal)]);
      await parts.clock.sleep(LOOK_MS, signal);
    }
  } finally {
    await parts.close();
  }
}
