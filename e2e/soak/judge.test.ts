import { describe, expect, test } from 'vitest';
import { barFaults, figuresOf, grew } from './judge';

const M = 60_000;
const course = (resident: number[]) =>
  figuresOf({ name: 'web', samples: resident.map((residentMb) => ({ cpuPercent: 5, residentMb })) });

describe('a soak', () => {
  test.each([
    ['flat', [50, 90, 200, 200, 201, 199, 200, 202], false],
    ['warm-up does not count', [50, 60, 200, 200, 200, 200, 205, 206], false],
    ['growth does', [50, 60, 100, 110, 150, 170, 200, 220], true],
    ['a few megabytes are no growth', [5, 6, 10, 11, 15, 17, 20, 22], false],
  ])('%s', (_name, resident, expected) => {
    expect(grew(course(resident))).toBe(expected);
  });

  test('finds a bar that is missing, announced twice, never, or out of order', () => {
    const all = [0, M, 2 * M, 3 * M];
    expect(barFaults({ symbol: 'SPY', stored: all, announced: all }, 0, 4 * M)).toEqual([]);
    expect(barFaults({ symbol: 'SPY', stored: [0, 2 * M], announced: [0, 2 * M] }, 0, 3 * M)).toEqual([
      'SPY: no bar of 00:01',
      'SPY: bar of 00:01 announced 0 times',
    ]);
    expect(barFaults({ symbol: 'SPY', stored: all, announced: [0, M, M, 3 * M, 2 * M] }, 0, 4 * M)).toEqual([
      'SPY: bar of 00:01 announced 2 times',
      'SPY: bars announced out of order',
    ]);
  });
});
