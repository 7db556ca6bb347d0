import { type Money, ONE_MONEY } from '@/server/kernel/money';
import type { VenueEnvironment } from '@/server/kernel/vocabulary';

/**
 * Cash that differs by less than this agrees. A real broker tells an account's cash in cents where the ledger keeps every
 * decimal: one figure rounded to the cent is off by less than one. The simulator's figures are exact.
 */
export const cashTolerance = (environment: VenueEnvironment): Money => (environment === 'SIM' ? 0n : ONE_MONEY / 100n);
