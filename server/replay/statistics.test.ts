import { describe, expect, it } from 'vitest';
import type { Side } from '@/server/kernel/vocabulary';
import { type EquityPoint, roundTripsOf, runStatistics, type TradeFill } from './statistics';

const fill = (side: Side, qty: number, price: number, atMs: number, symbol = 'SPY', fee = 0): TradeFill => ({
  symbol,
  side,
  qty,
  price,
  fee,
  atMs,
});

const curve = (...values: number[]): EquityPoint[] => values.map((equity, day) => ({ atMs: day * 86_400_000, equity }));

describe('round trips', () => {
  it('go from flat to flat, each symbol on its own, fees included', () => {
    const trips = roundTripsOf([
      fill('BUY', 10, 100, 1),
      fill('BUY', 1, 50, 2, 'QQQ'),
      fill('BUY', 5, 110, 3),
      fill('SELL', 15, 120, 4, 'SPY', 2),
      fill('SELL', 1, 45, 5, 'QQQ'),
      fill('BUY', 1, 100, 6),
    ]);
    expect(trips).toEqual([
      { symbol: 'SPY', openedMs: 1, closedMs: 4, profit: 15 * 120 - 1_000 - 550 - 2 },
      { symbol: 'QQQ', openedMs: 2, closedMs: 5, profit: -5 },
    ]);
  });

  it('of a short sale count its sale first', () => {
    expect(roundTripsOf([fill('SELL', 2, 10, 1), fill('BUY', 2, 7, 2)])).toMatchObject([{ profit: 6 }]);
  });
});

describe('statistics of a run', () => {
  it('measure the worst fall from a peak, not from the start', () => {
    expect(runStatistics(curve(100, 200, 150, 300, 210), []).maxDrawdown).toBeCloseTo(0.3, 12);
    expect(runStatistics(curve(100, 110, 120), []).maxDrawdown).toBe(0);
  });

  it('annualise the mean daily return over its deviation', () => {
    // Returns 1% and 3%: mean 2%, sample deviation sqrt(2)%.
    const { sharpe, totalReturn } = runStatistics(curve(100, 101, 104.03), []);
    expect(sharpe).toBeCloseTo((2 / Math.SQRT2) * Math.sqrt(252), 9);
    expect(totalReturn).toBeCloseTo(0.0403, 12);
    expect(runStatistics(curve(100, 101), []).sharpe).toBeNull();
    expect(runStatistics(curve(100, 100, 100), []).sharpe).toBeNull();
  });

  it('say nothing where there is nothing to say it from', () => {
    expect(runStatistics(curve(100), [])).toMatchObject({
      fills: 0,
      winRate: null,
      profitFactor: null,
      averageWin: null,
      averageLoss: null,
      turnover: 0,
    });
  });

  it('count wins against losses', () => {
    const fills = [10, -5, 20].flatMap((gain, n) => [
      fill('BUY', 1, 100, 2 * n),
      fill('SELL', 1, 100 + gain, 2 * n + 1, 'SPY', 0),
    ]);
    expect(runStatistics(curve(1_000, 1_025), fills)).toMatchObject({
      roundTrips: 3,
      winRate: 2 / 3,
      profitFactor: 6,
      averageWin: 15,
      averageLoss: 5,
      turnover: 0.625,
    });
  });
});
