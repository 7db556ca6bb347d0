import { describe, expect, it } from 'vitest';
import { FeatureRun } from '@/server/domain/features/feature-snapshot';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { type MemoContext, type MemoSignal, memoData } from './memo-data';
import type { NewsSummary } from './news-summary';
import { rulesDataSchema } from './rules-data';

const AT = Date.UTC(2026, 0, 5, 15);

function features() {
  const run = new FeatureRun('AAPL');
  const bars = Array.from({ length: 40 }, (_, n) => ({
    symbol: 'AAPL',
    endMs: AT - (39 - n) * 60_000,
    open: 100 + Math.sin(n),
    high: 102,
    low: 98,
    close: 100 + Math.sin(n + 1),
    volume: 1_000 + n,
  }));
  return bars.map((bar) => run.next(bar)).at(-1) ?? null;
}

const signal: MemoSignal = {
  signalId: '018f2b1e-7c3a-7d00-8a00-000000000001',
  symbol: 'AAPL',
  action: 'BUY',
  strategy: 'fake',
  confidence: 0.9,
  sizePct: 0.02,
  features: features(),
  atMs: AT,
};

const context: MemoContext = {
  market: {
    open: true,
    msToClose: 3_599_000,
    quote: { bid: parseUnits('99.99'), ask: parseUnits('100.01'), ageMs: 1_400 },
    events: [{ kind: 'EARNINGS', title: '<b>Q1</b> \u202eresults', startsMs: AT + 60_000 }],
  },
  portfolio: {
    equity: parseMoney('101000'),
    previousCloseEquity: parseMoney('100000'),
    cash: parseMoney('80000.129'),
    grossExposure: parseMoney('20200'),
    positions: 2,
    workingOrders: 1,
    position: { qty: parseUnits('101'), value: parseMoney('10100'), cost: parseMoney('10000') },
  },
  symbols: ['AAPL', 'MSFT'],
};

const summary: NewsSummary = {
  items: [],
  left: { later: 0, old: 0, otherSymbol: 0, repeated: 0, empty: 0, surplus: 0 },
  suspicious: ['n1'],
};

describe('what a reasoner is given', () => {
  it('is everything that the rules read, under the names they read it by', () => {
    const read = rulesDataSchema.parse(JSON.parse(JSON.stringify(memoData(signal, context, summary))));
    for (const [name, figure] of Object.entries(read.market.features ?? { features: null }))
      expect([name, figure]).not.toEqual([name, null]);
    expect(read.market).toMatchObject({ spread_bps: 2, quote_age_seconds: 1, minutes_to_close: 59 });
    expect(read.portfolio).toEqual({ gross_exposure_pct: 0.2, day_pnl_pct: 0.01, position: { pct_of_equity: 0.1 } });
  });

  it('is plain, in dollars and cents, and names no other symbol', () => {
    const data = memoData(signal, context, summary);
    expect(data.market).toMatchObject({ events: [{ title: 'Q1 results' }], news_with_concealed_text: ['n1'] });
    expect(data.portfolio).toMatchObject({ cash: '80000.12', day_pnl: '1000', position: { unrealised_pnl: '100' } });
    expect(JSON.stringify(data)).not.toContain('MSFT');
  });

  it('says of what is unknown that it is', () => {
    const unknown = { ...context.market, open: null, msToClose: null, quote: null, events: [] };
    const data = memoData({ ...signal, features: null }, { ...context, market: unknown }, summary);
    expect(data.market).toMatchObject({
      open: null,
      minutes_to_close: null,
      bid: null,
      spread_bps: null,
      features: null,
    });
  });
});
