import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { ensureDefaults } from '@/server/adapters/postgres/ops/policy-versions';
import { createPool } from '@/server/adapters/postgres/pool';
import type { Commands } from '@/server/application/commands';
import { createCommands } from '@/server/composition/web';
import type { OrderRequest } from '@/server/contracts/order';
import type { Actor } from '@/server/kernel/actor';
import { createTestDatabase, type TestDatabase } from './postgres';
import { seedFeatures } from './seed-features';
import { TEST_POLICY } from './test-policy';

export interface TradingFixture {
  readonly database: TestDatabase;
  readonly pool: Pool;
  readonly commands: Commands;
  /** Another process's commands over the same database: its own pools, queue and caches. */
  otherProcess(): Commands;
  /** Makes everything fresh and the market open: what the worker does all the time. */
  refresh(overrides?: { marketOpen?: boolean; quoteAgeSeconds?: number; portfolioAgeSeconds?: number }): Promise<void>;
  /** Registers a signal as a strategy would. @returns its id */
  signal(
    overrides?: Partial<{
      symbol: string;
      action: string;
      confidence: number;
      sizePct: number;
      strategy: string;
      expiresInMs: number;
    }>,
  ): Promise<string>;
  close(): Promise<void>;
}

export const ACTOR: Actor = {
  kind: 'token',
  principalId: '00000000-0000-4000-8000-0000000000aa',
  name: 'test client',
  correlationId: 'test',
};

export const SYMBOLS = ['AAPL', 'MSFT', 'SPY', 'NVDA', 'AMZN'] as const;

/** A market order for one share unless said otherwise. */
export function orderFor(signalId: string, overrides: Partial<OrderRequest> = {}): OrderRequest {
  return {
    signal_id: signalId,
    symbol: 'AAPL',
    side: 'BUY',
    qty: '1',
    order_type: 'MARKET',
    time_in_force: 'DAY',
    ...overrides,
  };
}

/** A migrated database with an account of 100,000, an open market and quotes of 99.99/100.01 on five symbols. */
export async function createTradingFixture(): Promise<TradingFixture> {
  const database = await createTestDatabase();
  const pools: Pool[] = [];
  const open = (name: string, max: number) => {
    const pool = createPool(database.url, { name, max });
    pools.push(pool);
    return pool;
  };
  const pool = open('fixture', 4);
  await ensureDefaults(pool, TEST_POLICY);
  const process = () => createCommands({ main: open('main', 6), control: open('control', 3) }, { codeVersion: 'test' });

  const fixture: TradingFixture = {
    database,
    pool,
    commands: process(),
    otherProcess: process,
    async refresh({ marketOpen = true, quoteAgeSeconds = 0, portfolioAgeSeconds = 0 } = {}) {
      await pool.query(
        `UPDATE accounts SET cash = 100000, equity = 100000, buying_power = 100000, last_equity = 100000, failed_rounds = 0,
           portfolio_at = clock_timestamp() - $1 * interval '1 second', reconciled_at = clock_timestamp() - $1 * interval '1 second',
           round_started_at = clock_timestamp() - $1 * interval '1 second'`,
        [portfolioAgeSeconds],
      );
      await pool.query(
        `INSERT INTO market_clock (id, is_open, market_time, observed_at, next_close, source)
         VALUES (1, $1, clock_timestamp(), clock_timestamp(), clock_timestamp() + interval '4 hours', 'TEST')
         ON CONFLICT (id) DO UPDATE SET is_open = excluded.is_open, market_time = excluded.market_time,
           observed_at = excluded.observed_at, next_close = excluded.next_close`,
        [marketOpen],
      );
      await pool.query(
        `INSERT INTO quotes (symbol, bid, ask, bid_size, ask_size, quoted_at, received_at)
         SELECT s, 99.99, 100.01, 1000, 1000, clock_timestamp() - $2 * interval '1 second', clock_timestamp() FROM unnest($1::text[]) AS s
         ON CONFLICT (symbol) DO UPDATE SET quoted_at = excluded.quoted_at, received_at = excluded.received_at,
           bid = excluded.bid, ask = excluded.ask`,
        [SYMBOLS, quoteAgeSeconds],
      );
      await seedFeatures(pool, SYMBOLS);
    },
    async signal({
      symbol = 'AAPL',
      action = 'BUY',
      confidence = 0.9,
      sizePct = 0.02,
      strategy = 'fake',
      expiresInMs = 600_000,
    } = {}) {
      const id = randomUUID();
      await pool.query(
        `INSERT INTO signals (id, source, strategy, symbol, action, confidence, size_pct, created_at, expires_at)
         VALUES ($1, 'STRATEGY', $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp() + $7 * interval '1 millisecond')`,
        [id, strategy, symbol, action, confidence, sizePct, expiresInMs],
      );
      return id;
    },
    async close() {
      await Promise.all(pools.map((each) => each.end()));
      await database.drop();
    },
  };
  await fixture.refresh();
  return fixture;
}
