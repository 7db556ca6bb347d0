import { expect, test } from 'vitest';
import { isMarketOpen, marketNow } from './market-clock';

const CLOCK = { isOpen: true, marketTimeMs: 10_000, observedAtMs: 1_000, nextCloseMs: 70_000, speed: 60 };

test('market time goes on at its own speed since it was read', () => {
  expect(marketNow(CLOCK, 1_500)).toBe(40_000);
});

test('the market is open until the close, also when the clock is not read again in time', () => {
  expect(isMarketOpen(CLOCK, 1_999)).toBe(true);
  expect(isMarketOpen(CLOCK, 2_000)).toBe(false);
  expect(isMarketOpen({ ...CLOCK, nextCloseMs: null }, 900_000)).toBe(true);
  expect(isMarketOpen({ ...CLOCK, isOpen: false }, 1_000)).toBe(false);
});
