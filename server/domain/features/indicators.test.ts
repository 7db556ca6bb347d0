import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Atr, Bollinger, Donchian, Ema, Macd, Rsi, Sma } from './index';

// Many cases: the default of 5 s is for a quiet machine.
vi.setConfig({ testTimeout: 60_000 });

const FOLDER = '../shared/data/indicators';
const TOLERANCE = 1e-9;

interface Row {
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

function recordedBars(): Row[] {
  const rows = readFileSync(`${FOLDER}/default.csv`, 'utf8').trim().split('\n').slice(1);
  return rows.map((row) => {
    const [, , high, low, close] = row.split(',').map(Number);
    return { high: high ?? 0, low: low ?? 0, close: close ?? 0 };
  });
}

/** Compares every bar of a recorded series, and that nothing is known before it should be. */
function compare(file: string, column: string, computed: readonly number[]) {
  const recorded = JSON.parse(readFileSync(`${FOLDER}/${file}.standard.json`, 'utf8')) as Record<
    string,
    number | null
  >[];
  expect(computed).toHaveLength(recorded.length);
  for (const [index, row] of recorded.entries()) {
    const value = computed[index] ?? Number.NaN;
    const wanted = row[column] ?? Number.NaN;
    if (Number.isNaN(wanted) !== Number.isNaN(value) || Math.abs(value - wanted) > TOLERANCE) {
      expect({ column, index, value }).toEqual({ column, index, value: wanted });
    }
  }
}

describe.skipIf(!existsSync(FOLDER))('recorded indicators, to 1e-9 (skipped without ../shared)', () => {
  it('SMA 20, EMA 20 and RSI 14', () => {
    const bars = recordedBars();
    const [sma, ema, rsi] = [new Sma(20), new Ema(20), new Rsi(14)];
    compare(
      'sma',
      'sma',
      bars.map(({ close }) => sma.next(close)),
    );
    compare(
      'ema',
      'ema',
      bars.map(({ close }) => ema.next(close)),
    );
    compare(
      'rsi',
      'rsi',
      bars.map(({ close }) => rsi.next(close)),
    );
  });

  it('ATR 14', () => {
    const atr = new Atr(14);
    compare(
      'atr',
      'atr',
      recordedBars().map(({ high, low, close }) => atr.next(high, low, close)),
    );
  });

  it('MACD 12/26/9', () => {
    const macd = new Macd(12, 26, 9);
    const rows = recordedBars().map(({ close }) => {
      macd.next(close);
      return { ...macd };
    });
    compare(
      'macd',
      'macd',
      rows.map(({ value }) => value),
    );
    compare(
      'macd',
      'signal',
      rows.map(({ signal }) => signal),
    );
    compare(
      'macd',
      'histogram',
      rows.map(({ histogram }) => histogram),
    );
  });

  it('Bollinger 20/2', () => {
    const bands = new Bollinger(20, 2);
    const rows = recordedBars().map(({ close }) => {
      bands.next(close);
      return { ...bands };
    });
    compare(
      'bb',
      'sma',
      rows.map(({ middle }) => middle),
    );
    compare(
      'bb',
      'upperBand',
      rows.map(({ upper }) => upper),
    );
    compare(
      'bb',
      'lowerBand',
      rows.map(({ lower }) => lower),
    );
  });

  it('Donchian 20', () => {
    const channel = new Donchian(20);
    const rows = recordedBars().map(({ high, low }) => {
      channel.next(high, low);
      return { ...channel };
    });
    compare(
      'donchian',
      'upperBand',
      rows.map(({ upper }) => upper),
    );
    compare(
      'donchian',
      'lowerBand',
      rows.map(({ lower }) => lower),
    );
  });
});

const prices = fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { minLength: 1, maxLength: 120 });
const periods = fc.integer({ min: 1, max: 20 });

describe('indicators against their definitions', () => {
  it('SMA and Bollinger equal the mean and population deviation of the window', () => {
    fc.assert(
      fc.property(prices, periods, (values, period) => {
        const sma = new Sma(period);
        const bands = new Bollinger(period, 2);
        for (const [index, value] of values.entries()) {
          const average = sma.next(value);
          bands.next(value);
          const window = values.slice(index + 1 - period, index + 1);
          if (index + 1 < period) {
            expect([average, bands.middle, bands.upper]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
            continue;
          }
          const mean = window.reduce((sum, item) => sum + item, 0) / period;
          const variance = window.reduce((sum, item) => sum + (item - mean) ** 2, 0) / period;
          expect(Math.abs(average - mean)).toBeLessThan(1e-9);
          expect(Math.abs(bands.middle - mean)).toBeLessThan(1e-9);
          expect(Math.abs(bands.deviation ** 2 - variance)).toBeLessThan(1e-6);
        }
      }),
    );
  });

  it('the channel equals the extremes of the bars before', () => {
    fc.assert(
      fc.property(prices, periods, (values, period) => {
        const channel = new Donchian(period);
        for (const [index, value] of values.entries()) {
          channel.next(value + 1, value - 1);
          const window = values.slice(Math.max(0, index - period), index);
          const known = window.length === period;
          expect(channel.upper).toBe(known ? Math.max(...window) + 1 : Number.NaN);
          expect(channel.lower).toBe(known ? Math.min(...window) - 1 : Number.NaN);
        }
      }),
    );
  });

  it('does not drift over a million bars', () => {
    const sma = new Sma(20);
    const bands = new Bollinger(20, 2);
    const window: number[] = [];
    for (let index = 0; index < 1_000_000; index += 1) {
      const price = index % 997 === 0 ? 1e7 : 100 + Math.sin(index);
      sma.next(price);
      bands.next(price);
      window.push(price);
      if (window.length > 20) window.shift();
    }
    const mean = window.reduce((sum, value) => sum + value, 0) / 20;
    const deviation = Math.sqrt(window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 20);
    expect(Math.abs(sma.value - mean)).toBeLessThan(1e-9);
    expect(Math.abs(bands.deviation - deviation)).toBeLessThan(1e-6);
  });

  it('RSI is 100 where nothing falls, and 0 where nothing rises', () => {
    const rising = new Rsi(3);
    const falling = new Rsi(3);
    for (let index = 0; index < 10; index += 1) {
      rising.next(100 + index);
      falling.next(100 - index);
    }
    expect([rising.value, falling.value]).toEqual([100, 0]);
  });

  it('gives bands of no width for equal values', () => {
    const bands = new Bollinger(3, 2);
    for (let index = 0; index < 7; index += 1) bands.next(0.1);
    expect(bands.upper - bands.lower).toBeLessThan(1e-9);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a period of %s', (period) => {
    for (const make of [Sma, Ema, Rsi, Atr, Donchian]) expect(() => new make(period)).toThrow(RangeError);
    expect(() => new Bollinger(period, 2)).toThrow(RangeError);
  });
});
