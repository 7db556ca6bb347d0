import { describe, expect, it } from 'vitest';
import { formatUnits, parseUnits } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';
import { legsProblem, stopAtDistance } from './legs';

const u = parseUnits;
const legs = (stop: string | null, profit: string | null, limit: string | null = null) => ({
  stopPrice: stop === null ? null : u(stop),
  stopLimitPrice: limit === null ? null : u(limit),
  profitPrice: profit === null ? null : u(profit),
});

describe('P-11: the stop at a distance', () => {
  it.each<[Side, string, string, string]>([
    ['BUY', '100', '0.05', '95'],
    ['SELL', '100', '0.05', '105'],
    ['BUY', '33.33', '0.05', '31.67'],
    ['SELL', '33.33', '0.05', '34.99'],
    ['BUY', '0.5', '0.01', '0.495'],
    ['BUY', '0.3333', '0.01', '0.33'],
    ['SELL', '0.3333', '0.01', '0.3366'],
  ])('of a %s at %s, %s away, is rounded to the increment toward the entry: %s', (side, price, distance, stop) => {
    expect(formatUnits(stopAtDistance(side, u(price), u(distance)))).toBe(stop);
  });
});

describe('legs', () => {
  it.each<[Side, string | null, ReturnType<typeof legs>, string | null]>([
    ['BUY', '100', legs('95', '110'), null],
    ['SELL', '100', legs('105', '90'), null],
    ['BUY', '100', legs('95', null, '94'), null],
    ['BUY', null, legs('95', '110'), null],
    ['BUY', '100', legs('100', null), 'lies below its price'],
    ['SELL', '100', legs('99', null), 'lies above its price'],
    ['BUY', '100', legs(null, '100'), 'lies above its price'],
    ['SELL', '100', legs(null, '101'), 'lies below its price'],
    ['BUY', null, legs('110', '110'), 'below its take-profit'],
    ['SELL', null, legs('90', '90'), 'above its take-profit'],
    ['BUY', '100', legs('95', null, '96'), 'at or below the stop'],
    ['SELL', '100', legs('105', null, '104'), 'at or above the stop'],
  ])('of a %s at %s: %o', (side, price, given, problem) => {
    const found = legsProblem(side, price === null ? null : u(price), given);
    if (problem === null) expect(found).toBeNull();
    else expect(found).toContain(problem);
  });
});
