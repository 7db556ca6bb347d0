import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  Correlation,
  FeatureHistory,
  FeatureRun,
  type FeatureSnapshot,
  liquidityScore,
  portfolioCorrelation,
} from './index';

vi.setConfig({ testTimeout: 60_000 });

describe('correlation', () => {
  const value = fc.integer({ min: 1, max: 1_000_000 }).map((n) => n / 100);

  it('is what the window alone says, after any history', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 10, maxLength: 120 }), (pairs) => {
        const [running, alone] = [new Correlation(10), new Correlation(10)];
        for (const [x, y] of pairs) running.next(x, y);
        for (const [x, y] of pairs.slice(-10)) alone.next(x, y);
        if (Number.isNaN(alone.value)) return;
        expect(running.value).toBeCloseTo(alone.value, 7);
      }),
    );
  });

  it('is 1, -1 or unknown where one follows, opposes or stands still', () => {
    const run = (y: (n: number) => number) => {
      const correlation = new Correlation(5);
      for (let n = 0; n < 12; n += 1) correlation.next(100 + n * n, y(n));
      return correlation.value;
    };
    expect(run((n) => 3 + 2 * n * n)).toBeCloseTo(1, 12);
    expect(run((n) => 3 - 2 * n * n)).toBeCloseTo(-1, 12);
    expect(run(() => 7)).toBeNaN();
  });
});

describe('correlation with the portfolio', () => {
  const walk = (seed: number) => {
    let [state, price] = [seed, 100];
    return new Map(
      Array.from({ length: 60 }, (_, n) => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        price *= 1 + (state / 2_147_483_648 - 0.5) / 50;
        return [n * 60_000, price] as const;
      }),
    );
  };
  const closes = new Map([
    ['A', walk(1)],
    ['B', walk(99)],
  ]);
  const of = (symbol: string) => closes.get(symbol);
  const a = walk(1);

  it('is 0 where nothing is held and 1 with itself, -1 where it is held short', () => {
    expect(portfolioCorrelation(a, [], of)).toBe(0);
    expect(portfolioCorrelation(a, [{ symbol: 'A', value: 500 }], of)).toBeCloseTo(1, 12);
    expect(portfolioCorrelation(a, [{ symbol: 'A', value: -500 }], of)).toBeCloseTo(-1, 12);
  });

  it('falls as more of something else is held', () => {
    const with_ = (value: number) =>
      portfolioCorrelation(
        a,
        [
          { symbol: 'A', value: 100 },
          { symbol: 'B', value },
        ],
        of,
      ) ?? Number.NaN;
    expect(with_(10)).toBeGreaterThan(with_(100));
    expect(with_(100)).toBeGreaterThan(with_(10_000));
  });

  it('is unknown with too few common bars', () => {
    const few = new Map([...a].slice(0, 15));
    expect(portfolioCorrelation(few, [{ symbol: 'B', value: 1 }], of)).toBeNull();
    expect(portfolioCorrelation(a, [{ symbol: 'C', value: 1 }], of)).toBeNull();
  });
});

describe('liquidity', () => {
  const liquid = { bid: 99.99, ask: 100.01, bidSize: 500, askSize: 500, dollarsPerMinute: 50_000 };

  it.each([
    ['tight, deep and busy', liquid, 1],
    ['26 basis points wide', { ...liquid, bid: 99.87, ask: 100.13 }, Math.sqrt(0.5)],
    ['50 basis points wide', { ...liquid, bid: 99.75, ask: 100.25 }, 0],
    ['thin on one side', { ...liquid, askSize: 6.25 }, 0.5],
    ['hardly traded', { ...liquid, dollarsPerMinute: 1_250 }, 0.5],
    ['never seen to trade', { ...liquid, dollarsPerMinute: null }, 0],
    ['crossed', { ...liquid, bid: 101 }, 0],
    ['without a bid', { ...liquid, bid: 0 }, 0],
  ])('%s', (_, input, score) => {
    expect(liquidityScore(input)).toBeCloseTo(score, 3);
  });

  it('is between 0 and 1 and never falls as the market gets better', () => {
    const amount = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(amount, amount, amount, amount, amount, (bid, ask, bidSize, askSize, dollarsPerMinute) => {
        const input = { bid, ask, bidSize, askSize, dollarsPerMinute };
        const score = liquidityScore(input);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        const better = { ...input, bidSize: bidSize * 2, askSize: askSize * 2, dollarsPerMinute: dollarsPerMinute * 2 };
        expect(liquidityScore(better)).toBeGreaterThanOrEqual(score);
      }),
    );
  });
});

describe('a feature snapshot', () => {
  function bars(count: number) {
    let [state, close] = [7, 100];
    return Array.from({ length: count }, (_, n) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      close *= 1 + (state / 2_147_483_648 - 0.5) / 100;
      const [high, low] = [close * 1.001, close * 0.999];
      return { symbol: 'SPY', endMs: n * 60_000, open: close, high, low, close, volume: 100 + (state % 1_000) };
    });
  }

  it('knows nothing of a first bar, and everything after 34', () => {
    const run = new FeatureRun('SPY');
    const rows = bars(40).map((bar) => run.next(bar));
    expect(rows[0]).toMatchObject({ sma20: null, rsi14: null, macd: null, volatility20: null, relativeVolume: null });
    expect(Object.values(rows[33] ?? {})).not.toContain(null);
    expect(rows[33]?.bars).toEqual({ count: 34, fromMs: 0, toMs: 33 * 60_000 });
  });

  it('is kept with the last 240 closes, oldest first', () => {
    const [history, run] = [new FeatureHistory('SPY'), new FeatureRun('SPY')];
    expect(history.record()).toBeNull();
    const all = bars(500);
    for (const [index, bar] of all.entries()) {
      const snapshot = run.next(bar);
      expect(history.next(bar)).toEqual(snapshot);
      if (![0, 1, 239, 240, 499].includes(index)) continue;
      const closes = all.slice(Math.max(0, index - 239), index + 1).map(({ endMs, close }) => [endMs, close]);
      expect(history.record()).toEqual({ snapshot, dollarsPerMinute: snapshot.dollarsPerMinute, closes });
    }
  });

  it('holds the same figures after 100,000 bars as computed again over the last of them', () => {
    const all = bars(100_000);
    const run = new FeatureRun('SPY');
    let last: FeatureSnapshot | undefined;
    for (const bar of all) last = run.next(bar);
    const tail = all.slice(-20).map(({ close }) => close);
    const mean = tail.reduce((sum, value) => sum + value, 0) / 20;
    const deviation = Math.sqrt(tail.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 20);
    const returns = all.slice(-21).map(({ close }) => Math.log(close));
    const moves = returns.slice(1).map((value, index) => value - (returns[index] ?? 0));
    const move = moves.reduce((sum, value) => sum + value, 0) / 20;
    const volatility = Math.sqrt(moves.reduce((sum, value) => sum + (value - move) ** 2, 0) / 20);
    expect(last?.sma20).toBeCloseTo(mean, 9);
    expect(last?.bollinger?.upper).toBeCloseTo(mean + 2 * deviation, 9);
    expect(last?.volatility20).toBeCloseTo(volatility, 12);
    const usual = all.slice(-21, -1).reduce((sum, { volume }) => sum + volume, 0) / 20;
    expect(last?.relativeVolume).toBeCloseTo((all.at(-1)?.volume ?? 0) / usual, 9);
  });
});
