import { describe, expect, it } from 'vitest';
import { equityDomain, prepareEquity } from './prepare-equity';

const sample = (at: string, equity = '100', drawdownPct = '0') => ({ at, equity, drawdownPct });

describe('prepareEquity', () => {
  it('keeps samples of a steady series as they are', () => {
    const points = prepareEquity([sample('2026-01-05T15:00:00Z'), sample('2026-01-05T15:00:05Z', '101.5', '0.02')], 5);
    expect(points).toEqual([
      { atMs: Date.parse('2026-01-05T15:00:00Z'), equity: 100, drawdown: -0 },
      { atMs: Date.parse('2026-01-05T15:00:05Z'), equity: 101.5, drawdown: -2 },
    ]);
  });

  it('puts a gap where samples are missing', () => {
    const points = prepareEquity([sample('2026-01-05T15:00:00Z'), sample('2026-01-05T15:00:16Z')], 5);
    expect(points.map((point) => point.equity)).toEqual([100, null, null, 100]);
  });

  it('draws through a silence of exactly three steps', () => {
    expect(prepareEquity([sample('2026-01-05T15:00:00Z'), sample('2026-01-05T15:00:15Z')], 5)).toHaveLength(2);
  });

  it('makes a gap of what is no number, and drops what has no time', () => {
    const points = prepareEquity([sample('2026-01-05T15:00:00Z', ''), sample('never')], 5);
    expect(points.map((point) => point.equity)).toEqual([null]);
  });

  it('gives no points for no samples', () => {
    expect(prepareEquity([], 5)).toEqual([]);
  });
});

describe('equityDomain', () => {
  it('leaves air around the data and ignores gaps', () => {
    const points = [100, null, 200].map((equity, atMs) => ({ atMs, equity, drawdown: null }));
    expect(equityDomain(points)).toEqual([95, 205]);
  });

  it('opens a flat line', () => {
    const [low, high] = equityDomain([{ atMs: 0, equity: 100_000, drawdown: 0 }]);
    expect(low).toBeLessThan(100_000);
    expect(high).toBeGreaterThan(100_000);
  });

  it('has a domain without data', () => {
    expect(equityDomain([])).toEqual([0, 1]);
  });
});
