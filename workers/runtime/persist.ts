import type { Clock } from '@/server/kernel/clock';
import type { Log } from '@/server/kernel/log';

const FIRST_MS = 100;
const MAX_MS = 2_000;

export type Persist = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Repeats database work through outages, with growing pauses, until it is done or `signal` aborts. Errors that would come
 * again are thrown at once. Work that began before the abort still gets its one try.
 */
export function createPersist(
  clock: Clock,
  log: Log,
  isTransient: (error: unknown) => boolean,
  signal: AbortSignal,
): Persist {
  return async (work) => {
    for (let pauseMs = FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_MS)) {
      try {
        return await work();
      } catch (error) {
        if (signal.aborted || !isTransient(error)) throw error;
        log.warn(
          { cause: error instanceof Error ? error.message : String(error), pauseMs },
          'the database did not answer: trying again',
        );
        await clock.sleep(pauseMs, signal);
        if (signal.aborted) throw error;
      }
    }
  };
}
