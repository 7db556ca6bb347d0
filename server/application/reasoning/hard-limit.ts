import { ReasonerError } from '@/server/application/ports/reasoner';

export const SOFT_TIMEOUT_MS = 8_000;
/** From the question to the outcome, including queueing and both attempts. */
export const HARD_TIMEOUT_MS = 15_000;

export interface TimeLimits {
  readonly softMs: number;
  readonly hardMs: number;
}

export const TIME_LIMITS: TimeLimits = { softMs: SOFT_TIMEOUT_MS, hardMs: HARD_TIMEOUT_MS };

export interface HardLimit {
  /** Aborts when the hard limit has passed or the process stops. */
  readonly signal: AbortSignal;
  readonly slow: boolean;
  /** Resolves with the work's result; rejects at the limit even if the work ignores its abort signal. @throws ReasonerError */
  within<T>(work: Promise<T>): Promise<T>;
  /** Frees the timers. */
  done(): void;
}

/** Starts both limits. Calls `onSlow` when the soft limit passes. */
export function startLimit({ softMs, hardMs }: TimeLimits, outer: AbortSignal, onSlow: () => void): HardLimit {
  const controller = new AbortController();
  let slow = false;
  let reject: (error: ReasonerError) => void = () => undefined;
  const gone = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  gone.catch(() => undefined);
  const end = (kind: 'TIMEOUT' | 'STOPPED', message: string) => {
    const error = new ReasonerError(kind, message);
    reject(error);
    controller.abort(error);
  };
  const stop = () => end('STOPPED', 'the process is stopping');
  const soft = setTimeout(() => {
    slow = true;
    onSlow();
  }, softMs);
  const hard = setTimeout(() => end('TIMEOUT', `no memo within ${hardMs / 1_000} s`), hardMs);
  outer.addEventListener('abort', stop, { once: true });
  if (outer.aborted) stop();
  return {
    signal: controller.signal,
    get slow() {
      return slow;
    },
    within: (work) => Promise.race([work, gone]),
    done() {
      clearTimeout(soft);
      clearTimeout(hard);
      outer.removeEventListener('abort', stop);
    },
  };
}
