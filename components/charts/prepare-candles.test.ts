import { describe, expect, it } from 'vitest';
import {
  type BarTuple,
  candleAt,
  candlesWithin,
  chartTime,
  firstShown,
  markFills,
  prepareCandles,
} from './prepare-candles';

const at = (iso: string) => Date.parse(iso);
const bar = (iso: string, close = '10.5'): BarTuple => [at(iso), '10', '11', '9', close, '100', true];
const shape = (bars: readonly BarTuple[], step = 60) =>
  prepareCandles(bars, step)
    .candles.map((candle) => (candle.figures === null ? '-' : 'x'))
    .join('');

describe('prepareCandles', () => {
  it('leaves an empty place for each missing minute of a session, and lists the gap', () => {
    const bars = [bar('2026-01-05T15:00Z'), bar('2026-01-05T15:01Z'), bar('2026-01-05T15:05Z')];
    expect(shape(bars)).toBe('xx---x');
    expect(prepareCandles(bars, 60).gaps).toEqual([
      { fromMs: at('2026-01-05T15:02Z'), toMs: at('2026-01-05T15:05Z'), bars: 3 },
    ]);
  });

  it('draws two sessions side by side: a night is no gap', () => {
    const bars = [bar('2026-01-05T20:59Z'), bar('2026-01-06T14:30Z')];
    expect(shape(bars)).toBe('xx');
    expect(prepareCandles(bars, 60).gaps).toEqual([]);
  });

  it('counts what is missing on both sides of a night', () => {
    expect(shape([bar('2026-01-05T20:58Z'), bar('2026-01-06T14:31Z')])).toBe('x--x');
  });

  it('shows a short silence of a market that trades round the clock', () => {
    expect(shape([bar('2026-01-05T02:00Z'), bar('2026-01-05T02:03Z')])).toBe('x--x');
    expect(shape([bar('2026-01-05T02:00Z'), bar('2026-01-05T06:00Z')])).toBe('xx');
  });

  it('finds the sessions missing among days, not the weekends', () => {
    const days = [bar('2026-01-05T05:00Z'), bar('2026-01-07T05:00Z'), bar('2026-01-12T05:00Z')];
    expect(shape(days, 86_400)).toBe('x-x--x');
    // From open to open, over a weekend on which the clock is changed.
    expect(shape([bar('2026-10-30T13:30Z'), bar('2026-11-02T14:30Z'), bar('2026-11-04T14:30Z')], 86_400)).toBe('xx-x');
  });

  it('has no candle of figures that are none, or that come again', () => {
    expect(shape([bar('2026-01-05T15:00Z', 'x'), bar('2026-01-05T15:01Z'), bar('2026-01-05T15:01Z')])).toBe('-x');
  });

  it('gives a long gap so much room and no more', () => {
    const { candles, gaps } = prepareCandles([bar('2026-01-05T15:00Z'), bar('2026-01-12T15:00Z')], 60);
    expect(candles).toHaveLength(402);
    expect(gaps[0]?.bars).toBeGreaterThan(1_500);
  });
});

describe('chartTime', () => {
  it("is New York's clock", () => {
    expect(new Date(chartTime(at('2026-01-05T14:30Z')) * 1_000).toISOString()).toBe('2026-01-05T09:30:00.000Z');
    expect(new Date(chartTime(at('2026-07-06T13:30Z')) * 1_000).toISOString()).toBe('2026-07-06T09:30:00.000Z');
  });
});

describe('what lies on the chart', () => {
  const { candles } = prepareCandles(
    [bar('2026-01-05T15:00Z'), bar('2026-01-05T15:01Z'), bar('2026-01-05T15:02Z')],
    60,
  );

  it.each([
    ['2026-01-05T15:00:30Z', '2026-01-05T15:02:00Z', ['15:00', '15:01']],
    ['2026-01-05T12:00:00Z', '2026-01-05T18:00:00Z', ['15:00', '15:02']],
    ['2026-01-05T15:03:00Z', '2026-01-05T18:00:00Z', null],
    ['2026-01-05T12:00:00Z', '2026-01-05T15:00:00Z', null],
  ])('shades %s to %s over whole candles', (from, to, expected) => {
    const span = candlesWithin(candles, at(from), at(to), 60);
    expect(span?.map((ms) => new Date(ms).toISOString().slice(11, 16)) ?? null).toEqual(expected);
  });

  it('puts a fill on the candle that it is in', () => {
    expect(candleAt(candles, at('2026-01-05T15:01:59Z'))).toBe(at('2026-01-05T15:01Z'));
    expect(candleAt(candles, at('2026-01-05T15:09:00Z'))).toBe(at('2026-01-05T15:02Z'));
    expect(candleAt(candles, at('2026-01-05T14:59:59Z'))).toBeNull();
  });
});

describe('markFills', () => {
  const { candles } = prepareCandles([bar('2026-01-05T15:00Z'), bar('2026-01-05T15:01Z')], 60);
  const fill = (orderId: string, side: 'BUY' | 'SELL', qty: string, iso: string) => ({
    orderId,
    side,
    qty,
    price: '10',
    at: iso,
  });

  it('adds up the fills of a side within a candle, and leads to the last order', () => {
    const fills = [
      fill('a', 'BUY', '0.1', '2026-01-05T15:00:01Z'),
      fill('b', 'BUY', '0.2', '2026-01-05T15:00:59Z'),
      fill('c', 'SELL', '3', '2026-01-05T15:00:30Z'),
      fill('d', 'BUY', '4', '2026-01-05T15:01:00Z'),
    ];
    expect(markFills(fills, candles).map(({ side, qty, fills: n, orderId }) => [side, qty, n, orderId])).toEqual([
      ['BUY', '0.3', 2, 'b'],
      ['SELL', '3', 1, 'c'],
      ['BUY', '4', 1, 'd'],
    ]);
  });

  it('leaves out fills from before the first candle', () => {
    expect(markFills([fill('a', 'BUY', '1', '2026-01-05T14:59:59Z')], candles)).toEqual([]);
  });
});

describe('firstShown', () => {
  const minutes = (from: string, count: number) =>
    Array.from({ length: count }, (_, n): BarTuple => [at(from) + n * 60_000, '1', '1', '1', '1', '1', true]);
  const first = (bars: readonly BarTuple[], step = 60) => firstShown(prepareCandles(bars, step).candles, step);

  it('starts at the open of the newest session', () => {
    expect(first([...minutes('2026-01-05T14:30Z', 390), ...minutes('2026-01-06T14:30Z', 100)])).toBe(390);
    expect(first([...minutes('2026-01-06T13:00Z', 90), ...minutes('2026-01-06T14:30Z', 100)])).toBe(90);
  });

  it('shows what was before a session that has just begun', () => {
    expect(first([...minutes('2026-01-05T14:30Z', 390), ...minutes('2026-01-06T14:30Z', 5)])).toBe(335);
  });

  it('shows everything of a longer range, and of no bars nothing', () => {
    expect(first(minutes('2026-01-05T14:30Z', 300), 300)).toBe(0);
    expect(first([])).toBe(0);
  });
});
