import type { Pool } from 'pg';
import type { HaltRow, ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { inTransaction } from './transaction';

type HaltProgressStore = Pick<ReconciliationStore, 'halt' | 'haltCounts' | 'saveHaltProgress' | 'verifyHalt'>;

const COUNTS = `
  SELECT count(*) FILTER (WHERE o.status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED'))::int AS working,
    count(*) FILTER (WHERE 'SUBMIT_UNCERTAIN' = ANY (o.flags) OR (o.status = 'NEW' AND o.claimed_at IS NOT NULL))::int AS uncertain,
    count(*) FILTER (WHERE o.status = 'CANCELLED' AND o.closed_at >= h.requested_at)::int AS cancelled,
    count(*) FILTER (WHERE o.status = 'FILLED' AND o.closed_at >= h.requested_at)::int AS filled
  FROM halts h LEFT JOIN orders o ON o.kind <> 'FLATTEN'
    AND (o.status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED') OR o.closed_at >= h.requested_at OR 'SUBMIT_UNCERTAIN' = ANY (o.flags))
  WHERE h.id = $1`;

/** The worker's side of a halt. */
export function createHaltProgressStore(pool: Pool): HaltProgressStore {
  return {
    async halt() {
      const { rows } = await pool.query<{ id: string; acknowledged: boolean; verified: boolean; since: number | null }>(
        `SELECT h.id, h.acknowledged_at IS NOT NULL AS acknowledged, h.verified_at IS NOT NULL AS verified,
                (extract(epoch FROM clock_timestamp() - h.acknowledged_at) * 1000)::float8 AS since
         FROM trading_state t JOIN halts h ON h.id = t.halt_id WHERE t.state = 'HALTED'`,
      );
      const row = rows[0];
      if (row === undefined) return null;
      const { id, acknowledged, verified, since } = row;
      return { id, acknowledged, verified, sinceAcknowledgedMs: since } satisfies HaltRow;
    },

    async haltCounts(haltId) {
      const { rows } = await pool.query<{ working: number; uncertain: number; cancelled: number; filled: number }>(
        COUNTS,
        [haltId],
      );
      return rows[0] ?? { working: 0, uncertain: 0, cancelled: 0, filled: 0 };
    },

    async saveHaltProgress(haltId, progress) {
      await pool.query('UPDATE halts SET progress = $2::jsonb WHERE id = $1 AND progress IS DISTINCT FROM $2::jsonb', [
        haltId,
        JSON.stringify(progress),
      ]);
    },

    async verifyHalt(haltId) {
      await inTransaction(pool, async (client) => {
        const { rowCount } = await client.query(
          'UPDATE halts SET verified_at = clock_timestamp() WHERE id = $1 AND verified_at IS NULL AND released_at IS NULL',
          [haltId],
        );
        if (rowCount !== 1) return;
        await client.query(
          `INSERT INTO outbox (id, topic, subject, data)
           VALUES (gen_random_uuid(), 'trading.halt.verified', $1, jsonb_build_object('halt_id', $1::text))`,
          [haltId],
        );
        await client.query(
          `SELECT audit_append('system (execution)', 'trading.halt.verified', 'halt:' || $1::text, NULL, NULL, NULL)`,
          [haltId],
        );
      });
    },
  };
}
