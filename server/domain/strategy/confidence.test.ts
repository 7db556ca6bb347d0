import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeatureRun } from '@/server/domain/features';
import { confidenceOf } from './confidence';
import { STRATEGIES, startStrategy } from './registry';

const KNOWN = { close: 101, ema20: 100, atr14: 1, rsi14: 60, relativeVolume: 1, volatility20: 0.005 };

describe('confidence', () => {
  it('is 0.4 agreement + 0.25 room + 0.2 volume + 0.15 calm', () => {
    // A lead of half: 0.75 for a purchase with the trend, 0.25 for one against it; room 0.8 for a purchase, 1 for a sale.
    expect(confidenceOf('BUY', KNOWN, 'trend')).toBe(0.675);
    expect(confidenceOf('BUY', KNOWN, 'reversion')).toBe(0.475);
    expect(confidenceOf('SELL', KNOWN, 'trend')).toBe(0.525);
    expect(confidenceOf('SELL', KNOWN, 'reversion')).toBe(0.725);
  });

  it.each([
    ['ema20', 0.375],
    ['atr14', 0.375],
    ['rsi14', 0.475],
    ['relativeVolume', 0.575],
    ['volatility20', 0.6],
  ] as const)('counts an unknown %s as nothing', (name, expected) => {
    expect(confidenceOf('BUY', { ...KNOWN, [name]: null }, 'trend')).toBe(expected);
  });

  it('is nothing where nothing is known', () => {
    expect(confidenceOf('BUY', null, 'trend')).toBe(0);
  });

  it('is between 0 and 1 with at most 4 decimals, whatever the figures', () => {
    const figure = fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }));
    const features = fc.record({
      close: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
      ema20: figure,
      atr14: figure,
      rsi14: fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
      relativeVolume: figure,
      volatility20: figure,
    });
    const side = fc.constantFrom('BUY' as const, 'SELL' as const);
    fc.assert(
      fc.property(side, features, fc.constantFrom('trend' as const, 'reversion' as const), (...given) => {
        const confidence = confidenceOf(...given);
        expect(confidence).toBeGreaterThanOrEqual(0);
        expect(confidence).toBeLessThanOrEqual(1);
        expect(Math.round(confidence * 1e4) / 1e4).toBe(confidence);
      }),
    );
  });

  it.each(STRATEGIES.filter(({ input }) => input === 'bars'))(
    'of $name stays as stated, or follows the features',
    (strategy) => {
      const found = (params: object) => {
        const run = startStrategy(strategy, params);
        const features = new FeatureRun('SPY');
        return Array.from({ length: 400 }, (_, n) => {
          const close = 100 + 20 * Math.sin(n / 9);
          const bar = {
            symbol: 'SPY',
            endMs: n * 60_000,
            open: close,
            high: close + 1,
            low: close - 1,
            close,
            volume: 100 + (n % 7),
          };
          return run.onBar(bar, features.next(bar)) ?? [];
        }).flat();
      };
      expect(new Set(found({ confidence: 0.5 }).map(({ confidence }) => confidence))).toEqual(new Set([0.5]));
      expect(new Set(found({}).map(({ confidence }) => confidence)).size).toBeGreaterThan(1);
    },
  );
});
