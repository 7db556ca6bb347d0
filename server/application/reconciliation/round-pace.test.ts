import { describe, expect, test } from 'vitest';
import { nextInterval, paceText, ROUND_MS, type RoundEnd } from './round-pace';

const quick: RoundEnd = { ms: 300, waitedMs: 0, limitedMs: null };
const after = (everyMs: number, ...rounds: Partial<RoundEnd>[]) =>
  rounds.reduce((every, round) => nextInterval(every, { ...quick, ...round }), everyMs);

describe('the time from one round to the next', () => {
  test.each([
    ['is 5 s where nothing stands in the way', [{}, {}], 5_000],
    ['doubles when the broker refuses', [{ limitedMs: 1_000 }], 10_000],
    ['is at least what the broker asks for', [{ limitedMs: 42_000 }], 42_000],
    ['is never more than a minute', [{ limitedMs: 300_000 }, { limitedMs: 300_000 }], 60_000],
    ['grows while rounds wait for their place under the limit', [{ waitedMs: 3_000 }, { waitedMs: 400 }], 11_250],
    ['leaves a slow round time to end', [{ ms: 20_000 }], 25_000],
    ['shrinks again, a step a round', [{ limitedMs: 10_000 }, {}, {}], 5_625],
  ] as const)('%s', (_name, rounds, expected) => {
    expect(after(ROUND_MS, ...rounds)).toBe(expected);
  });

  test('is reported once it is longer than usual, and from 15 s on with what that means', () => {
    expect(paceText(5_000)).toBe('');
    expect(paceText(10_000)).toMatch(/^every 10 s only/);
    expect(paceText(10_000)).not.toMatch(/nothing opens/);
    expect(paceText(20_000)).toMatch(/every 20 s.*nothing opens/);
  });
});
