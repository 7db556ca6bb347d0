import type { Pool } from 'pg';
import { z } from 'zod';
import { LIVE } from '@/server/adapters/postgres/sets';
import type { DrillHalt, DrillStore, OpenDrill } from '@/server/application/ports/drill-store';
import { STAGES } from '@/server/domain/policy/stages';
import { drillStatusSchema, rolloutStageSchema } from '@/server/kernel/vocabulary';

const openRow = z.object({
  id: z.string(),
  requestedBy: z.string(),
  principalId: z.string().nullable(),
  correlationId: z.string().nullable(),
  ageMs: z.number(),
  symbol: z.string(),
  orders: z.number(),
  status: drillStatusSchema.exclude(['PASSED', 'FAILED']),
});

const stageRow = z.object({ stage: rolloutStageSchema });

const OPEN = `
  SELECT id, requested_by AS "requestedBy", principal_id AS "principalId", correlation_id AS "correlationId", symbol, orders, status,
    (extract(epoch FROM clock_timestamp() - requested_at) * 1000)::float8 AS "ageMs"
  FROM kill_drills WHERE finished_at IS NULL`;

const COUNTS = `
  SELECT count(*) FILTER (WHERE o.status = 'NEW')::int AS unanswered,
    count(*) FILTER (WHERE o.status IN ('ACCEPTED', 'PARTIALLY_FILLED'))::int AS working,
    count(*) FILTER (WHERE o.status = 'FILLED')::int AS filled,
    count(*) FILTER (WHERE o.status = 'CANCELLED')::int AS cancelled,
    count(*) FILTER (WHERE o.status IN ('REJECTED', 'EXPIRED'))::int AS other
  FROM kill_drills d LEFT JOIN orders o ON o.strategy = 'kill-drill' AND o.created_at >= d.started_at WHERE d.id = $1`;

const haltRow = z.object({
  requestedAt: z.date().transform((at) => at.toISOString()),
  acknowledgedMs: z.number().nullable(),
  verifiedMs: z.number().nullable(),
  acknowledgedMarketMs: z.number().nullable(),
  verifiedMarketMs: z.number().nullable(),
  progress: z.record(z.string(), z.unknown()),
  takenAfter: z.array(z.string()),
  surviving: z.array(z.string()),
});

/** Market time of a wall time, from the broker's clock as last seen. */
const market = (at: string) => `(c.market_time + (${at} - c.observed_at) * c.speed)`;
const ms = (span: string) => `round(extract(epoch FROM ${span}) * 1000)::float8`;

/** Whether we had learned before the acknowledgement that the broker has the order: then no clock can say that it was sent later. */
const KNOWN_BEFORE = `EXISTS (SELECT 1 FROM execution_events e
      WHERE e.order_id = o.id AND e.type IN ('accepted', 'fill') AND e.at <= h.acknowledged_at)`;

const HALT = `
  SELECT h.requested_at AS "requestedAt", ${ms('h.acknowledged_at - h.requested_at')} AS "acknowledgedMs",
    ${ms('h.verified_at - h.requested_at')} AS "verifiedMs", h.progress,
    epoch_ms(${market('h.acknowledged_at')})::float8 AS "acknowledgedMarketMs", epoch_ms(${market('h.verified_at')})::float8 AS "verifiedMarketMs",
    ARRAY(SELECT o.external_order_id FROM orders o WHERE o.kind NOT IN ('FLATTEN', 'PROTECTIVE') AND o.external_order_id IS NOT NULL
      AND o.accepted_at > ${market('h.acknowledged_at')} + $2 * interval '1 millisecond' AND NOT ${KNOWN_BEFORE}) AS "takenAfter",
    ARRAY(SELECT o.external_order_id FROM orders o WHERE o.kind IN ('FLATTEN', 'PROTECTIVE') AND o.external_order_id IS NOT NULL
      AND o.created_at > h.requested_at - interval '1 day') AS surviving
  FROM halts h LEFT JOIN market_clock c ON c.id = 1 WHERE h.id = $1`;

const FINISH = `
  WITH finished AS (
    UPDATE kill_drills SET status = $2, fault = $3, finished_at = clock_timestamp(), working = coalesce($4, working), acknowledged_ms = $5,
      verified_ms = $6, cancelled = $7, filled = $8, fills_after_halt = $9, report = $10::jsonb
    WHERE id = $1 AND finished_at IS NULL RETURNING id, status, symbol)
  INSERT INTO outbox (id, topic, subject, data)
  SELECT gen_random_uuid(), 'drill.finished', id::text, jsonb_build_object('drill_id', id, 'status', status, 'fault', $3::text) FROM finished`;

/** Kill drills in Postgres. */
export function createDrillStore(pool: Pool): DrillStore {
  return {
    async request({ id, actor, principalId, symbol, orders, correlationId }) {
      const { rows } = await pool.query<{ refusal: string | null }>(
        'SELECT drill_request($1, $2, $3, $4, $5, $6) AS refusal',
        [id, actor, principalId, symbol, orders, correlationId],
      );
      return rows[0] === undefined ? 'the database gave no answer' : rows[0].refusal;
    },
    async open() {
      const { rows } = await pool.query(OPEN);
      return rows[0] === undefined ? null : (openRow.parse(rows[0]) satisfies OpenDrill);
    },
    async begin(id) {
      const { rowCount } = await pool.query(
        `UPDATE kill_drills SET status = 'PLACING', started_at = clock_timestamp() WHERE id = $1 AND status = 'REQUESTED'`,
        [id],
      );
      return rowCount === 1;
    },
    async halting(id, haltId, working) {
      await pool.query(
        `UPDATE kill_drills SET status = 'HALTING', halt_id = $2, working = $3 WHERE id = $1 AND status = 'PLACING'`,
        [id, haltId, working],
      );
    },
    async finish(id, result) {
      await pool.query(FINISH, [
        id,
        result.passed ? 'PASSED' : 'FAILED',
        result.fault,
        result.working,
        result.acknowledgedMs,
        result.verifiedMs,
        result.cancelled,
        result.filled,
        result.fillsAfterHalt,
        JSON.stringify(result.report),
      ]);
    },
    async counts(id) {
      const { rows } = await pool.query(COUNTS, [id]);
      return rows[0] ?? { unanswered: 0, working: 0, filled: 0, cancelled: 0, other: 0 };
    },
    async liveOrders() {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM orders WHERE strategy = 'kill-drill' AND status IN ${LIVE}`,
      );
      return rows.map(({ id }) => id);
    },
    async halt(haltId, toleranceMs) {
      const { rows } = await pool.query(HALT, [haltId, toleranceMs]);
      return rows[0] === undefined ? null : (haltRow.parse(rows[0]) satisfies DrillHalt);
    },
    async wantsApproval() {
      const { rows } = await pool.query('SELECT stage FROM settings WHERE id = 1');
      return STAGES[stageRow.parse(rows[0]).stage].manualApproval;
    },
    async mayApprove(principalId) {
      const { rowCount } = await pool.query(
        `SELECT 1 FROM users WHERE id = $1 AND role IN ('OPERATOR', 'ADMIN') AND disabled_at IS NULL`,
        [principalId],
      );
      return rowCount === 1;
    },
    async shownHash(approvalId) {
      const { rows } = await pool.query<{ shown_hash: string }>('SELECT shown_hash FROM approvals WHERE id = $1', [
        approvalId,
      ]);
      return rows[0]?.shown_hash ?? null;
    },
  };
}
