import type { Pool } from 'pg';
import type { WorkerStore } from '@/server/application/ports/worker-store';
import type { TradingState } from '@/server/kernel/vocabulary';
import { PORTFOLIO_MAX_AGE_MS } from '../policy-limits';

/** The worker's own rows: its heartbeat, and what it must know before it starts. */
export function createWorkerStore(pool: Pool): WorkerStore {
  return {
    async beat({ id, roles, startedAtMs, info }) {
      await pool.query(
        `INSERT INTO worker_heartbeats (id, roles, started_at, beat_at, info) VALUES ($1, $2::text[], $3, clock_timestamp(), $4::jsonb)
         ON CONFLICT (id) DO UPDATE SET roles = excluded.roles, beat_at = excluded.beat_at, info = excluded.info`,
        [id, roles, new Date(startedAtMs).toISOString(), JSON.stringify(info)],
      );
    },
    async gone(id) {
      await pool.query('DELETE FROM worker_heartbeats WHERE id = $1', [id]);
    },
    async stage() {
      const { rows } = await pool.query<{ stage: string }>('SELECT stage FROM settings WHERE id = 1');
      return rows[0]?.stage ?? null;
    },
    async readiness() {
      const { rows } = await pool.query<{ state: TradingState; age: number | null; limit_ms: number }>(
        `SELECT t.state, (extract(epoch FROM clock_timestamp() - a.reconciled_at) * 1000)::float8 AS age,
           ${PORTFOLIO_MAX_AGE_MS} AS limit_ms
         FROM trading_state t, accounts a WHERE t.id = 1 AND a.id = 1`,
      );
      const row = rows[0];
      return row === undefined
        ? { state: 'HALTED', reconciledAgeMs: null, portfolioMaxAgeMs: 0 }
        : { state: row.state, reconciledAgeMs: row.age, portfolioMaxAgeMs: row.limit_ms };
    },
    async storeSignal(signal) {
      const { rowCount } = await pool.query(
        `WITH stored AS (
           INSERT INTO signals (id, source, strategy, model_version, symbol, action, confidence, size_pct, principal_id, created_at, expires_at)
           VALUES ($1, 'STRATEGY', $2, $3, $4, $5, $6::numeric, $7::numeric, $8, clock_timestamp(), clock_timestamp() + $9 * interval '1 millisecond')
           ON CONFLICT (id) DO NOTHING RETURNING id)
         INSERT INTO outbox (id, topic, subject, data)
         SELECT gen_random_uuid(), 'signal.candidate.created', id::text,
           jsonb_build_object('signal_id', id, 'strategy', $2::text, 'symbol', $4::text, 'candidate_action', $5::text,
             'confidence', $6::numeric, 'size_pct', $7::numeric, 'model_version', $3::text)
         FROM stored`,
        [
          signal.id,
          signal.strategy,
          signal.modelVersion,
          signal.symbol,
          signal.action,
          signal.confidence,
          signal.sizePct,
          signal.principalId,
          signal.ttlMs,
        ],
      );
      return rowCount === 1;
    },
  };
}
