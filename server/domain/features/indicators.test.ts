import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Atr, Bollinger, Donchian, Ema, Rsi, Sma } from './index';

// Many cases: the default of 5 s is for a quiet machine.
vi.setConfig({ testTimeout: 60_000 });

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
