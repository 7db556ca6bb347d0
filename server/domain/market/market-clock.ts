/** The broker's clock as it was last read. Times are epoch ms; `speed` is market time per wall time. */
export interface MarketClockReading {
  readonly isOpen: boolean;
  readonly marketTimeMs: number;
  readonly observedAtMs: number;
  readonly nextCloseMs: number | null;
  readonly speed: number;
}

/**
 * The broker's clock is read every few seconds. A reading older than this says nothing about now: neither the gate nor a send
 * relies on it.
 */
export const CLOCK_MAX_AGE_MS = 10_000;

/** Whether something of this age may be relied on; an unknown age may not. */
export const isRecent = (ageMs: number | null, limitMs: number): boolean => ageMs !== null && ageMs <= limitMs;

/** The market's time now, epoch ms. */
export function marketNow(
  clock: Pick<MarketClockReading, 'marketTimeMs' | 'observedAtMs' | 'speed'>,
  nowMs: number,
): number {
  return clock.marketTimeMs + (nowMs - clock.observedAtMs) * clock.speed;
}

/** Whether the market is open: it was open when the clock was read, and the close has not passed since. */
export function isMarketOpen(clock: MarketClockReading, nowMs: number): boolean {
  return clock.isOpen && (clock.nextCloseMs === null || marketNow(clock, nowMs) < clock.nextCloseMs);
}
