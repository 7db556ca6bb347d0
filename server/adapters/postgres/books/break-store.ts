import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { requireLease } from '@/server/adapters/postgres/ops/require-lease';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import type { Fence } from '@/server/application/ports/lease';
import type { BreakNews, OpenBreak, ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import type { BreakCause } from '@/server/kernel/vocabulary';

const SAVE = `
  WITH news AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS n(id uuid, symbol text, order_id uuid, cause text, ours jsonb, theirs jsonb)),
  changed AS (
    UPDATE breaks b SET ours = n.ours, theirs = n.theirs FROM news n
    WHERE b.resolved_at IS NULL AND b.symbol = n.symbol AND b.cause = n.cause AND b.order_id IS NOT DISTINCT FROM n.order_id
      AND (b.ours, b.theirs) IS DISTINCT FROM (n.ours, n.theirs)
    RETURNING b.id, b.symbol, b.cause, b.order_id),
  opened AS (
    INSERT INTO breaks (id, symbol, order_id, cause, ours, theirs, opened_at)
    SELECT id, symbol, order_id, cause, ours, theirs, clock_timestamp() FROM news ON CONFLICT DO NOTHING
    RETURNING id, symbol, cause, order_id),
  events AS (
    INSERT INTO outbox (id, topic, subject, data)
    SELECT gen_random_uuid(), topic, symbol, jsonb_build_object('break_id', id, 'symbol', symbol, 'cause', cause, 'order_id', order_id)
    FROM (SELECT 'break.opened' AS topic, * FROM opened UNION ALL SELECT 'break.changed', * FROM changed) t)
  SELECT id FROM opened`;

/**
 * Opens breaks, or brings the figures of open ones up to date; the history of both is written by the database.
 * @returns how many are new
 */
export async function writeBreaks(client: Pick<PoolClient, 'query'>, news: readonly BreakNews[]): Promise<number> {
  const rows = news.map(({ symbol, orderId, cause, ours, theirs }) => ({
    id: randomUUID(),
    symbol,
    order_id: orderId,
    cause,
    ours,
    theirs,
  }));
  const { rowCount } = await client.query(SAVE, [JSON.stringify(rows)]);
  return rowCount ?? 0;
}

type Resolved = { readonly id: string; readonly reason: string };

const RESOLVE = `
  WITH resolved AS (
    UPDATE breaks b SET resolved_at = clock_timestamp(), resolved_by = 'agreement', reason = r.reason
    FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, reason text) WHERE b.id = r.id AND b.resolved_at IS NULL
    RETURNING b.id, b.symbol, b.cause, b.reason)
  INSERT INTO outbox (id, topic, subject, data)
  SELECT gen_random_uuid(), 'break.resolved', symbol,
         jsonb_build_object('break_id', id, 'symbol', symbol, 'cause', cause, 'by', 'agreement', 'reason', reason) FROM resolved`;

const resolveAll = (client: Pick<PoolClient, 'query'>, resolved: readonly Resolved[]) =>
  client.query(RESOLVE, [JSON.stringify(resolved)]);

interface BreakRow {
  readonly id: string;
  readonly symbol: string;
  readonly order_id: string | null;
  readonly cause: BreakCause;
  readonly ours: Readonly<Record<string, unknown>>;
  readonly theirs: Readonly<Record<string, unknown>>;
}

/** The ledger of breaks. Only the holder of the lease writes to it: what a superseded one saw is from before. */
export function createBreakStore(
  pool: Pool,
): Pick<
  ReconciliationStore,
  'openBreaks' | 'openBreak' | 'acceptedUnreadable' | 'overfillsTakenBack' | 'saveBreaks' | 'resolveBreak'
> {
  const leased = <T>(fence: Fence, work: (client: PoolClient) => Promise<T>) =>
    inTransaction(pool, async (client) => {
      await requireLease(client, fence);
      return work(client);
    });
  return {
    async openBreaks() {
      const { rows } = await pool.query<BreakRow>(
        'SELECT id, symbol, order_id, cause, ours, theirs FROM breaks WHERE resolved_at IS NULL',
      );
      return rows.map(({ order_id, ...row }): OpenBreak => ({ ...row, orderId: order_id }));
    },
    openBreak: async (fence, news) => (await leased(fence, (client) => writeBreaks(client, [news]))) > 0,
    async acceptedUnreadable() {
      const { rows } = await pool.query<{ item: string }>(
        `SELECT concat_ws(' ', b.symbol, t.key, t.value) AS item FROM breaks b CROSS JOIN LATERAL jsonb_each_text(b.theirs) t
         WHERE b.cause = 'UNREADABLE_ITEM' AND b.order_id IS NULL AND b.resolved_at IS NOT NULL AND b.resolved_by <> 'agreement'`,
      );
      return new Set(rows.map(({ item }) => item));
    },
    async overfillsTakenBack() {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT b.id FROM breaks b JOIN orders o ON o.id = b.order_id
         WHERE b.resolved_at IS NULL AND b.cause = 'OVERFILL' AND o.cum_qty <= o.qty`,
      );
      return rows.map(({ id }) => id);
    },
    async saveBreaks(fence, { open, resolve }) {
      await leased(fence, async (client) => {
        if (open.length > 0) await writeBreaks(client, open);
        if (resolve.length > 0) await resolveAll(client, resolve);
      });
    },
    async resolveBreak(fence, id, reason) {
      await leased(fence, (client) => resolveAll(client, [{ id, reason }]));
    },
  };
}
