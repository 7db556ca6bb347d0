/** A quote may be dated this far ahead of the market: clocks differ a little, in wall time, and are read now and then. */
const MAX_AHEAD_MS = 60_000;
const MAX_AHEAD_WALL_MS = 2_000;

/**
 * Age of a quote in market ms. One from slightly ahead of the market is new; one from far ahead is of another time, and its age is
 * not known: null.
 * @param speed market seconds a wall second
 */
export function quoteAgeMs(marketNowMs: number, quotedAtMs: number, speed: number): number | null {
  const ageMs = marketNowMs - quotedAtMs;
  // Written so that a time that is none is far ahead.
  if (!(ageMs >= -Math.max(MAX_AHEAD_MS, MAX_AHEAD_WALL_MS * speed))) return null;
  return Math.max(0, ageMs);
}
