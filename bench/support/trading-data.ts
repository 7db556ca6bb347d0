import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { ensureDefaults } from '@/server/adapters/postgres/ops/policy-versions';
import { createPool } from '@/server/adapters/postgres/pool';
import { overridePolicy } from '@/server/domain/policy';
import { seedFeatures } from '@/test-support/seed-features';
import { RUN_POLICY } from '@/test-support/test-policy';

const SYMBOLS = ['AAPL', 'MSFT', 'SPY', 'NVDA', 'AMZN'];
/** So many that none of them has an unreal number of orders within a minute. */
const STRATEGIES = 50;

/** The bench's own policy version: the rules that count orders are off, and no other limit is one that a burst of orders reaches. */
export const BENCH_POLICY = overridePolicy(RUN_POLICY, {
  max_orders_per_minute: 1_000_000_000,
  portfolio_max_age_seconds: 3600,
  max_data_age_seconds: 3600,
});

export interface NewSignal {
  readonly id: string;
  readonly symbol: string;
}

/** A trading database on which every order of one share of a fresh signal is approved. */
export class TradingData {
  readonly pool: Pool;

  constructor(readonly url: string) {
    this.pool = createPool(url, { name: 'bench', max: 4, statementTimeoutMs: 120_000 });
  }

  async prepare(): Promise<void> {
    await ensureDefaults(this.pool);
    const values = [JSON.stringify(BENCH_POLICY)];
    await this.pool.query(
      `INSERT INTO policy_versions (version, body, created_by, comment) VALUES (2, $1, 'bench', '') ON CONFLICT DO NOTHING`,
      values,
    );
    await this.pool.query('UPDATE settings SET active_policy_version = 2');
    await this.refresh();
  }

  /**
   * What the worker does all the time: account, clock and quotes are fresh. The clock is stored as if it had been seen
   * an hour from now, so that it needs no process of its own to stay fresh while orders are placed.
   */
  async refresh(): Promise<void> {
    await this.pool.query(
      `UPDATE accounts SET cash = 1e9, equity = 1e9, buying_power = 1e9, last_equity = 1e9, failed_rounds = 0,
         portfolio_at = clock_timestamp(), reconciled_at = clock_timestamp()`,
    );
    await this.pool.query(
      `INSERT INTO market_clock (id, is_open, market_time, observed_at, next_close, source)
       SELECT 1, true, seen, seen, seen + interval '4 hours', 'BENCH' FROM (SELECT clock_timestamp() + interval '1 hour' AS seen)
       ON CONFLICT (id) DO UPDATE SET market_time = excluded.market_time, observed_at = excluded.observed_at,
         next_close = excluded.next_close`,
    );
    await this.pool.query(
      `INSERT INTO quotes (symbol, bid, ask, bid_size, ask_size, quoted_at, received_at)
       SELECT s, 99.99, 100.01, 1000, 1000, clock_timestamp(), clock_timestamp() FROM unnest($1::text[]) AS s
       ON CONFLICT (symbol) DO UPDATE SET quoted_at = excluded.quoted_at, received_at = excluded.received_at`,
      [SYMBOLS],
    );
    await seedFeatures(this.pool, SYMBOLS);
  }

  /** Registers signals as a strategy would. */
  async signals(count: number): Promise<NewSignal[]> {
    const made = Array.from({ length: count }, (_, index) => ({
      id: randomUUID(),
      symbol: SYMBOLS[index % SYMBOLS.length] ?? 'AAPL',
    }));
    await this.pool.query(
      `INSERT INTO signals (id, source, strategy, symbol, action, confidence, size_pct, created_at, expires_at)
       SELECT s.id, 'STRATEGY', 'bench-' || (s.n % $3), s.symbol, 'BUY', 0.9, 0.02, clock_timestamp(), clock_timestamp() + interval '1 hour'
       FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS s(id, symbol, n)`,
      [made.map(({ id }) => id), made.map(({ symbol }) => symbol), STRATEGIES],
    );
    return made;
  }

  /** What the broker does: nothing works any more, so that each measurement begins with an empty book. */
  async settle(): Promise<void> {
    await this.pool.query(
      `UPDATE orders SET status = 'FILLED', pending = 'NONE', cum_qty = qty, closed_at = clock_timestamp()
       WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')`,
    );
    await this.pool.query('VACUUM (ANALYZE) accounts, orders, signals, outbox, idempotency_keys');
    await this.refresh();
  }

  async orderCount(): Promise<number> {
    const { rows } = await this.pool.query<{ count: number }>('SELECT count(*)::int AS count FROM orders');
    return rows[0]?.count ?? 0;
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
