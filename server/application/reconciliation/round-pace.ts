/** A round begins this long after the one before, as long as the broker lets it. */
export const ROUND_MS = 5_000;
const MAX_ROUND_MS = 60_000;
/** Waiting less than this for the broker's rate limit is none. */
const NO_WAIT_MS = 250;
/** Past this the gate refuses what opens risk: it knows too little. */
const STALE_MS = 15_000;

export interface RoundEnd {
  readonly ms: number;
  /** Of it, waiting for the broker's rate limit. */
  readonly waitedMs: number;
  /** Set when the broker, or our own budget of requests, refused to go on: not before so long from now. */
  readonly limitedMs: number | null;
}

const within = (ms: number) => Math.round(Math.min(MAX_ROUND_MS, Math.max(ROUND_MS, ms)));

/**
 * The time from one round to the next, given what the last one met with. It grows when the broker's rate limit stopped the
 * round or made it wait, or when the round took longer than that; otherwise it shrinks again, slower than it grew.
 */
export function nextInterval(everyMs: number, { ms, waitedMs, limitedMs }: RoundEnd): number {
  if (limitedMs !== null) return within(Math.max(everyMs * 2, limitedMs));
  if (waitedMs > NO_WAIT_MS || ms > everyMs) return within(Math.max(everyMs * 1.5, ms * 1.25));
  return within(everyMs * 0.75);
}

/** What people read of the pace; empty for the usual one. */
export function paceText(everyMs: number): string {
  if (everyMs <= ROUND_MS) return '';
  const seconds = Math.round(everyMs / 1_000);
  const stale = everyMs >= STALE_MS ? '; in between nothing opens, for what is known is older than 15 s' : '';
  return `every ${seconds} s only, for the broker's rate limit and its answers leave no room for more${stale}`;
}
