import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Bar } from '@/server/domain/exchange/types';
import { formatUnits, parseUnits } from '@/server/kernel/money';
import { parseBarFile } from '@/server/replay/bar-files';
import { type ReplayOutcome, replayText } from '@/test-support/replay';
import { haveShared, sharedFile } from '@/test-support/shared';

const DATA = sharedFile('data');
const SPY = path.join(DATA, 'spy-minute-2011-01/nt-spy-minute-2011.csv');
const CALENDAR = path.join(DATA, 'calendar/xnys.csv');
const ORCL = path.join(DATA, 'orcl-2001/orcl-2001-yahoofinance.csv');

function lines(...rows: readonly object[]): string {
  return rows.map((row) => JSON.stringify(row)).join('\n');
}

describe.runIf(haveShared)('ORCL 2001, SMA 10/25 cross, long and short 10 shares', () => {
  const header = {
    scenario: 1,
    name: 'ORCL',
    start: '2001-01-01T00:00:00.000Z',
    cash: '1000',
    gate: 'off',
    exchange: { mode: 'bars' },
  };
  const text = haveShared ? readFileSync(ORCL, 'utf8') : '';
  const bars = haveShared ? parseBarFile(text, 'csv', 'ORCL') : [];
  const adjusted = new Map(text.split('\n').map((row) => [row.split(',')[0] ?? '', row.trim().split(',')[6] ?? '']));

  function average(closes: readonly number[], period: number): number {
    return closes.slice(-period).reduce((sum, each) => sum + each, 0) / period;
  }

  /** Orders at the close on which the averages have crossed: to cover, and to open 10 the other way. */
  function crossings(): object[] {
    const closes: number[] = [];
    const orders: object[] = [];
    let side = 0;
    let held = 0;
    for (const bar of bars) {
      closes.push(Number(formatUnits(bar.close)));
      if (closes.length < 25) continue;
      const now = Math.sign(average(closes, 10) - average(closes, 25));
      if (now === 0 || now === side) continue;
      if (side !== 0) {
        const order = {
          at: new Date(bar.endMs).toISOString(),
          type: 'order',
          symbol: 'ORCL',
          side: now > 0 ? 'BUY' : 'SELL',
          order_type: 'MARKET',
        };
        if (held !== 0) orders.push({ ...order, id: `cover-${orders.length}`, qty: '10' });
        orders.push({ ...order, id: `open-${orders.length}`, qty: '10' });
        held = now * 10;
      }
      side = now;
    }
    return orders;
  }

  it('ends with the published equity of 977.30', () => {
    const orders = crossings();
    expect(orders).toHaveLength(19);
    const { report } = replayText(
      lines(
        header,
        ...orders,
        { type: 'expect', account: { equity: '977.30', positions: { ORCL: '-10' }, fees: '0' } },
        { type: 'expect', fills: 19 },
      ),
      bars,
    );
    expect(report.failures).toEqual([]);
  });

  it('ends with 980.40 when it is marked with the adjusted close, bars being lines', () => {
    const at = (bar: Bar) => new Date(bar.endMs).toISOString();
    const rows = bars.flatMap((bar) => [
      {
        at: at(bar),
        type: 'bar',
        symbol: 'ORCL',
        open: formatUnits(bar.open),
        high: formatUnits(bar.high),
        low: formatUnits(bar.low),
        close: adjusted.get(at(bar).slice(0, 10)),
        volume: formatUnits(bar.volume),
        period_s: (bar.endMs - bar.startMs) / 1000,
      },
      ...crossings().filter((order) => 'at' in order && order.at === at(bar)),
    ]);
    const { report } = replayText(lines(header, ...rows, { type: 'expect', account: { equity: '980.40' } }));
    expect(report.failures).toEqual([]);
  });
});

/** The same trading as the `ema-cross` strategy under the default policy, worked out with plain integers of 1/10,000. */
function tradeByHand(bars: readonly Bar[], closeOf: ReadonlyMap<string, { open: number; close: number }>) {
  const state = { cash: 100_000n * 10_000n, held: 0n, mark: 0n, fills: 0, inSession: 0, side: 0 };
  const fast = { sum: 0, count: 0, value: Number.NaN };
  const slow = { sum: 0, count: 0, value: Number.NaN };
  const step = (ema: typeof fast, period: number, close: number) => {
    ema.count += 1;
    if (ema.count > period) ema.value += (2 / (period + 1)) * (close - ema.value);
    else {
      ema.sum += close;
      if (ema.count === period) ema.value = ema.sum / period;
    }
    return ema.value;
  };
  for (const bar of bars) {
    const price = bar.close / 10n ** 8n;
    state.mark = price;
    const session = closeOf.get(new Date(bar.endMs).toISOString().slice(0, 10));
    if (session === undefined || bar.endMs <= session.open || bar.startMs >= session.close) continue;
    state.inSession += 1;
    const close = Number(formatUnits(bar.close));
    const side = Math.sign(step(fast, 12, close) - step(slow, 26, close));
    if (Number.isNaN(side) || side === 0 || side === state.side) continue;
    const first = state.side === 0;
    state.side = side;
    if (first || bar.endMs === session.close) continue;
    const equity = state.cash + state.held * price;
    // 1% of equity at most may be bought (0.5% risk, stop assumed at half the price); a closing sale keeps its 2%.
    const bought = equity / (100n * price);
    const sold = (2n * equity) / (100n * price);
    const qty = side > 0 ? bought : -(sold < state.held ? sold : state.held);
    if (qty === 0n) continue;
    state.held += qty;
    state.cash -= qty * price;
    state.fills += 1;
  }
  return { ...state, equity: state.cash + state.held * state.mark };
}

describe.runIf(haveShared)('SPY by the minute, January 2011, with the ema-cross strategy', () => {
  const bars = haveShared ? parseBarFile(readFileSync(SPY, 'utf8'), 'ninjatrader', 'SPY') : [];
  const sessions = new Map<string, { open: number; close: number }>();
  const header = {
    scenario: 1,
    name: 'SPY',
    start: '2011-01-03T00:00:00.000Z',
    cash: '100000',
    exchange: { mode: 'bars' },
    strategies: [{ name: 'ema-cross', symbol: 'SPY', params: { fast: 12, slow: 26, confidence: 0.71 } }],
  };
  let outcome: ReplayOutcome;

  beforeAll(() => {
    for (const row of readFileSync(CALENDAR, 'utf8').split('\n')) {
      const [date = '', open = '', close = ''] = row.split(',');
      if (date !== '') sessions.set(date.slice(0, 10), { open: Date.parse(open), close: Date.parse(close) });
    }
    outcome = replayText(JSON.stringify(header), bars);
  });

  it('sees all 14,180 bars, 7,800 of them in session', () => {
    expect(outcome.report.bars).toBe(14_180);
    expect(outcome.report.barsInSession).toBe(7_800);
  });

  it('enters nothing outside a session', () => {
    const fills = outcome.journal.map((line): unknown => JSON.parse(line)).filter(isFill);
    expect(fills.length).toBeGreaterThan(100);
    for (const { at } of fills) {
      const session = sessions.get(at.slice(0, 10));
      expect(session !== undefined && Date.parse(at) >= session.open && Date.parse(at) < session.close).toBe(true);
    }
  });

  it('ends with the equity, cash, holding and fills that plain integers give', () => {
    const byHand = tradeByHand(bars, sessions);
    const { account } = outcome.report.engine;
    expect(byHand.inSession).toBe(7_800);
    expect(outcome.report.fills).toBe(byHand.fills);
    expect(account.ledger.cash).toBe(byHand.cash * 10n ** 20n);
    expect(account.ledger.positions.get('SPY')?.qty ?? 0n).toBe(byHand.held * parseUnits('1'));
    expect(account.equity()).toBe(byHand.equity * 10n ** 20n);
  });

  it('gives the same journal twice', () => {
    expect(replayText(JSON.stringify(header), bars).sha256).toBe(outcome.sha256);
  });
});

function isFill(line: unknown): line is { type: 'fill'; at: string } {
  return typeof line === 'object' && line !== null && 'type' in line && line.type === 'fill' && 'at' in line;
}
