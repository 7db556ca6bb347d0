import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sessionsBetween } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { ONE } from '@/server/kernel/money';
import { GapCounter } from './gap-counter';
import { type Grid, type IntradayPeriod, lengthOf, PERIODS, type Period, slotsOf } from './period';
import { gapsOf } from './verify-bars';

const SESSIONS = sessionsBetween('2024-11-25', '2024-12-06');
const MINUTE = 60_000;

const bar = (startMs: number, endMs: number): Bar => ({
  symbol: 'SPY',
  startMs,
  endMs,
  open: ONE,
  high: ONE,
  low: ONE,
  close: ONE,
  volume: ONE,
});

const MINUTES = SESSIONS.flatMap(({ openMs, closeMs }) =>
  // Half an hour before and after the session as well.
  Array.from({ length: (closeMs - openMs) / MINUTE + 60 }, (_, n) => openMs + (n - 30) * MINUTE),
).map((startMs) => bar(startMs, startMs + MINUTE));
const DAYS = SESSIONS.map(({ openMs, closeMs }) => bar(openMs, closeMs));
const slots = (period: IntradayPeriod, grid: Grid) =>
  SESSIONS.flatMap((session) => slotsOf(session, period, grid)).map(([startMs, endMs]) => bar(startMs, endMs));
const BARS: Readonly<Record<Period, readonly Bar[]>> = {
  '1m': MINUTES,
  '5m': slots('5m', 'clock'),
  '15m': slots('15m', 'clock'),
  '30m': slots('30m', 'clock'),
  '1h': slots('1h', 'session'),
  '1d': DAYS,
};

it('counts what gapsOf finds, whichever bars are missing and whichever end the file begins at', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...PERIODS),
      fc.array(fc.tuple(fc.nat(MINUTES.length), fc.nat(700)), { maxLength: 6 }),
      fc.boolean(),
      (period, holes, newestFirst) => {
        const all = BARS[period];
        const scale = period === '1d' ? 400 : lengthOf(period) / MINUTE;
        const kept = all.filter((_, n) => !holes.some(([at, length]) => n * scale >= at && n * scale < at + length));
        const counter = new GapCounter(period);
        for (const each of newestFirst ? kept.toReversed() : kept) counter.add(each);
        counter.end();
        const gaps = gapsOf(kept, period);
        expect(counter.gaps).toBe(gaps.length);
        expect(counter.missing).toBe(gaps.reduce((sum, { bars }) => sum + bars, 0));
      },
    ),
    { numRuns: 120 },
  );
});

it.each(PERIODS)('finds nothing missing in whole sessions of %s', (period) => {
  expect(gapsOf(BARS[period], period)).toEqual([]);
});

it('finds nothing missing in hours on the clock', () => {
  expect(gapsOf(slots('1h', 'clock'), '1h')).toEqual([]);
});
