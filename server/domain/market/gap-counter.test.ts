import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sessionsBetween } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { ONE } from '@/server/kernel/money';
import { GapCounter } from './gap-counter';
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

it('counts what gapsOf finds, whichever bars are missing and whichever end the file begins at', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('1m', '1d'),
      fc.array(fc.tuple(fc.nat(MINUTES.length), fc.nat(700)), { maxLength: 6 }),
      fc.boolean(),
      (period, holes, newestFirst) => {
        const all = period === '1m' ? MINUTES : DAYS;
        const scale = period === '1m' ? 1 : 400;
        const kept = all.filter((_, n) => !holes.some(([at, length]) => n * scale >= at && n * scale < at + length));
        const counter = new GapCounter(period);
        for (const each of newestFirst ? kept.toReversed() : kept) counter.add(each);
        counter.end();
        const gaps = gapsOf(kept, period);
        expect(counter.gaps).toBe(gaps.length);
        expect(counter.missing).toBe(gaps.reduce((sum, { bars }) => sum + bars, 0));
      },
    ),
    { numRuns: 60 },
  );
});
