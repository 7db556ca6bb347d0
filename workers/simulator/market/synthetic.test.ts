import { describe, expect, it } from 'vitest';
import { ONE } from '@/server/kernel/money';
import { barsOf } from './aggregate';
import { SyntheticMarket } from './synthetic';

const START = Date.parse('2026-01-10T03:00:00Z');
const market = new SyntheticMarket(7, 1000);

function sample(symbol: string, count: number, everyMs: number) {
  return Array.from({ length: count }, (_, index) => {
    const point = market.pointAt(symbol, START + index * everyMs);
    if (point === undefined) throw new Error(`${symbol} has no price`);
    return point;
  });
}

describe('the synthetic market', () => {
  it('is a function of its seed and the time, whatever was asked before', () => {
    const again = new SyntheticMarket(7, 1000);
    const asked = [5, 1, 900_000, 3].map((offset) => again.pointAt('SPY', START + offset * 1000));
    expect(asked).toEqual([5, 1, 900_000, 3].map((offset) => market.pointAt('SPY', START + offset * 1000)));
    expect(new SyntheticMarket(8, 1000).pointAt('SPY', START)).not.toEqual(market.pointAt('SPY', START));
  });

  it('quotes five symbols at every step, with a spread of 1 to 3 basis points and the last trade within it', () => {
    expect(market.pointsBetween(START, START + 1000).map((point) => point.quote.symbol)).toEqual([
      'AAPL',
      'AMZN',
      'MSFT',
      'NVDA',
      'SPY',
    ]);
    expect(market.pointsBetween(START, START + 999)).toEqual([]);
    for (const symbol of market.symbols) {
      for (const { quote, tradePrice } of sample(symbol, 2000, 1000)) {
        const bps = Number(quote.ask - quote.bid) / Number(quote.bid) / 1e-4;
        expect(bps).toBeGreaterThan(0);
        expect(bps).toBeLessThan(3.5);
        expect(tradePrice >= quote.bid && tradePrice <= quote.ask).toBe(true);
      }
    }
  });

  it('displays from a round lot to a few thousand shares, so that large orders fill in parts', () => {
    const sizes = sample('AAPL', 2000, 1000).map((point) => Number(point.quote.askSize / ONE));
    expect(Math.min(...sizes)).toBe(100);
    expect(Math.max(...sizes)).toBeGreaterThan(4000);
    expect(sizes.filter((size) => size < 1000).length / sizes.length).toBeGreaterThan(0.4);
  });

  it('moves like a market: some, and never far in a second', () => {
    const prices = sample('MSFT', 3600, 1000).map((point) => Number(point.tradePrice / 10_000_000_000n) / 100);
    const moves = prices.slice(1).map((price, index) => Math.abs(price / (prices[index] ?? price) - 1));
    expect(Math.max(...moves)).toBeLessThan(0.002);
    expect(new Set(prices).size).toBeGreaterThan(30);
  });

  it('has one-minute bars of the very trades that it quotes, for days back', () => {
    const [bar] = market.minuteBars('AAPL', START, START + 60_000, 10);
    const trades = sample('AAPL', 60, 1000);
    const prices = trades.map((point) => point.tradePrice);
    expect(bar).toMatchObject({ startMs: START, endMs: START + 60_000, open: prices[0], close: prices[59] });
    expect(bar?.high).toBe(prices.reduce((a, b) => (a > b ? a : b)));
    expect(bar?.low).toBe(prices.reduce((a, b) => (a < b ? a : b)));
    expect(bar?.volume).toBe(trades.reduce((sum, point) => sum + point.tradeSize, 0));
    expect(market.minuteBars('AAPL', START - 2 * 86_400_000, START, 10_000)).toHaveLength(2880);
    expect(market.lastMinuteBar('AAPL', START + 90_000)).toEqual(bar);
  });

  it('aggregates minutes into longer bars that hold them', () => {
    const minutes = market.minuteBars('SPY', START, START + 3_600_000, 100);
    const [hour] = barsOf(market, 'SPY', { unit: 'minute', minutes: 60 }, START, START + 3_600_000, 5);
    expect(hour).toMatchObject({ open: minutes[0]?.open, close: minutes[59]?.close, trades: 3600 });
    expect(hour?.volume).toBe(minutes.reduce((sum, bar) => sum + bar.volume, 0));
    const days = barsOf(market, 'SPY', { unit: 'day' }, START - 3 * 86_400_000, START, 10);
    expect(days.map((bar) => new Date(bar.startMs).toISOString().slice(0, 10))).toEqual([
      '2026-01-06',
      '2026-01-07',
      '2026-01-08',
      '2026-01-09',
    ]);
    expect(days[1]).toMatchObject({
      startMs: Date.parse('2026-01-07T05:00:00Z'),
      endMs: Date.parse('2026-01-08T05:00:00Z'),
    });
  });
});
