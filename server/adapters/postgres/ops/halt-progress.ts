import type { Pool } from 'pg';
import { z } from 'zod';
import { LIVE } from '@/server/adapters/postgres/sets';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import { SupersededError } from '@/server/application/ports/lease';
import type { HaltRow, ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { orderKindSchema } from '@/server/kernel/vocabulary';
import { requireLease } from './require-lease';

type HaltProgressStore = Pick<
  ReconciliationStore,
  'halt' | 'haltOrders' | 'haltCounts' | 'cancelAllSent' | 'cancelsRefused' | 'saveHaltProgress' | 'verifyHalt'
>;

const HALT = `
  SELECT h.id, h.acknowledged_at IS NOT NULL AS acknowledged, h.verified_at IS NOT NULL AS verified, h.ended_holders, h.progress,
    (extract(epoch FROM clock_timestamp() - h.acknowledged_at) * 1000)::float8 AS since
  FROM trading_state t JOIN halts h ON h.id = t.halt_id WHERE t.state = 'HALTED'`;

const haltRow = z.object({
  id: z.string(),
  acknowledged: z.boolean(),
  verified: z.boolean(),
  ended_holders: z.number(),
  progress: z.record(z.string(), z.unknown()),
  since: z.number().nullable(),
});

const ORDERS = `
  SELECT id AS "orderId", external_order_id AS "externalOrderId", kind, symbol, cancel_fault AS "cancelFault",
    (extract(epoch FROM clock_timestamp() - cancel_sent_at) * 1000)::float8 AS "cancelSentAgoMs"
  FROM orders WHERE status IN ${LIVE} ORDER BY created_at`;

const orderRow = z.object({
  orderId: z.string(),
  externalOrderId: z.string().nullable(),
  kind: orderKindSchema,
  symbol: z.string(),
  cancelFault: z.string().nullable(),
  cancelSentAgoMs: z.number().nullable(),
});

const REFUSED = `
  WITH refusals AS (SELECT * FROM unnest($1::text[], $2::text[]) AS t(external_order_id, why)),
  kept AS (
    UPDATE orders o SET cancel_fault = t.why FROM refusals t
    WHERE o.external_order_id = t.external_order_id AND o.status IN ${LIVE}
      AND o.cancel_fault IS DISTINCT FROM t.why RETURNING o.id, t.why)
  INSERT INTO execution_events (order_id, type, source, data, at)
  SELECT id, 'cancel_refused', 'WORKER', jsonb_build_object('why', why), clock_timestamp() FROM kept`;

const COUNTS = `
  SELECT count(*) FILTER (WHERE o.status IN ${LIVE})::int AS working,
    count(*) FILTER (WHERE 'SUBMIT_UNCERTAIN' = ANY (o.flags) OR (o.status = 'NEW' AND o.claimed_at IS NOT NULL))::int AS uncertain,
    count(*) FILTER (WHERE o.status = 'CANCELLED' AND o.closed_at >= h.requested_at)::int AS cancelled,
    count(*) FILTER (WHERE o.status = 'FILLED' AND o.closed_at >= h.requested_at)::int AS filled
  FROM halts h LEFT JOIN orders o ON o.kind NOT IN ('FLATTEN', 'PROTECTIVE')
    AND (o.status IN ${LIVE} OR o.closed_at >= h.requested_at OR 'SUBMIT_UNCERTAIN' = ANY (o.flags))
  WHERE h.id = $1`;

/** The worker's side of a halt. */
export function createHaltProgressStore(pool: Pool): HaltProgressStore {
  return {
    async halt() {
      const { rows } = await pool.query(HALT);
      if (rows[0] === undefined) return null;
      const row = haltRow.parse(rows[0]);
      return { ...row, sinceAcknowledgedMs: row.since, endedHolders: row.ended_holders } satisfies HaltRow;
    },

    async haltOrders() {
      const { rows } = await pool.query(ORDERS);
      return rows.map((row) => orderRow.parse(row));
    },

    async cancelAllSent(fence) {
      const { rows } = await pool.query<{ sent: number }>('SELECT halt_cancel_all_sent($1, $2::bigint) AS sent', [
        fence.name,
        fence.token,
      ]);
      if ((rows[0]?.sent ?? -1) < 0) throw new SupersededError(`the ${fence.name} lease has a new holder`);
    },

    async cancelsRefused(refused) {
      await pool.query(REFUSED, [refused.map((each) => each.externalOrderId), refused.map((each) => each.message)]);
    },

    async haltCounts(haltId) {
      const { rows } = await pool.query<{ working: number; uncertain: number; cancelled: number; filled: number }>(
        COUNTS,
        [haltId],
      );
      return rows[0] ?? { working: 0, uncertain: 0, cancelled: 0, filled: 0 };
    },

    async saveHaltProgress(fence, haltId, progress) {
      await inTransaction(pool, async (client) => {
        await requireLease(client, fence);
        await client.query(
          'UPDATE halts SET progress = $2::jsonb WHERE id = $1 AND progress IS DISTINCT FROM $2::jsonb',
          [haltId, JSON.stringify(progress)],
        );
      });
    },

    async verifyHalt(fence, haltId) {
      await inTransaction(pool, async (client) => {
        await requireLease(client, fence);
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
