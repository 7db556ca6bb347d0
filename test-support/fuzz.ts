/** Runs of a property in `npm test`: this share of the full number, but no fewer than {@link LEAST}. */
const SHARE = 0.1;
const LEAST = 200;
/** `npm test` tries the same cases each time; CI and `npm run verify` try others each time, and all of them. */
const SEED = 20_260_105;

/**
 * Parameters of a property test (fast-check).
 * @param fullRuns runs in CI and with FUZZ=full
 */
export function fuzz(fullRuns: number): { numRuns: number; seed?: number } {
  if (process.env['FUZZ'] === 'full' || process.env['CI'] === 'true') return { numRuns: fullRuns };
  return { numRuns: Math.min(fullRuns, Math.max(LEAST, Math.round(fullRuns * SHARE))), seed: SEED };
}
