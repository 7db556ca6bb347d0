import type { Pool } from 'pg';
import { requireLease } from '@/server/adapters/postgres/ops/require-lease';
import { requestCancel } from '@/server/adapters/postgres/orders/order-store';
import { LIVE } from '@/server/adapters/postgres/sets';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import type { Fence } from '@/server/application/ports/lease';
import { CASH_SYMBOL, type CancelledOpening } from '@/server/application/ports/reconciliation-store';
import type { Actor } from '@/server/kernel/actor';

/** A break stops new orders at once, and cancels what works once a good round this much later has found it again (P-16). */
const CONFIRMED_AFTER = '5 seconds';

/**
 * SQL condition: an open break that a second good round has confirmed.
 * @param alias of the breaks table
 * @param roundStartedAt SQL of the start of the newest good round
 */
export const OPENING_MUST_GO = (alias: string, roundStartedAt: string): string =>
  `${alias}.resolved_at IS NULL AND ${alias}.opened_at < ${roundStartedAt}
   AND ${alias}.opened_at <= clock_timestamp() - interval '${CONFIRMED_AFTER}'`;

/**
 * A cancel that was refused is requested again after this long. Requested at every round, it would keep the order from ever being
 * compared: what has just changed here is left for the next round.
 */
const AGAIN_AFTER = '15 seconds';

/** SQL condition: no cancel of the order `o` is under way or was requested a short while ago. */
const MAY_CANCEL = `o.status IN ${LIVE} AND NOT o.cancel_requested AND NOT EXISTS (
  SELECT 1 FROM execution_events e WHERE e.order_id = o.id AND e.type = 'cancel_requested' AND e.at > clock_timestamp() - interval '${AGAIN_AFTER}')`;

const OPENING = `
  SELECT o.id, o.symbol, CASE WHEN t.state = 'ACTIVE' THEN 'an unresolved reconciliation break' ELSE 'trading is ' || t.state END AS why
  FROM orders o, trading_state t, accounts a
  WHERE ${MAY_CANCEL} AND o.kind = 'GATED' AND o.position_effect = 'OPEN'
    AND (t.state <> 'ACTIVE' OR EXISTS (
      SELECT 1 FROM breaks b WHERE b.symbol IN (o.symbol, '${CASH_SYMBOL}') AND ${OPENING_MUST_GO('b', 'a.round_started_at')}))
  ORDER BY o.created_at, o.id`;

/**
 * Requests the cancel of our orders that open risk and must not work any longer (P-16), each in a transaction of its own.
 * @param fence null for a person's act
 */
export async function cancelOpening(
  pool: Pool,
  actor: Actor,
  fence: Fence | null,
): Promise<readonly CancelledOpening[]> {
  const { rows } = await pool.query<{ id: string; symbol: string; why: string }>(OPENING);
  const cancelled: CancelledOpening[] = [];
  for (const { id, symbol, why } of rows) {
    const result = await inTransaction(pool, async (client) => {
      if (fence !== null) await requireLease(client, fence);
      return requestCancel(client, id, actor, `it opens risk: ${why}`);
    });
    if (result?.asked) cancelled.push({ orderId: id, symbol });
  }
  return cancelled;
}

/** Requests the cancel of an order that reached the broker after the close. */
export async function cancelLate(pool: Pool, actor: Actor, fence: Fence, orderId: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await requireLease(client, fence);
    const { rowCount } = await client.query(`SELECT 1 FROM orders o WHERE o.id = $1 AND ${MAY_CANCEL}`, [orderId]);
    if (rowCount === 1)
      await requestCancel(client, orderId, actor, 'the broker took it after the close of its session');
  });
}
