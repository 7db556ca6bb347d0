import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { CancelAsked, OrderStore } from '@/server/application/ports/order-store';
import type { Actor } from '@/server/kernel/actor';

const SOURCE: Record<Actor['kind'], string> = {
  user: 'OPERATOR',
  token: 'API',
  strategy: 'WORKER',
  system: 'WORKER',
  cli: 'OPERATOR',
};

/** Order commands over the functions of the migration `commands`. */
export function createOrderStore(pool: Pool): OrderStore {
  return {
    async requestCancel(orderId, actor, reason) {
      const { rows } = await pool.query<{ asked: CancelAsked | null }>(
        'SELECT order_cancel_request($1, $2, $3, $4, $5, $6) AS asked',
        [orderId, actor.name, SOURCE[actor.kind], reason, actor.correlationId, randomUUID()],
      );
      return rows[0]?.asked ?? null;
    },
    async liveOrders(symbol) {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM orders WHERE symbol = $1 AND status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED') AND kind <> 'FLATTEN'`,
        [symbol],
      );
      return rows.map((row) => row.id);
    },
    async flatten(symbol, orderId, actor, reason) {
      const { rows } = await pool.query<{ id: string | null }>('SELECT order_flatten($1, $2, $3, $4, $5, $6) AS id', [
        symbol,
        orderId,
        actor.principalId,
        actor.name,
        reason,
        actor.correlationId,
      ]);
      return rows[0]?.id ?? null;
    },
    async heldSymbols() {
      const { rows } = await pool.query<{ symbol: string }>(
        'SELECT symbol FROM positions WHERE qty > 0 ORDER BY symbol',
      );
      return rows.map((row) => row.symbol);
    },
    async rejectApproval(approvalId, actor, reason) {
      const { rows } = await pool.query<{ result: string }>('SELECT approval_reject($1, $2, $3, $4, $5) AS result', [
        approvalId,
        actor.name,
        reason,
        actor.correlationId,
        randomUUID(),
      ]);
      return rows[0]?.result ?? 'NOT_FOUND';
    },
  };
}
