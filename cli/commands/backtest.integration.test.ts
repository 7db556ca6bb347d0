import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHistory } from '@/server/composition/history';
import { sessionsBetween } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { readBarFile } from '@/server/domain/market/bar-file';
import { findStrategy } from '@/server/domain/strategy';
import { parseUnits } from '@/server/kernel/money';
import { type BacktestRequest, backtest } from '@/server/replay/backtest';
import { haveShared, sharedFile } from '@/test-support/shared';

const MINUTE = 60_000;
let folder: string;
let store: ReturnType<typeof openHistory>;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-backtest-'));
  store = openHistory(folder);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const price = (n: number) => parseUnits((100 + 3 * Math.sin(n / 20)).toFixed(2));

function bar(startMs: number, endMs: number, n: number): Bar {
  const close = price(n);
  return { symbol: 'SPY', startMs, endMs, open: close, high: close, low: close, close, volume: parseUnits('1000') };
}

const sessions = sessionsBetween('2024-03-06', '2024-03-13');
const minutes = sessions.flatMap(({ openMs, closeMs }, day) =>
  Array.from({ length: (closeMs - openMs) / MINUTE }, (_, n) =>
    bar(openMs + n * MINUTE, openMs + (n + 1) * MINUTE, day * 390 + n),
  ),
);

const request: BacktestRequest = {
  strategy: 'ema-cross',
  params: {},
  symbols: ['SPY'],
  period: '1m',
  fromMs: null,
  toMs: null,
  cash: '100000',
  feePerShare: '0',
  feeMin: '0',
  policy: {},
};

async function run(change: Partial<BacktestRequest> = {}) {
  const lines: string[] = [];
  const report = await backtest(store, { ...request, ...change }, findStrategy, (line) => lines.push(line));
  return { report, journal: lines.join('\n') };
}

describe('a backtest', () => {
  it('refuses a strategy that bars do not drive, rather than finding nothing', async () => {
    await expect(run({ strategy: 'fake' })).rejects.toThrow('driven by quotes');
  });

  it('trades over stored minutes, with a point of the curve a day, twice the same', async () => {
    await store.add('1m', minutes);
    const first = await run();
    expect(first.report).toMatchObject({ bars: minutes.length, barsInSession: minutes.length });
    expect(first.report.statistics.fills).toBeGreaterThan(10);
    expect(first.report.curve).toHaveLength(sessions.length + 1);
    const end = JSON.parse(first.journal.split('\n').at(-1) ?? '');
    expect(first.report.statistics.endEquity).toBeCloseTo(Number(end.equity), 5);
    expect((await run()).journal).toBe(first.journal);
  });

  it('takes only the bars of its time and other parameters where they are given', async () => {
    await store.add('1m', minutes);
    const part = await run({ fromMs: sessions[1]?.openMs ?? 0, toMs: sessions[2]?.closeMs ?? 0 });
    expect(part.report.bars).toBe(780);
    const slow = await run({ params: { fast: 50, slow: 200 } });
    expect(slow.report.statistics.fills).toBeLessThan((await run()).report.statistics.fills);
  });

  it('says what policy made of the signals', async () => {
    await store.add('1m', minutes);
    const { report } = await run({ policy: { min_confidence: 0.9 } });
    expect(report.decisions['REVIEW']).toBeGreaterThan(0);
    expect(report.hits).toHaveProperty('CONFIDENCE_LOW');
    expect(report.statistics.fills).toBe(0);
  });

  it('trades daily bars at the close of their day, and never on a price from after it', async () => {
    const days = sessionsBetween('2023-01-03', '2024-03-13').map(({ openMs, closeMs }, n) => bar(openMs, closeMs, n));
    await store.add('1d', days);
    const { report, journal } = await run({ period: '1d', params: { fast: 5, slow: 20 } });
    expect(report.statistics.fills).toBeGreaterThan(2);
    const closes = new Map(days.map(({ endMs, close }) => [new Date(endMs - 1).toISOString(), close]));
    for (const line of journal.split('\n').filter((each) => each.includes('"type":"fill"'))) {
      const { at, price: paid } = JSON.parse(line);
      expect(parseUnits(paid)).toBe(closes.get(at));
    }
  });

  it('without bars, or with a wrong name, says what to do', async () => {
    await expect(run()).rejects.toThrow('countersign import bars');
    await store.add('1m', minutes);
    await expect(run({ strategy: 'none' })).rejects.toThrow('there is no strategy none');
    await expect(run({ params: { fast: 0 } })).rejects.toThrow('ema-cross.fast');
    await expect(run({ cash: 'much' })).rejects.toThrow('cash');
  });

  it.skipIf(!haveShared)(
    'computes the published result of an SMA cross on ORCL 2001 (skipped without ../shared)',
    async () => {
      const text = readFileSync(sharedFile('data/orcl-2001/orcl-2001-yahoofinance.csv'), 'utf8');
      const [orcl] = readBarFile(text, 'yahoo', { symbol: 'ORCL' }).files;
      await store.add('1d', orcl?.bars ?? []);
      const published: Partial<BacktestRequest> = {
        strategy: 'sma-cross',
        symbols: ['ORCL'],
        period: '1d',
        cash: '1000',
        rules: { size: { shares: parseUnits('10') }, shorts: true, fill: 'next-open' },
      };
      const { report } = await run(published);
      expect(report.statistics.endEquity).toBeCloseTo(977.3, 6);
      const closed = await run({ ...published, closeAtEnd: 'close' });
      expect(closed.report.statistics.endEquity).toBeCloseTo(977.3, 6);
      expect(closed.report.trades).toHaveLength(report.trades.length + 1);
      const [last] = (await run({ ...published, closeAtEnd: 'open' })).report.trades.slice(-1);
      expect(last).toMatchObject({ side: 'BUY', qty: 10, price: 14.1 });
    },
  );
});
