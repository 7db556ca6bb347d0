import type { NewsItem } from '@/server/contracts/memo';
import type { ReasonQuestion } from '../reason';

export const SIGNAL = '018f2b1e-7c3a-7d00-8a00-000000000001';
export const MODEL_KEY = 'sk-test-0123456789abcdef';

export const item = (n: number, headline = `Headline ${n}`): NewsItem => ({
  id: `n${n}`,
  source: 'Wire',
  published_at: new Date(Date.UTC(2024, 2, 8) - n * 60_000).toISOString(),
  headline,
});

export const question = (news: readonly NewsItem[] = [item(1)], signalId = SIGNAL): ReasonQuestion => ({
  signalId,
  symbol: 'AAPL',
  otherSymbols: ['MSFT'],
  data: {
    signal: {
      signal_id: signalId,
      symbol: 'AAPL',
      action: 'BUY',
      strategy: 'ema-cross',
      confidence: 0.7,
      size_pct: 0.02,
    },
    market: { at: '2024-03-08T15:00:00.000Z' },
    portfolio: {},
    news,
  },
});

/** A memo as a well-behaved model writes it. */
export const memoText = (change: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    signal_id: SIGNAL,
    thesis: 'Momentum continues.',
    counter_thesis: 'The move is late.',
    risk_flags: ['overextended'],
    risk_notes: [],
    recommendation: 'ALLOW',
    cited_news_ids: ['n1'],
    ...change,
  });
