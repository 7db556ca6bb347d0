import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import type { ClaimedOrder } from '@/server/application/ports/execution-store';
import type { CancelAsked, OrderStore } from '@/server/application/ports/order-store';
import { transition } from '@/server/domain/order/lifecycle';
import { leavesQty } from '@/server/domain/order/view';
import type { Actor } from '@/server/kernel/actor';
import { isLiveStatus } from '@/server/kernel/vocabulary';
import { lockOrder } from './booking-store';
import { takeFromExit, withdrawExit } from './exit-requests';

const SOURCE: Record<Actor['kind'], string> = {
  user: 'OPERATOR',
  token: 'API',
  strategy: 'WORKER',
  system: 'WORKER',
  cli: 'OPERATOR',
};

/** A new request leaves at once: the waits belong to the attempts of one request (O-8). */
const WRITE_CANCEL = `
  WITH changed AS (
    UPDATE orders SET status = $2, pending = $3, cancel_requested = $4, cancel_sent_at = NULL, cancel_attempts = 0, updated_at = clock_timestamp(),
      closed_at = CASE WHEN $5 THEN clock_timestamp() ELSE closed_at END
    WHERE id = $1::uuid),
  timeline AS (
    INSERT INTO execution_events (order_id, type, source, data, at) VALUES ($1::uuid, $6, $7, $8::jsonb, clock_timestamp()))
  INSERT INTO outbox (id, topic, subject, data) VALUES (gen_random_uuid(), $9, $1::text, $10::jsonb)`;

/**
 * The exit of an order whose cancel a person or a client requests would place another. An order of the exit's own withdraws it; one
 * that it carries out for a signal takes back its part.
 */
async function leaveExit(
  client: PoolClient,
  { exitId, state }: ClaimedOrder,
  actor: Actor,
  reason: string,
): Promise<void> {
  if (exitId === null || actor.kind === 'system') return;
  const { rowCount } = await client.query('SELECT 1 FROM orders WHERE id = $1 AND signal_id IS NOT NULL', [state.id]);
  if (rowCount === 0) await withdrawExit(client, actor, exitId, reason);
  else if (!state.cancelRequested) await takeFromExit(client, actor, exitId, leavesQty(state), reason);
}

/** Requests the cancel of a live order. Its lifecycle decides what becomes of it. */
export async function requestCancel(
  client: PoolClient,
  orderId: string,
  actor: Actor,
  reason: string,
): Promise<CancelAsked | null> {
  const loaded = await lockOrder(client, { orderId }, null);
  if (loaded === null) return null;
  const { state } = loaded;
  if (!isLiveStatus(state.status)) return { status: state.status, asked: false };
  if (loaded.kind === 'PROTECTIVE' && actor.kind !== 'system')
    return { status: state.status, asked: false, protects: true };
  if (state.cancelRequested) {
    await leaveExit(client, loaded, actor, reason);
    return { status: 'CANCEL_PENDING', asked: true };
  }
  const next = transition(state, { kind: 'cancel_requested' });
  if (!next.ok) throw new Error(next.message);
  // Never claimed for sending: it cannot be at the broker, and was closed here.
  const unsent = next.state.status === 'CANCELLED';
  await client.query(WRITE_CANCEL, [
    orderId,
    next.state.status,
    next.state.pending,
    next.state.cancelRequested,
    unsent,
    unsent ? 'cancelled' : 'cancel_requested',
    SOURCE[actor.kind],
    JSON.stringify({ by: actor.name, reason, ...(unsent ? { unsent } : {}) }),
    unsent ? 'order.cancelled' : 'order.cancel_requested',
    JSON.stringify({ order_id: orderId, symbol: state.symbol, ...(unsent ? { unsent } : {}) }),
  ]);
  // Last: what appends to the audit log holds the lock of its chain until commit.
  await leaveExit(client, loaded, actor, reason);
  await client.query(`SELECT audit_append($1, 'order.cancel', $2, $3, $4, $5)`, [
    actor.name,
    `order:${orderId}`,
    JSON.stringify({ status: state.status }),
    JSON.stringify({ reason }),
    actor.correlationId,
  ]);
  return { status: unsent ? 'CANCELLED' : 'CANCEL_PENDING', asked: true };
}

/** Commands on orders and approvals that need no decision of the gate. */
export function createOrderStore(pool: Pool): OrderStore {
  return {
    requestCancel: (orderId, actor, reason) =>
      inTransaction(pool, (client) => requestCancel(client, orderId, actor, reason)),
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
