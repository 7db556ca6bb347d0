import type { Pool } from 'pg';
import { createEventLog } from '@/server/adapters/postgres/bus/event-log';
import { createReadFeatures } from '@/server/adapters/postgres/market/features-read';
import { createReadMarketView } from '@/server/adapters/postgres/market/market-view';
import { createPostgresQuoteStore } from '@/server/adapters/postgres/market/quote-store';
import { createRecentBars } from '@/server/adapters/postgres/market/recent-bars';
import { createRedisQuoteStore } from '@/server/adapters/redis/quote-store';
import { type MarketReads, readBarPage } from '@/server/application/history/market-reads';
import { openOnce } from '@/server/application/history/open-once';
import { type BarReader, createBarReader } from '@/server/application/history/read-bars';
import { readQuote } from '@/server/application/history/read-quote';
import type { BarStore } from '@/server/application/ports/bar-store';
import type { QuoteStore } from '@/server/application/ports/quote-store';

/** Latest quotes in Redis, if an address is given, in front of Postgres. */
export function createQuotes(
  redisUrl: string | undefined,
  pool: Pool,
  nowMs: () => number,
  onState: (what: string) => void,
): QuoteStore {
  const behind = createPostgresQuoteStore(pool);
  if (redisUrl === undefined) return behind;
  const log = createEventLog(pool);
  const deployment = async () => (await log.stream(null)).deployment;
  return createRedisQuoteStore({ url: redisUrl, behind, deployment, nowMs, onState });
}

/** The history of a data folder, opened when it is first asked for: who never asks does not load DuckDB. */
export function lazyHistory(dataDir: string): Pick<BarStore, 'read' | 'has'> {
  const store = openOnce(async () => (await import('./history')).openHistory(dataDir));
  return {
    read: async (range) => (await store.get()).read(range),
    has: async (symbol) => (await store.get()).has(symbol),
  };
}

/** Bars of the table and of the history, as one. */
export function openBarReader(pool: Pool, dataDir: string): BarReader {
  return createBarReader({ history: lazyHistory(dataDir), recent: createRecentBars(pool) });
}

/** Quotes and bars for readers, over a pool and a data folder. */
export function createMarketReads(pool: Pool, quotes: Pick<QuoteStore, 'latest'>, dataDir: string): MarketReads {
  const view = createReadMarketView(pool);
  const reader = openBarReader(pool, dataDir);
  return {
    quote: (symbol) => readQuote(quotes, view, symbol),
    bars: (symbol, query) => readBarPage(reader, symbol, query),
    features: createReadFeatures(pool),
  };
}
