import type { Pool } from 'pg';
import { LIVE } from '@/server/adapters/postgres/sets';

export interface RetentionStep {
  /** Rows deleted by table. */
  readonly deleted: Readonly<Record<string, number>>;
  /** Whether there may be more to delete: come back soon. */
  readonly more: boolean;
}

export interface Maintenance {
  /** Expires approvals that were not decided in time. @returns how many */
  expireApprovals(): Promise<number>;
  /** Deletes rows past their retention: a bounded number of short statements, so that nothing waits behind them. */
  applyRetention(): Promise<RetentionStep>;
}

/** Rows a statement: it holds its locks for tenths of a second. */
const STEP = 2_000;
/** Statements a table and call. */
const STEPS = 10;

const limited = (table: string, old: string) =>
  `DELETE FROM ${table} WHERE ctid IN (SELECT ctid FROM ${table} WHERE ${old} LIMIT ${STEP})`;

/**
 * An evaluation behind an order is kept as long as the order, forever; so is the one that opened the approval of an
 * order, and that of an approval which waits. Its hits go with it.
 */
const EVALUATIONS = `
  WITH old AS (
    SELECT e.id FROM policy_evaluations e WHERE e.created_at < now() - interval '180 days'
      AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.evaluation_id = e.id)
      AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.evaluation_id = e.id AND (a.status = 'PENDING' OR a.order_id IS NOT NULL))
    ORDER BY e.created_at LIMIT ${STEP}),
  hits AS (DELETE FROM policy_rule_hits h USING old WHERE h.evaluation_id = old.id)
  DELETE FROM policy_evaluations e USING old WHERE e.id = old.id`;

const behindAnOrder = (memo: string) => `(
      EXISTS (SELECT 1 FROM orders o WHERE o.signal_id = ${memo}.signal_id)
      OR EXISTS (SELECT 1 FROM approvals a WHERE a.signal_id = ${memo}.signal_id AND a.status = 'PENDING'))`;

/**
 * The evidence of a memo on a traded signal is kept as long as the order, with the memo that it was taken from where it was used
 * again: that one has the prompt and the answers. And what a memo cites is kept as long as the memo.
 */
const MEMOS = `created_at < now() - interval '180 days' AND NOT ${behindAnOrder('memos')}
    AND NOT EXISTS (SELECT 1 FROM memos again WHERE again.cached_from = memos.signal_id AND ${behindAnOrder('again')})`;
const NEWS = `received_at < now() - interval '30 days'
    AND NOT EXISTS (SELECT 1 FROM memos m WHERE m.memo -> 'cited_news_ids' ? news.id)`;

const RETENTION: readonly (readonly [string, string])[] = [
  ['policy_evaluations', EVALUATIONS],
  [
    'idempotency_keys',
    // Kept until its order is terminal.
    `DELETE FROM idempotency_keys WHERE (principal_id, key) IN (
       SELECT k.principal_id, k.key FROM idempotency_keys k
       LEFT JOIN orders o ON o.id = k.order_id LEFT JOIN approvals a ON a.id = k.approval_id LEFT JOIN orders ao ON ao.id = a.order_id
       WHERE k.created_at < now() - interval '30 days'
         AND coalesce(o.status, 'FILLED') NOT IN ${LIVE}
         AND coalesce(a.status, 'EXPIRED') <> 'PENDING'
         AND coalesce(ao.status, 'FILLED') NOT IN ${LIVE} LIMIT ${STEP})`,
  ],
  [
    'outbox',
    `DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox WHERE published_at < now() - interval '7 days' ORDER BY seq LIMIT ${STEP})`,
  ],
  ['memos', limited('memos', MEMOS)],
  ['news', limited('news', NEWS)],
  ['inbox', limited('inbox', `handled_at < now() - interval '14 days'`)],
  ['worker_heartbeats', limited('worker_heartbeats', `beat_at < now() - interval '1 day'`)],
  ['sessions', limited('sessions', `seen_at < now() - interval '90 days'`)],
  ['sign_in_attempts', limited('sign_in_attempts', `at < now() - interval '90 days'`)],
];

/** Deletes step by step until a step is not full, or the bound is reached. */
async function deleteSteps(pool: Pool, statement: string): Promise<{ rows: number; full: boolean }> {
  let rows = 0;
  for (let step = 0; step < STEPS; step++) {
    const { rowCount } = await pool.query(statement);
    rows += rowCount ?? 0;
    if ((rowCount ?? 0) < STEP) return { rows, full: false };
  }
  return { rows, full: true };
}

/** Housekeeping. Every job may be repeated and interrupted at will. */
export function createMaintenance(pool: Pool): Maintenance {
  return {
    async expireApprovals() {
      const { rows } = await pool.query<{ n: number }>('SELECT approvals_expire() AS n');
      return rows[0]?.n ?? 0;
    },
    async applyRetention() {
      const deleted: Record<string, number> = {};
      let more = false;
      for (const [table, statement] of RETENTION) {
        const { rows, full } = await deleteSteps(pool, statement);
        if (rows > 0) deleted[table] = rows;
        more ||= full;
      }
      return { deleted, more };
    },
  };
}
