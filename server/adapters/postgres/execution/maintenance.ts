import type { Pool } from 'pg';

export interface Maintenance {
  /** Expires approvals that nobody decided. @returns how many */
  expireApprovals(): Promise<number>;
  /** Deletes what its retention has ended for, in bounded steps. @returns rows deleted by table */
  applyRetention(): Promise<Readonly<Record<string, number>>>;
}

const STEP = 5_000;

/** Kept as long as the order: the evaluation behind it, and the key until it is terminal. */
const RETENTION: readonly (readonly [string, string])[] = [
  [
    'policy_rule_hits',
    `DELETE FROM policy_rule_hits WHERE id IN (
       SELECT h.id FROM policy_rule_hits h JOIN policy_evaluations e ON e.id = h.evaluation_id
       WHERE e.created_at < now() - interval '180 days' AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.evaluation_id = e.id) LIMIT ${STEP})`,
  ],
  [
    'policy_evaluations',
    `DELETE FROM policy_evaluations WHERE id IN (
       SELECT e.id FROM policy_evaluations e WHERE e.created_at < now() - interval '180 days'
         AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.evaluation_id = e.id)
         AND NOT EXISTS (SELECT 1 FROM policy_rule_hits h WHERE h.evaluation_id = e.id) LIMIT ${STEP})`,
  ],
  [
    'idempotency_keys',
    `DELETE FROM idempotency_keys WHERE (principal_id, key) IN (
       SELECT k.principal_id, k.key FROM idempotency_keys k
       LEFT JOIN orders o ON o.id = k.order_id LEFT JOIN approvals a ON a.id = k.approval_id LEFT JOIN orders ao ON ao.id = a.order_id
       WHERE k.created_at < now() - interval '30 days'
         AND coalesce(o.status, 'FILLED') NOT IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')
         AND coalesce(a.status, 'EXPIRED') <> 'PENDING'
         AND coalesce(ao.status, 'FILLED') NOT IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED') LIMIT ${STEP})`,
  ],
  [
    'outbox',
    `DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox WHERE published_at < now() - interval '7 days' ORDER BY seq LIMIT ${STEP})`,
  ],
  ['inbox', `DELETE FROM inbox WHERE handled_at < now() - interval '14 days'`],
  ['worker_heartbeats', `DELETE FROM worker_heartbeats WHERE beat_at < now() - interval '1 day'`],
  ['sign_in_attempts', `DELETE FROM sign_in_attempts WHERE at < now() - interval '90 days'`],
];

/** Housekeeping. Every job may be repeated and interrupted at will. */
export function createMaintenance(pool: Pool): Maintenance {
  return {
    async expireApprovals() {
      const { rows } = await pool.query<{ n: number }>('SELECT approvals_expire() AS n');
      return rows[0]?.n ?? 0;
    },
    async applyRetention() {
      const deleted: Record<string, number> = {};
      for (const [table, statement] of RETENTION) {
        const { rowCount } = await pool.query(statement);
        if (rowCount !== null && rowCount > 0) deleted[table] = rowCount;
      }
      return deleted;
    },
  };
}
