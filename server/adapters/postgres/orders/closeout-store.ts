import type { Pool } from 'pg';
import { requireLease } from '@/server/adapters/postgres/ops/require-lease';
import { LIVE } from '@/server/adapters/postgres/sets';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import type { CloseoutStore } from '@/server/application/ports/closeout-store';
import { formatUnits } from '@/server/kernel/money';

/** The automatic close's side of the database, over the function of the migration `bell`. */
export function createCloseoutStore(pool: Pool): CloseoutStore {
  return {
    async working() {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM orders WHERE status IN ${LIVE} AND kind <> 'FLATTEN' AND NOT cancel_requested`,
      );
      return rows.map(({ id }) => id);
    },
    async close(fence, { symbol, qty, orderId, principalId, actor, reason, stage, ageMs, closeInMs }) {
      return inTransaction(pool, async (client) => {
        await requireLease(client, fence);
        const { rows } = await client.query<{ id: string | null }>(
          'SELECT order_close_at_bell($1, $2::numeric, $3, $4, $5, $6, $7, $8::float8, $9::float8) AS id',
          [symbol, formatUnits(qty), orderId, principalId, actor, reason, stage, ageMs(), closeInMs],
        );
        return typeof rows[0]?.id === 'string';
      });
    },
  };
}
