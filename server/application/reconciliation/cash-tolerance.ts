import { type Money, ONE_MONEY } from '@/server/kernel/money';
import type { VenueEnvironment } from '@/server/kernel/vocabulary';

/** No tolerance is larger, however many fills there are. */
const MOST = 5n * ONE_MONEY;

/**
 * What one amount of the broker's may be off: a real broker rounds to the cent where the ledger keeps every decimal. The
 * simulator's figures are exact.
 */
export const cashRounding = (environment: VenueEnvironment): Money => (environment === 'SIM' ? 0n : ONE_MONEY / 100n);

/** Cash that differs by at most this agrees (P-16): one rounding for the balance and one for each fill since the last clean tie-out. */
export function cashTolerance(rounding: Money, fillsSinceTieOut: number): Money {
  const tolerance = rounding * BigInt(1 + fillsSinceTieOut);
  return tolerance < MOST ? tolerance : MOST;
}
