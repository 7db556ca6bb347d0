import type { Pool } from 'pg';
import { writeBreaks } from '@/server/adapters/postgres/books/break-store';
import { LIVE, sqlList } from '@/server/adapters/postgres/sets';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import type { ClaimedOrder, ExecutionStore } from '@/server/application/ports/execution-store';
import { type Fence, SupersededError } from '@/server/application/ports/lease';
import { formatUnits } from '@/server/kernel/money';
import { LIVE_STATUSES } from '@/server/kernel/vocabulary';
import { bookOrder } from './booking-store';
import { ORDER_COLUMNS, toClaimedOrder } from './order-rows';
import { withSendLock } from './send-guard';

const LEASE = `SELECT token FROM leases WHERE name = $1 AND token = $2::bigint AND expires_at > clock_timestamp()`;
/** An order that filled before its cancel was sent, or before the answer came, still has one outstanding: the broker says "too late". */
const CANCELLABLE = sqlList([...LIVE_STATUSES, 'FILLED']);

const CLAIM = `
  WITH lease AS (${LEASE}),
  due AS (
    SELECT id FROM orders WHERE status = 'NEW' AND claimed_at IS NULL AND NOT held AND NOT cancel_requested AND EXISTS (SELECT 1 FROM lease)
    ORDER BY created_at LIMIT $4 FOR UPDATE SKIP LOCKED),
  claimed AS (
    UPDATE orders o SET claimed_at = clock_timestamp(), claimed_by = $3, claim_token = $2::bigint, submit_attempts = 1, updated_at = clock_timestamp()
    FROM due WHERE o.id = due.id RETURNING ${ORDER_COLUMNS}),
  timeline AS (
    INSERT INTO execution_events (order_id, type, source, data, at)
    SELECT id, 'claimed', 'WORKER', jsonb_build_object('by', $3::text, 'token', $2::text, 'attempt', 1), clock_timestamp() FROM claimed)
  SELECT claimed.*, (SELECT count(*) FROM lease)::int AS leases FROM claimed`;

const RECLAIM = `
  WITH again AS (
    UPDATE orders SET claimed_at = clock_timestamp(), claimed_by = $4, claim_token = $2::bigint, submit_attempts = submit_attempts + 1, updated_at = clock_timestamp()
    WHERE id = $3 AND status = 'NEW' AND claimed_at IS NOT NULL AND EXISTS (${LEASE}) RETURNING id, submit_attempts)
  INSERT INTO execution_events (order_id, type, source, data, at)
  SELECT id, 'claimed', 'WORKER', jsonb_build_object('by', $4::text, 'token', $2::text, 'attempt', submit_attempts), clock_timestamp() FROM again`;

const CANCEL_SENT = `
  WITH sent AS (
    UPDATE orders SET cancel_sent_at = clock_timestamp(), cancel_attempts = cancel_attempts + 1, pending = 'CANCEL'
    WHERE id = $3 AND cancel_requested AND status IN ${CANCELLABLE} AND EXISTS (${LEASE}) RETURNING id, cancel_attempts)
  INSERT INTO execution_events (order_id, type, source, data, at)
  SELECT id, 'cancel_sent', 'WORKER', jsonb_build_object('attempt', cancel_attempts), clock_timestamp() FROM sent`;

const CANCEL_FAILED = `
  WITH kept AS (
    UPDATE orders SET cancel_fault = $2 WHERE id = $1 AND status IN ${LIVE} AND cancel_fault IS DISTINCT FROM $2 RETURNING id)
  INSERT INTO execution_events (order_id, type, source, data, at)
  SELECT id, 'cancel_refused', 'WORKER', jsonb_build_object('why', $2::text), clock_timestamp() FROM kept WHERE $2::text IS NOT NULL`;

/** What works in a halt is cancelled by one request of the halt's round; singly only when that does not come, or beside a flatten. */
const CANCELS_DUE = `
  SELECT id, external_order_id FROM orders o
  WHERE cancel_requested AND status IN ${CANCELLABLE} AND external_order_id IS NOT NULL
    AND (cancel_sent_at IS NULL
      OR cancel_sent_at < clock_timestamp() - least($1 * 2 ^ least(greatest(cancel_attempts - 1, 0), 10), CASE WHEN EXISTS (SELECT 1 FROM exits e WHERE e.symbol = o.symbol AND e.ended_at IS NULL) THEN $1 ELSE 60000 END) * interval '1 millisecond')
    AND (kind = 'FLATTEN' OR NOT EXISTS (
      SELECT 1 FROM trading_state t JOIN halts h ON h.id = t.halt_id
      WHERE coalesce(h.acknowledged_at, clock_timestamp()) > clock_timestamp() - interval '5 seconds'
        AND NOT EXISTS (SELECT 1 FROM orders f WHERE f.kind = 'FLATTEN' AND f.status IN ${LIVE})))
  ORDER BY updated_at LIMIT 100`;

/** One index per branch: an OR of the three would scan the table. */
const NAMED = `o.id IN (
    SELECT id FROM orders WHERE $1 AND status IN ${LIVE}
    UNION SELECT id FROM orders WHERE external_order_id = ANY ($2::text[])
    UNION SELECT id FROM orders WHERE id = ANY ($3::uuid[]))`;

const ADOPT = `
  WITH adopted AS (
    INSERT INTO orders (id, kind, symbol, side, qty, order_type, limit_price, stop_price, time_in_force, status, pending, flags, external_order_id,
                        reference_price, position_effect, claimed_at, created_at, updated_at, accepted_at)
    VALUES ($1, 'EXTERNAL', $2, $3, $4::numeric, $5, $6::numeric, $7::numeric, $8, $9, 'NONE', $10::text[], $11, $12::numeric, 'OPEN',
            clock_timestamp(), clock_timestamp(), clock_timestamp(), $13::timestamptz)
    ON CONFLICT DO NOTHING RETURNING id),
  timeline AS (
    INSERT INTO execution_events (order_id, type, source, data, at)
    SELECT id, 'adopted', 'RECONCILIATION', jsonb_build_object('external_order_id', $11::text), clock_timestamp() FROM adopted)
  INSERT INTO outbox (id, topic, subject, data)
  SELECT gen_random_uuid(), 'order.adopted', id::text, jsonb_build_object('order_id', id, 'symbol', $2::text, 'external_order_id', $11::text) FROM adopted`;

/**
 * @param pool ordinary connections
 * @param sendPool as many connections as may send at once; each holds the send lock while it sends
 */
export function createExecutionStore(pool: Pool, sendPool: Pool): ExecutionStore {
  const claimedOrders = async (where: string, values: unknown[] = []): Promise<readonly ClaimedOrder[]> =>
    (await pool.query(`SELECT ${ORDER_COLUMNS} FROM orders o WHERE ${where} ORDER BY o.created_at`, values)).rows.map(
      toClaimedOrder,
    );

  const requireLease = async (fence: Fence) => {
    const { rowCount } = await pool.query(LEASE, [fence.name, fence.token]);
    if (rowCount !== 1) throw new SupersededError(`the ${fence.name} lease has a new holder`);
  };

  return {
    async claim(fence, holder, limit) {
      const { rows } = await pool.query(CLAIM, [fence.name, fence.token, holder, limit]);
      if (rows.length === 0) await requireLease(fence);
      return rows.map(toClaimedOrder);
    },

    async reclaim(fence, holder, orderId) {
      const { rowCount } = await pool.query(RECLAIM, [fence.name, fence.token, orderId, holder]);
      if (rowCount !== 1) await requireLease(fence);
      return rowCount === 1;
    },

    unanswered: () => claimedOrders(`o.status = 'NEW' AND o.claimed_at IS NOT NULL`),

    async unsentCancels() {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM orders o WHERE status = 'NEW' AND claimed_at IS NULL
           AND (cancel_requested OR held AND EXISTS (SELECT 1 FROM exits e WHERE e.id = o.exit_id AND e.ended_at IS NOT NULL))`,
      );
      return rows.map(({ id }) => id);
    },

    async cancelsDue(resendMs) {
      const { rows } = await pool.query<{ id: string; external_order_id: string }>(CANCELS_DUE, [resendMs]);
      return rows.map((row) => ({ orderId: row.id, externalOrderId: row.external_order_id }));
    },

    async cancelSent(fence, orderId) {
      await pool.query(CANCEL_SENT, [fence.name, fence.token, orderId]);
    },

    async cancelFailed(orderId, why) {
      await pool.query(CANCEL_FAILED, [orderId, why]);
    },

    async reportUnfounded(orderId, why) {
      await pool.query('SELECT order_unfounded($1, $2)', [orderId, why]);
    },

    withSendLock: (fence, orderId, work) => withSendLock(sendPool, fence, orderId, work),
    book: (fence, ref, request, extraTopics = []) => bookOrder(pool, fence, ref, request, extraTopics),

    async load(ref) {
      const found =
        'orderId' in ref
          ? await claimedOrders('o.id = $1::uuid', [ref.orderId])
          : await claimedOrders('o.external_order_id = $1', [ref.externalOrderId]);
      return found[0] ?? null;
    },

    named: ({ externalOrderIds, orderIds, live }) => claimedOrders(NAMED, [live, externalOrderIds, orderIds]),

    async adopt(fence, order, referencePrice, submittedAtMs) {
      await requireLease(fence);
      const text = (value: bigint | null) => (value === null ? null : formatUnits(value));
      await inTransaction(pool, async (client) => {
        const { rowCount } = await client.query(ADOPT, [
          order.id,
          order.symbol,
          order.side,
          formatUnits(order.qty),
          order.orderType,
          text(order.limitPrice),
          text(order.stopPrice),
          order.timeInForce,
          order.status,
          order.flags,
          order.externalOrderId,
          formatUnits(referencePrice),
          new Date(submittedAtMs).toISOString(),
        ]);
        // Only a new order gets a break: the one found before has its own.
        if (rowCount === 0) return;
        const theirs = { external_order_id: order.externalOrderId, qty: formatUnits(order.qty), side: order.side };
        await writeBreaks(client, [
          { symbol: order.symbol, orderId: order.id, cause: 'EXTERNAL_ORDER', ours: {}, theirs },
        ]);
      });
    },
  };
}
