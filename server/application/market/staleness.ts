/** Market time. The gate's own limit (`DATA_STALE`) is policy's. */
const STALE_MS = 30_000;
/** In wall time: where the market's time runs faster, a hiccup of ours is long there. */
const LEAST_WALL_MS = 2_000;

export interface QuoteTimes {
  /** Market time of the newest quote; null before the first. */
  readonly lastQuoteMs: number | null;
  /** Market time from which quotes were to be expected: the open, or the subscription. */
  readonly expectedFromMs: number;
}

/**
 * Since when a symbol is without quotes, market time, once that is too long; null while it is not, and while the market is closed.
 * @param speed market seconds a wall second
 */
export function staleSince(times: QuoteTimes, nowMs: number | null, isOpen: boolean, speed: number): number | null {
  if (nowMs === null || !isOpen) return null;
  const sinceMs = Math.max(times.lastQuoteMs ?? Number.NEGATIVE_INFINITY, times.expectedFromMs);
  return nowMs - sinceMs > Math.max(STALE_MS, LEAST_WALL_MS * speed) ? sinceMs : null;
}
