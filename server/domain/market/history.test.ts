import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bar } from '@/server/domain/exchange/types';
import { ONE } from '@/server/kernel/money';
import { BarFileError, readBarFile, requireWholeFile } from './bar-file';
import { mergeBars } from './merge-bars';
import { badBars, gapsOf, sessionTotal, totalsDifferences } from './verify-bars';

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

describe('a file of bars', () => {
  const csv = (rows: string) => `Datetime,Open,High,Low,Close,Volume\n${rows}\n`;

  it('of minutes says whether its times are starts or ends', () => {
    const text = csv('2011-01-03 09:30:00,1,1,1,1,5');
    const started = readBarFile(text, 'csv', 'SPY', { label: 'start', zone: 'new-york' });
    expect(started.period).toBe('1m');
    expect(started.bars[0]).toMatchObject({ startMs: OPEN, endMs: OPEN + MINUTE });
    const ended = readBarFile(text, 'csv', 'SPY', { label: 'end', zone: 'new-york' });
    expect(ended.bars[0]?.endMs).toBe(OPEN);
    expect(() => readBarFile(text, 'csv', 'SPY')).toThrow('start or the end');
  });

  it.each([
    ['2011-07-05 09:30:00', Date.UTC(2011, 6, 5, 13, 30)],
    ['2011-01-03T14:30:00Z', OPEN],
    ['2011-01-03 09:30:00-05:00', OPEN],
  ])('reads %s as New York time unless it names its zone', (time, startMs) => {
    const { bars } = readBarFile(csv(`${time},1,1,1,1,5`), 'csv', 'SPY', { label: 'start', zone: 'new-york' });
    expect(bars[0]?.startMs).toBe(startMs);
  });

  it('takes columns in any order, quoted or not, and ignores the others', () => {
    const text = '"Volume",Close,Low,High,Open,Note,"Date"\n7,2,1,3,2,x,2011-01-03\n';
    const { bars, period } = readBarFile(text, 'csv', 'SPY');
    expect(period).toBe('1d');
    expect(bars[0]).toMatchObject({ open: 2n * ONE, high: 3n * ONE, low: ONE, close: 2n * ONE, volume: 7n * ONE });
  });

  it.each<[string, number, string]>([
    ['Date,Open,High,Low,Close\n2011-01-03,1,1,1,1\n', 1, 'Volume'],
    ['Date,Open,High,Low,Close,Volume\n2011-01-03,1,1,1,1\n', 2, 'cut off'],
    ['Date,Open,High,Low,Close,Volume\n2011-01-03,1,1,1,1,1\n2011-01-04 10:00,1,1,1,1,1\n', 3, 'mixed'],
    ['Date,Open,High,Low,Close,Volume\n2011-01-03,1,1,1,1,1\n2011-01-03,1,1,1,2,1\n', 3, 'repeated'],
    ['Date,Open,High,Low,Close,Volume\n2011-01-01,1,1,1,1,1\n', 2, 'no trading day'],
    ['Date,Open,High,Low,Close,Volume\n', 0, 'no bars'],
  ])('%j is refused', (text, line, reason) => {
    let caught: unknown;
    try {
      readBarFile(text, 'csv', 'SPY');
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(BarFileError);
    expect(caught).toMatchObject({ line, reason: expect.stringContaining(reason) });
  });

  it('that ends within a line was cut off', () => {
    expect(() => requireWholeFile('a\nb\n12')).toThrow('line 3');
    expect(() => requireWholeFile('a\nb\n')).not.toThrow();
  });
});

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
    const days = readBarFile(
      'Date,Open,High,Low,Close,Volume\n2011-01-13,1,1,1,1,1\n2011-01-18,1,1,1,1,1\n',
      'csv',
      'SPY',
    ).bars;
    expect(gapsOf(days, '1d').map(({ date }) => date)).toEqual(['2011-01-14']);
  });

  it('finds impossible, repeated and overlong bars', () => {
    const bars = [{ ...minute(OPEN), high: ONE }, minute(OPEN), { ...minute(OPEN + MINUTE), startMs: OPEN - MINUTE }];
    expect(badBars(bars, '1m').map(({ fault }) => fault)).toEqual(['PRICES', 'ORDER', 'LENGTH']);
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
