interface Clock {
  readonly isOpen: boolean;
  readonly marketTime: string;
  readonly observedAt: string;
  readonly speed: number;
}

/**
 * The market's time at a wall time: the same, unless a recording is played, then ahead by its speed from the last
 * reading. Both in epoch milliseconds.
 */
export function marketNowMs(clock: Clock | null, wallNowMs: number): number {
  if (clock === null) return wallNowMs;
  return Date.parse(clock.marketTime) + (wallNowMs - Date.parse(clock.observedAt)) * clock.speed;
}

/** Age of a quote in market seconds: what policy judges. */
export function quoteAgeSeconds(clock: Clock | null, quotedAt: string, wallNowMs: number): number {
  return Math.max(0, (marketNowMs(clock, wallNowMs) - Date.parse(quotedAt)) / 1_000);
}
