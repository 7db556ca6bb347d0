import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { z } from 'zod';
import { approvalRefusedArguments, countersignJson } from '@/server/adapters/postgres/orders/countersign-json';
import type { ApprovalStore, CountersignResult, StoredApproval } from '@/server/application/ports/approval-store';
import type { PlacementStore } from '@/server/application/ports/placement-store';
import { orderRequestSchema } from '@/server/contracts/order';
import { policyReasonSchema } from '@/server/contracts/policy';
import { formatUnits, parseMoney, parseUnits } from '@/server/kernel/money';
import { deploymentModeSchema } from '@/server/kernel/vocabulary';

const FIND = `SELECT a.id, a.signal_id, a.status, a.order_id, a.decided_by, a.expires_at, a.principal_id, a.symbol, a.side,
    a.qty::text, a.order_type, a.limit_price::text, a.stop_price::text, a.protective_stop_price::text, a.time_in_force, a.reference_price::text, a.exposure_after::text, a.shown_hash,
    s.strategy, (SELECT mode FROM settings) AS mode, e.reasons, e.input->'account'->>'equity' AS equity
  FROM approvals a JOIN signals s ON s.id = a.signal_id JOIN policy_evaluations e ON e.id = a.evaluation_id WHERE a.id = $1`;

const approvalRow = z.object({
  id: z.string(),
  signal_id: z.string(),
  status: z.string(),
  order_id: z.string().nullable(),
  decided_by: z.string().nullable(),
  expires_at: z.date(),
  principal_id: z.string(),
  symbol: z.string(),
  side: z.string(),
  qty: z.string(),
  order_type: z.string(),
  limit_price: z.string().nullable(),
  stop_price: z.string().nullable(),
  protective_stop_price: z.string().nullable(),
  time_in_force: z.string(),
  reference_price: z.string(),
  exposure_after: z.string(),
  equity: z.string().nullable(),
  shown_hash: z.string(),
  strategy: z.string(),
  mode: deploymentModeSchema,
  reasons: z.array(policyReasonSchema),
});

/** The database pads decimals with zeros; the order goes out with the shortest text. */
const shortest = (text: string) => formatUnits(parseUnits(text));

function toApproval(value: unknown): StoredApproval {
  const row = approvalRow.parse(value);
  return {
    id: row.id,
    signalId: row.signal_id,
    status: row.status,
    orderId: row.order_id,
    decidedBy: row.decided_by,
    expiresAtMs: row.expires_at.getTime(),
    request: orderRequestSchema.parse({
      signal_id: row.signal_id,
      symbol: row.symbol,
      side: row.side,
      qty: shortest(row.qty),
      order_type: row.order_type,
      ...(row.limit_price === null ? {} : { limit_price: shortest(row.limit_price) }),
      ...(row.stop_price === null ? {} : { stop_price: shortest(row.stop_price) }),
      ...(row.protective_stop_price === null ? {} : { stop_loss: { stop_price: shortest(row.protective_stop_price) } }),
      time_in_force: row.time_in_force,
    }),
    principalId: row.principal_id,
    strategy: row.strategy,
    mode: row.mode,
    shown: {
      price: parseUnits(row.reference_price),
      equity: row.equity === null ? null : parseMoney(row.equity),
      exposureAfter: parseUnits(row.exposure_after),
    },
    shownHash: row.shown_hash,
    reasons: row.reasons,
  };
}

const resultSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('DONE') }),
  z.object({ status: z.literal('STALE') }),
  z.object({ status: z.literal('EXPIRED') }),
  z.object({ status: z.literal('OWN_REQUEST') }),
  z.object({
    status: z.literal('DECIDED'),
    decision: z.string(),
    order_id: z.string().nullable(),
    by: z.string().nullable(),
  }),
]);

function toResult(value: unknown): CountersignResult {
  const result = resultSchema.parse(value);
  if (result.status !== 'DECIDED') return result;
  return { status: 'DECIDED', decision: result.decision, orderId: result.order_id, by: result.by };
}

/** Approvals: found, countersigned in one statement, and their refusals recorded. */
export function createApprovalStore(pool: Pool, placements: PlacementStore, codeVersion: string): ApprovalStore {
  return {
    async find(approvalId) {
      const { rows } = await pool.query(FIND, [approvalId]);
      return rows[0] === undefined ? null : toApproval(rows[0]);
    },
    readGate: (symbol, signalId) => placements.read([{ symbol, signalId, principalId: signalId, key: '' }]),
    async countersign(snapshot, at, actor, rows) {
      const payload = countersignJson(snapshot, at, actor, rows, codeVersion);
      const { rows: results } = await pool.query<{ result: unknown }>('SELECT approval_commit($1::jsonb) AS result', [
        payload,
      ]);
      return toResult(results[0]?.result);
    },
    async recordRefusal(approvalId, actor, refusal) {
      await pool.query('SELECT approval_refused($1, $2, $3::jsonb, $4, $5)', [
        ...approvalRefusedArguments(approvalId, actor, refusal),
        randomUUID(),
      ]);
    },
  };
}
