import { Pool, type PoolConfig } from 'pg';

export interface PoolOptions {
  /** Shown in pg_stat_activity: who holds what. */
  readonly name: string;
  readonly max?: number;
  /** Connections opened at once and kept though idle: their first user waits for none. Default 0. */
  readonly keep?: number;
  /** A statement that waits longer for a lock fails with SQLSTATE 55P03. Default 5 s. */
  readonly lockTimeoutMs?: number;
  /** Default 15 s. */
  readonly statementTimeoutMs?: number;
}

/**
 * A transaction whose process went quiet (stopped, cut off) is ended after this long: it may hold the row that a halt needs.
 */
export const IDLE_IN_TRANSACTION_MS = 4_000;

/**
 * Connections for the hot path and for commands. Broken idle connections are dropped and replaced by the pool; the
 * statement that was under way fails and its caller decides.
 */
export function createPool(databaseUrl: string, options: PoolOptions): Pool {
  const config: PoolConfig = {
    connectionString: databaseUrl,
    application_name: `countersign ${options.name}`,
    max: options.max ?? 8,
    min: options.keep ?? 0,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 5_000,
    statement_timeout: options.statementTimeoutMs ?? 15_000,
    lock_timeout: options.lockTimeoutMs ?? 5_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    options: '-c timezone=UTC -c default_transaction_isolation=read\\ committed',
  };
  const pool = new Pool(config);
  // An idle connection that dies (server restart) must not end the process.
  pool.on('error', () => undefined);
  // Opened side by side, or one would serve them all. A database that is away now is asked again at the first use.
  for (let n = 0; n < (options.keep ?? 0); n += 1) pool.query('SELECT 1').catch(() => undefined);
  return pool;
}
