import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bar } from '@/server/domain/exchange/types';
import { ONE } from '@/server/kernel/money';
import { readBarFile } from './bar-file';
import { mergeBars } from './merge-bars';
import { badBars, gapsOf, minutesApart, sessionTotal, totalsDifferences } from './verify-bars';

const MINUTE = 60_000;
const OPEN = Date.UTC(2011, 0, 3, 14, 30);

function minute(endMs: number, close = 100n, volume = 10n): Bar {
  const price = close * ONE;
  return {
    symbol: 'SPY',
    startMs: endMs - MINUTE,
    endMs,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: volume * ONE,
  };
}

describe('merging bars', () => {
  const ends = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 40 });
  const barsOf = (numbers: number[]) => numbers.sort((a, b) => a - b).map((n) => minute(OPEN + n * MINUTE));

  it('gives every bar once, in order, and a second time adds nothing', () => {
    fc.assert(
      fc.property(ends, ends, (first, second) => {
        const [stored, incoming] = [barsOf(first), barsOf(second)];
        const merged = mergeBars(stored, incoming);
        const union = [...new Set([...first, ...second])].sort((a, b) => a - b);
        expect(merged.bars.map(({ endMs }) => (endMs - OPEN) / MINUTE)).toEqual(union);
        expect(merged.added + merged.same).toBe(incoming.length);
        expect(mergeBars(merged.bars, incoming)).toMatchObject({ added: 0, same: incoming.length, conflicts: [] });
      }),
    );
  });

  it('reports a bar that is stored with other figures and keeps the stored one', () => {
    const merged = mergeBars([minute(OPEN, 100n)], [minute(OPEN, 101n)]);
    expect(merged.conflicts).toHaveLength(1);
    expect(merged.bars[0]?.close).toBe(100n * ONE);
  });
});

describe('verifying bars', () => {
  const day = (skip: (n: number) => boolean = () => false) =>
    Array.from({ length: 390 }, (_, n) => n + 1)
      .filter((n) => !skip(n))
      .map((n) => minute(OPEN + n * MINUTE, BigInt(100 + (n % 7)), BigInt(n)));

  it('finds no gap in a whole session, extended hours or not', () => {
    expect(gapsOf(day(), '1m')).toEqual([]);
    expect(gapsOf([minute(OPEN - 60 * MINUTE), ...day()], '1m')).toEqual([]);
  });

  it('finds missing minutes as spans', () => {
    const gaps = gapsOf(
      day((n) => (n >= 5 && n <= 7) || n === 390),
      '1m',
    );
    expect(gaps.map(({ bars }) => bars)).toEqual([3, 1]);
    expect(gaps[0]).toMatchObject({ fromMs: OPEN + 4 * MINUTE, toMs: OPEN + 7 * MINUTE });
  });

  it('finds missing sessions, not holidays', () => {
    // The 17th was Martin Luther King day.
    const text = 'Date,Open,High,Low,Close,Volume\n2011-01-13,1,1,1,1,1\n2011-01-18,1,1,1,1,1\n';
    const days = readBarFile(text, 'csv', { symbol: 'SPY' }).files[0]?.bars;
    expect(gapsOf(days ?? [], '1d').map(({ date }) => date)).toEqual(['2011-01-14']);
  });

  it('finds impossible, repeated and overlong bars', () => {
    const bars = [{ ...minute(OPEN), high: ONE }, minute(OPEN), { ...minute(OPEN + MINUTE), startMs: OPEN - MINUTE }];
    expect(badBars(bars, '1m').map(({ fault }) => fault)).toEqual(['PRICES', 'ORDER', 'LENGTH']);
  });

  it('finds minutes off the grid, and longer bars stored as minutes', () => {
    const shifted = { ...minute(OPEN), startMs: OPEN - MINUTE + 59_999, endMs: OPEN + 59_999 };
    expect(badBars([shifted], '1m').map(({ fault }) => fault)).toEqual(['GRID']);
    expect(minutesApart([minute(OPEN), minute(OPEN + 15 * MINUTE), minute(OPEN + 45 * MINUTE)])).toBe(15);
    expect(minutesApart(day())).toBe(1);
  });

  it('judges longer bars by their own length and grid', () => {
    const quarter = (startMs: number, minutes = 15) => ({
      ...minute(startMs + MINUTE),
      startMs,
      endMs: startMs + minutes * MINUTE,
    });
    expect(badBars([quarter(OPEN), quarter(OPEN + 15 * MINUTE)], '15m')).toEqual([]);
    expect(badBars([quarter(OPEN + 7 * MINUTE)], '15m').map(({ fault }) => fault)).toEqual(['GRID']);
    expect(badBars([quarter(OPEN + 15 * MINUTE, 5)], '15m').map(({ fault }) => fault)).toEqual(['LENGTH']);
    // The last half hour of a session that is cut into hours from its open on.
    expect(badBars([quarter(OPEN + 360 * MINUTE, 30)], '1h')).toEqual([]);
    expect(gapsOf([quarter(OPEN), quarter(OPEN + 375 * MINUTE)], '15m')[0]).toMatchObject({ bars: 24 });
  });

  it('holds the minutes of a session against its day', () => {
    const minutes = [minute(OPEN - 60 * MINUTE, 999n), ...day()];
    const total = sessionTotal(minutes, '2011-01-03');
    expect(total).toMatchObject({ high: 106n * ONE, low: 100n * ONE, volume: BigInt((390 * 391) / 2) * ONE });
    if (total === null) throw new Error('no total');
    expect(totalsDifferences('2011-01-03', total, total)).toEqual([]);
    const other = { ...total, close: ONE };
    expect(totalsDifferences('2011-01-03', total, other).map(({ field }) => field)).toEqual(['close']);
  });
});
