import { describe, expect, it } from 'vitest';
import { clockTicks, type EquityPoint, equityTicks, prepareEquity } from './prepare-equity';

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
    const points = prepareEquity([sample('2026-01-05T15:00:00Z'), sample('2026-01-05T15:01:31Z')], 5);
    expect(points.map((point) => point.equity)).toEqual([100, null, null, 100]);
  });

  it('draws through a silence of exactly three steps', () => {
    expect(prepareEquity([sample('2026-01-05T15:00:00Z'), sample('2026-01-05T15:03:00Z')], 60)).toHaveLength(2);
  });

  it('draws through a quiet minute: an unchanged account is sampled no more often', () => {
    expect(prepareEquity([sample('2026-01-05T15:00:00Z'), sample('2026-01-05T15:01:00Z')], 5)).toHaveLength(2);
  });

  it('makes a gap of what is no number, and drops what has no time', () => {
    const points = prepareEquity([sample('2026-01-05T15:00:00Z', ''), sample('never')], 5);
    expect(points.map((point) => point.equity)).toEqual([null]);
  });

  it('gives no points for no samples', () => {
    expect(prepareEquity([], 5)).toEqual([]);
  });
});

const at = (atMs: number, equity: number | null): EquityPoint => ({ atMs, equity, drawdown: null });

describe('equityTicks', () => {
  it('gives round values around the data and ignores gaps', () => {
    expect(equityTicks([at(0, 100_020), at(1, null), at(2, 100_380)])).toEqual([
      100_000, 100_100, 100_200, 100_300, 100_400,
    ]);
  });

  it('opens a flat line', () => {
    const ticks = equityTicks([at(0, 100_000)]);
    expect(ticks[0]).toBeLessThan(100_000);
    expect(ticks.at(-1)).toBeGreaterThan(100_000);
  });

  it('has an axis without data', () => {
    expect(equityTicks([])).toEqual([0, 1]);
  });
});

describe('clockTicks', () => {
  it('gives times on the round hour or minute, inside the data', () => {
    const from = Date.parse('2026-01-05T15:03:10Z');
    const ticks = clockTicks([at(from, 1), at(from + 120 * 60_000, 1)], 5);
    expect(ticks.map((ms) => new Date(ms).toISOString().slice(11, 16))).toEqual(['15:30', '16:00', '16:30', '17:00']);
  });

  it('gives none without points', () => {
    expect(clockTicks([], 5)).toEqual([]);
  });
});
