import { expect, test } from 'vitest';
import { exitHold } from './exit-hold';

test.each([
  [{ symbolUncertain: false, held: true, coversOtherSells: true }, null],
  [{ symbolUncertain: false, held: true, coversOtherSells: false }, 'OTHER_SELL'],
  [{ symbolUncertain: true, held: true, coversOtherSells: true }, 'UNCERTAIN_ORDER'],
  [{ symbolUncertain: true, held: false, coversOtherSells: false }, 'UNCERTAIN_ORDER'],
  // More than is held: not held back, but never sent.
  [{ symbolUncertain: false, held: false, coversOtherSells: false }, null],
] as const)('%o is held back by %s', (facts, hold) => {
  expect(exitHold(facts)).toBe(hold);
});
