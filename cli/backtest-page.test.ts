import { expect, it } from 'vitest';
import type { BacktestReport } from '@/server/replay/backtest';
import { runStatistics, type TradeFill } from '@/server/replay/statistics';
import { backtestPage } from './backtest-page';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 2, 21);

function reportOf(points: number, trades: readonly TradeFill[]): BacktestReport {
  const curve = Array.from({ length: points }, (_, n) => ({ atMs: START + n * DAY, equity: 1000 + (n % 7) * 10 }));
  const toMs = curve.at(-1)?.atMs ?? START;
  const statistics = runStatistics(curve, trades);
  return {
    bars: points,
    barsInSession: points,
    fromMs: START,
    toMs,
    decisions: {},
    hits: {},
    statistics,
    curve,
    trades,
  };
}

const buy: TradeFill = { symbol: 'A&B', side: 'BUY', qty: 10, price: 12.5, fee: 1, atMs: START + DAY };

it('is one page with equity, drawdown, prices with marks and every trade, and loads nothing', () => {
  const prices = new Map([['A&B', [12, 13, 14].map((value, n) => ({ atMs: START + n * DAY, value }))]]);
  const page = backtestPage(reportOf(3, [buy]), { strategy: 'sma-cross', symbols: ['A&B'], period: '1d' }, prices);
  for (const label of ['Equity', 'Drawdown', 'Closes of A&amp;B with trades'])
    expect(page).toContain(`aria-label="${label}"`);
  expect(page).toContain('BUY 10 at 12.50, 2024-01-03');
  expect(page).toContain(
    '<td>2024-01-03 21:00</td><td>A&amp;B</td><td class="buy">BUY</td><td>10</td><td>12.50</td><td>1.00</td>',
  );
  expect(page).toContain('prefers-color-scheme:dark');
  expect(page).not.toMatch(/<script|<link|<img|https?:|url\(|A&B/);
});

it('draws a long run with fewer points, keeping the highest and lowest', () => {
  const values = Array.from({ length: 50_000 }, (_, n) => ({
    atMs: START + n * 60_000,
    value: n === 31_234 ? 999 : 10 + (n % 3),
  }));
  const page = backtestPage(
    reportOf(2, []),
    { strategy: 's', symbols: ['SPY'], period: '1m' },
    new Map([['SPY', values]]),
  );
  expect(page.length).toBeLessThan(100_000);
  expect(page).toContain('>999.00</text>');
  expect(page).toContain('No trades.');
});
