import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { lockOrder } from '@/server/adapters/postgres/orders/booking-store';
import { writeConsequences, writeOrder } from '@/server/adapters/postgres/orders/booking-write';
import { type BookingRequest, decideBooking } from '@/server/application/booking/booking';
import type { OrderClosure } from '@/server/application/ports/books-store';
import type { Actor } from '@/server/kernel/actor';
import { formatUnits } from '@/server/kernel/money';
import { isLiveStatus } from '@/server/kernel/vocabulary';

/** The last round is evidence for this long. */
const ROUND_MAX_AGE = '60 seconds';

interface Missing {
  readonly id: string;
  readonly opened_at: Date;
  readonly round_started_at: Date | null;
  readonly reconciled_at: Date | null;
  readonly looked_up: boolean;
}

async function missingBreak(client: PoolClient, orderId: string): Promise<Missing | null> {
  const { rows } = await client.query<Missing>(
    `SELECT b.id, b.opened_at, a.round_started_at, a.reconciled_at,
            coalesce(a.failed_rounds = 0 AND a.round_started_at > b.opened_at
              AND a.reconciled_at > clock_timestamp() - interval '${ROUND_MAX_AGE}', false) AS looked_up
     FROM breaks b, accounts a WHERE b.order_id = $1 AND b.cause = 'MISSING_AT_BROKER' AND b.resolved_at IS NULL FOR UPDATE OF b`,
    [orderId],
  );
  return rows[0] ?? null;
}

/**
 * Ends an order that is live here and unknown at the broker. The evidence is a look-up of that very order, which opened its
 * break, and a later good round in which the broker did not list it either.
 */
export async function closeUnknownOrder(
  client: PoolClient,
  orderId: string,
  actor: Actor,
  reason: string,
): Promise<OrderClosure> {
  const loaded = await lockOrder(client, { orderId }, null);
  if (loaded === null) return 'NOT_FOUND';
  const { state } = loaded;
  if (!isLiveStatus(state.status)) return 'NOT_LIVE';
  const missing = await missingBreak(client, orderId);
  if (missing === null) return 'NOT_MISSING';
  if (!missing.looked_up) return 'NOT_LOOKED_UP';
  const evidence = {
    break_id: missing.id,
    external_order_id: state.externalOrderId,
    looked_up_at: missing.opened_at.toISOString(),
    last_round_began_at: missing.round_started_at?.toISOString() ?? null,
    last_round_ended_at: missing.reconciled_at?.toISOString() ?? null,
  };
  const input = { kind: 'cancelled', reason: 'UNKNOWN_AT_BROKER' } as const;
  const request: BookingRequest = {
    source: 'OPERATOR',
    inputs: [{ input, data: { by: actor.name, why: reason, evidence } }],
  };
  const decision = decideBooking(state, request);
  await writeOrder(client, state, decision, request, []);
  await writeConsequences(client, decision.state, decision.effects);
  const why = `the order was closed as unknown at the broker: ${reason}`;
  await client.query('SELECT break_resolve($1, $2, $3, $4, $5)', [
    missing.id,
    actor.name,
    why,
    actor.correlationId,
    randomUUID(),
  ]);
  await client.query(`SELECT audit_append($1, 'order.close_unknown', $2, $3, $4, $5)`, [
    actor.name,
    `order:${orderId}`,
    JSON.stringify({ status: state.status, cum_qty: formatUnits(state.cumQty) }),
    JSON.stringify({ status: decision.state.status, reason, evidence }),
    actor.correlationId,
  ]);
  return 'CLOSED';
}
