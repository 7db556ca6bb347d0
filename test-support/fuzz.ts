/** Runs of a property in `npm test` and CI: this share of the full number, but no fewer than {@link LEAST}. */
const SHARE = 0.1;
const LEAST = 200;
/** `npm test` and CI try the same cases each time; `npm run verify` tries others each time, and all of them. */
const SEED = 20_260_105;

/**
 * Parameters of a property test (fast-check).
 * @param fullRuns runs with FUZZ=full
 */
export function fuzz(fullRuns: number): { numRuns: number; seed?: number } {
  if (process.env['FUZZ'] === 'full') return { numRuns: fullRuns };
  return { numRuns: Math.min(fullRuns, Math.max(LEAST, Math.round(fullRuns * SHARE))), seed: SEED };
}
