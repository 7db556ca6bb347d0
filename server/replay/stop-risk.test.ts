import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sessionOn } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { findStrategy } from '@/server/domain/strategy';
import { parseUnits } from '@/server/kernel/money';
import { backtest } from '@/server/replay/backtest';
import { haveShared, sharedFile } from '@/test-support/shared';

const CENT = 0.01;
/** Share of equity that a trade may put at risk. */
const RISK_LIMIT = 0.005;

/** Daily bars of a file of ../shared/data, over the hours of their sessions. */
function readBars(symbol: string): Bar[] {
  const rows = readFileSync(sharedFile('data/daily-2012-2014', `${symbol}.csv`), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  return rows.map((row) => {
    const [date = '', open = '', high = '', low = '', close = '', volume = ''] = row.split(',');
    const session = sessionOn(date);
    if (session === null) throw new Error(`no session on ${date}`);
    const [o, h, l, c, v] = [open, high, low, close, volume].map(parseUnits);
    if (o === undefined || h === undefined || l === undefined || c === undefined || v === undefined)
      throw new Error(`a row of ${symbol} lacks figures: ${row}`);
    return { symbol, startMs: session.openMs, endMs: session.closeMs, open: o, high: h, low: l, close: c, volume: v };
  });
}

const number = z.coerce.number();
const decisionLine = z.object({ id: z.string(), approved_size_pct: number });
const stopLine = z.object({ id: z.string(), qty: number, stop_price: number });
const fillLine = z.object({ id: z.string(), qty: number, price: number });
const accountLine = z.object({ equity: number });

interface StoppedTrade {
  /** Share of equity that was approved. */
  readonly size: number;
  /** Equity at the decision, and what the trade put at risk and lost; dollars. */
  readonly equity: number;
  readonly risk: number;
  readonly lost: number;
  /** What the fill lost beyond the price of the stop. */
  readonly past: number;
}

/** Trades of a journal that ended by their stop. An entry fills at its reference price; its stops are named after it. */
function stoppedTrades(lines: readonly string[], cash: number): StoppedTrade[] {
  let equity = cash;
  const entries = new Map<string, { equity: number; size: number; price: number }>();
  const stops = new Map<string, number>();
  const trades: StoppedTrade[] = [];
  for (const text of lines) {
    const line: unknown = JSON.parse(text);
    const { type } = z.looseObject({ type: z.string() }).parse(line);
    if (type === 'account') equity = accountLine.parse(line).equity;
    if (type === 'decision') {
      const { id, approved_size_pct: size } = decisionLine.parse(line);
      entries.set(id, { equity, size, price: 0 });
    }
    const placed = type === 'order' ? stopLine.safeParse(line) : null;
    if (placed?.success === true && placed.data.id.includes('.stop')) stops.set(placed.data.id, placed.data.stop_price);
    if (type !== 'fill') continue;
    const { id, qty, price } = fillLine.parse(line);
    const entry = entries.get(id.split('.')[0] ?? '');
    const stop = stops.get(id);
    if (entry === undefined) continue;
    if (stop === undefined) entry.price = price;
    else
      trades.push({
        size: entry.size,
        equity: entry.equity,
        risk: qty * (entry.price - stop),
        lost: qty * (entry.price - price),
        past: qty * (stop - price),
      });
  }
  return trades;
}

async function play(symbol: string): Promise<StoppedTrade[]> {
  const bars = readBars(symbol);
  const lines: string[] = [];
  const store = { read: async () => bars } as unknown as Parameters<typeof backtest>[0];
  const request = {
    strategy: 'sma-cross',
    params: { fast: 2, slow: 5, stop_atr: 1, size_pct: 1, confidence: 1 },
    symbols: [symbol],
    period: '1d',
    fromMs: null,
    toMs: null,
    cash: '100000',
    feePerShare: '0',
    feeMin: '0',
    // The limits on position and exposure off, so that the risk rule binds.
    policy: { max_position_pct: null, max_gross_exposure_pct: 1 },
  } as const;
  await backtest(store, request, findStrategy, (line) => lines.push(line));
  return stoppedTrades(lines, 100_000);
}

describe.runIf(haveShared)('risk is real: daily bars of 2012 to 2014', () => {
  it('no stopped trade puts more than 0.5% of equity at risk, and what it loses beyond that is the gap past its stop', async () => {
    const trades = [...(await play('AAPL')), ...(await play('MSFT'))];
    const bound = trades.filter(({ size }) => size < 1);
    expect(bound.length).toBeGreaterThanOrEqual(30);
    for (const { equity, risk, lost, past } of trades) {
      expect(risk).toBeGreaterThan(0);
      expect(risk).toBeLessThanOrEqual(equity * RISK_LIMIT + CENT);
      expect(past).toBeGreaterThanOrEqual(-CENT);
      expect(lost).toBeCloseTo(risk + past, 4);
    }
    const shares = bound.map(({ lost, equity }) => lost / equity).sort((a, b) => a - b);
    const median = shares[Math.floor(shares.length / 2)] ?? 0;
    expect(bound.filter(({ past }) => past > CENT).length).toBeLessThan(bound.length / 2);
    // Losses cluster at the limit: the quantity is rounded down, the stop toward the entry.
    expect(median).toBeGreaterThan(0.0045);
    expect(median).toBeLessThan(0.0055);
  });
});
