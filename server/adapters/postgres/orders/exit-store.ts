import type { Pool, PoolClient } from 'pg';
import { z } from 'zod';
import { SEND_LOCK } from '@/server/adapters/postgres/locks';
import { requireLease } from '@/server/adapters/postgres/ops/require-lease';
import { requestCancel } from '@/server/adapters/postgres/orders/order-store';
import { LIVE } from '@/server/adapters/postgres/sets';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import type { ExitStore, OpenExit, OpenExits } from '@/server/application/ports/exit-store';
import type { Fence } from '@/server/application/ports/lease';
import type { ExitPlacement } from '@/server/domain/exit/next-step';
import { CLOCK_MAX_AGE_MS, isMarketOpen, isRecent } from '@/server/domain/market/market-clock';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { formatUnits, parseUnits } from '@/server/kernel/money';
import { orderTypeSchema, sideSchema } from '@/server/kernel/vocabulary';

const ACTOR: Actor = {
  kind: 'system',
  principalId: SYSTEM_PRINCIPAL_ID,
  name: 'system (exits)',
  correlationId: 'exits',
};

/** An order of an exit that was not sent by then never is. */
const SEND_WITHIN = '5 seconds';

const units = z.string().transform((text) => parseUnits(text));

const orderRow = z.object({
  id: z.string(),
  own: z.boolean(),
  held: z.boolean(),
  qty: units,
  side: sideSchema,
  order_type: orderTypeSchema,
  leaves: units,
  age_ms: z.number(),
  cancel_requested: z.boolean(),
  cancel_fault: z.string().nullable(),
  cancel_sent_ms: z.number().nullable(),
  uncertain: z.boolean(),
  external_order_id: z.string().nullable(),
});

const exitRow = z.object({
  id: z.string(),
  symbol: z.string(),
  principal_id: z.string(),
  strategy: z.string(),
  requested_by: z.string(),
  reason: z.string(),
  qty: units.nullable(),
  expired: z.boolean(),
  stage_changed: z.boolean(),
  started: z.boolean(),
  start_price: units.nullable(),
  limited_at: z.number().nullable(),
  held_qty: units.nullable(),
  working: z.number(),
  progress_ms: z.number(),
  waits_for: z.string().nullable(),
  booked: units,
  last_fill_ms: z.number().nullable(),
  quote: z.object({ bid: units, ask: units }).nullable(),
  filled: units,
  orders: z.array(orderRow),
  failures: z.array(z.object({ why: z.string(), ms: z.number() })),
});

const stateRow = z.object({
  now: z.number(),
  broker_account_id: z.string().nullable(),
  collar: units,
  clock: z
    .object({
      is_open: z.boolean(),
      market_time: z.number(),
      observed_at: z.number(),
      next_close: z.number().nullable(),
      speed: z.number(),
    })
    .nullable(),
  exits: z.array(exitRow),
});

const agoMs = (time: string) => `(extract(epoch FROM clock_timestamp() - ${time}) * 1000)::float8`;

/**
 * Open exits with all that is known of their symbols, in one snapshot. A failure is an order of the exit that ended without a fill,
 * since its last fill; a limit that was cancelled at the broker, to be priced again, is none.
 */
const OPEN = `
  SELECT epoch_ms(clock_timestamp())::float8 AS now, a.broker_account_id, (p.body->>'price_collar_pct') AS collar,
    (SELECT jsonb_build_object('is_open', is_open, 'market_time', epoch_ms(market_time), 'observed_at', epoch_ms(observed_at),
       'next_close', epoch_ms(next_close), 'speed', speed) FROM market_clock WHERE id = 1) AS clock,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'symbol', e.symbol, 'principal_id', e.principal_id, 'strategy', e.strategy,
       'requested_by', e.requested_by, 'reason', e.reason, 'qty', e.qty::text, 'expired', coalesce(e.expires_at <= clock_timestamp(), false),
       'stage_changed', e.stage IS NOT NULL AND e.stage <> s.stage, 'started', e.started_at IS NOT NULL, 'start_price', e.start_price::text,
       'limited_at', epoch_ms(e.limited_at), 'held_qty', e.held_qty::text, 'working', e.working, 'progress_ms', ${agoMs('e.progress_at')},
       'waits_for', e.waits_for, 'booked', coalesce(h.qty, 0)::text, 'last_fill_ms', ${agoMs('h.updated_at')},
       'quote', (SELECT jsonb_build_object('bid', q.bid::text, 'ask', q.ask::text) FROM quotes q WHERE q.symbol = e.symbol
                  AND q.received_at > clock_timestamp() - (p.body->>'max_data_age_seconds')::float8 * interval '1 second'),
       'filled', (SELECT coalesce(sum(cum_qty), 0)::text FROM orders WHERE exit_id = e.id),
       'orders', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'own', o.exit_id IS NOT DISTINCT FROM e.id, 'held', o.held, 'qty', o.qty::text, 'side', o.side,
          'order_type', o.order_type, 'leaves', greatest(o.qty - o.cum_qty, 0)::text, 'age_ms', ${agoMs('coalesce(o.accepted_at, o.created_at)')},
          'cancel_requested', o.cancel_requested, 'cancel_fault', o.cancel_fault, 'cancel_sent_ms', ${agoMs('o.cancel_sent_at')},
          'uncertain', 'SUBMIT_UNCERTAIN' = ANY (o.flags), 'external_order_id', o.external_order_id) ORDER BY o.created_at, o.id), '[]')
          FROM orders o WHERE o.symbol = e.symbol AND o.status IN ${LIVE}),
       'failures', (SELECT coalesce(jsonb_agg(jsonb_build_object('why', coalesce(f.reject_reason, 'it was ' || lower(f.status)),
          'ms', ${agoMs('coalesce(f.closed_at, f.updated_at)')}) ORDER BY f.created_at, f.id), '[]')
          FROM orders f WHERE f.exit_id = e.id AND NOT f.held AND f.status NOT IN ${LIVE} AND f.cum_qty = 0
            AND NOT (f.order_type = 'LIMIT' AND f.status = 'CANCELLED' AND f.external_order_id IS NOT NULL)
            AND f.created_at > coalesce((SELECT max(g.created_at) FROM orders g WHERE g.exit_id = e.id AND g.cum_qty > 0), '-infinity')))
       ORDER BY e.requested_at, e.id), '[]')
     FROM exits e LEFT JOIN positions h ON h.symbol = e.symbol WHERE e.ended_at IS NULL) AS exits
  FROM settings s JOIN policy_versions p ON p.version = s.active_policy_version CROSS JOIN accounts a WHERE s.id = 1 AND a.id = 1`;

const toOrder = (row: z.output<typeof orderRow>) => ({
  id: row.id,
  side: row.side,
  leaves: row.leaves,
  cancelRequested: row.cancel_requested,
  cancelFault: row.cancel_fault,
  cancelSentAgoMs: row.cancel_sent_ms,
  uncertain: row.uncertain,
  externalOrderId: row.external_order_id,
  orderType: row.order_type,
  ageMs: row.age_ms,
});

function toExit(row: z.output<typeof exitRow>): OpenExit {
  const last = row.failures.at(-1);
  const own = row.orders.find((order) => order.own && !order.held);
  const queued = row.orders.filter((order) => order.own && order.held && !order.cancel_requested);
  return {
    id: row.id,
    symbol: row.symbol,
    principalId: row.principal_id,
    strategy: row.strategy,
    requestedBy: row.requested_by,
    reason: row.reason,
    intent: {
      qty: row.qty,
      filledQty: row.filled,
      expired: row.expired,
      stageChanged: row.stage_changed,
      startPrice: row.start_price,
      limitedSinceMs: row.limited_at,
      failures: row.failures.length,
      lastFailure: last === undefined ? null : { why: last.why, agoMs: last.ms },
    },
    started: row.started,
    own: own === undefined ? null : toOrder(own),
    queued: queued.map(({ id, qty }) => ({ id, qty })),
    others: row.orders.filter((order) => order !== own && !(order.own && order.held)).map(toOrder),
    booked: row.booked,
    lastFillAgoMs: row.last_fill_ms,
    quote: row.quote,
    heldQty: row.held_qty,
    working: row.working,
    progressAgoMs: row.progress_ms,
    waitsFor: row.waits_for,
  };
}

function marketOpen({ clock, now }: z.output<typeof stateRow>): boolean | null {
  if (clock === null || !isRecent(now - clock.observed_at, CLOCK_MAX_AGE_MS)) return null;
  const { is_open, market_time, observed_at, next_close, speed } = clock;
  const reading = {
    isOpen: is_open,
    marketTimeMs: market_time,
    observedAtMs: observed_at,
    nextCloseMs: next_close,
    speed,
  };
  return isMarketOpen(reading, now);
}

const START = `
  UPDATE exits SET started_at = clock_timestamp(), start_price = $2::numeric, progress_at = clock_timestamp()
  WHERE id = $1 AND started_at IS NULL`;

const NOTE = `
  WITH changed AS (
    UPDATE exits SET waits_for = $2, held_qty = $3::numeric, working = $4,
      progress_at = CASE WHEN $5 THEN clock_timestamp() ELSE progress_at END
    WHERE id = $1 AND ended_at IS NULL RETURNING id, symbol)
  INSERT INTO outbox (id, topic, subject, data)
  SELECT gen_random_uuid(), 'exit.changed', id::text, jsonb_build_object('exit_id', id, 'symbol', symbol, 'waits_for', $2::text) FROM changed`;

const END = `
  WITH ended AS (
    UPDATE exits SET ended_at = clock_timestamp(), outcome = $2, waits_for = NULL WHERE id = $1 AND ended_at IS NULL RETURNING id, symbol)
  INSERT INTO outbox (id, topic, subject, data)
  SELECT gen_random_uuid(), 'exit.ended', id::text, jsonb_build_object('exit_id', id, 'symbol', symbol, 'outcome', $2::text) FROM ended`;

/** Locked until the transaction ends, so that an exit has one order at a time. */
const LOCK_EXIT = `
  SELECT NOT EXISTS (SELECT 1 FROM orders WHERE exit_id = e.id AND status IN ${LIVE} AND NOT held) AS free
  FROM exits e WHERE e.id = $1 AND e.ended_at IS NULL FOR UPDATE`;

const PLACE = `
  WITH placed AS (
    INSERT INTO orders (id, kind, exit_id, principal_id, strategy, symbol, side, qty, order_type, limit_price, time_in_force, reference_price,
                        position_effect, expires_at, created_at, updated_at)
    VALUES ($1, 'FLATTEN', $2, $3, $12, $4, $5, $6::numeric, $7, $8::numeric, 'DAY', $9::numeric, 'REDUCE',
            clock_timestamp() + interval '${SEND_WITHIN}', clock_timestamp(), clock_timestamp()) RETURNING id),
  priced AS (
    UPDATE exits SET limited_at = CASE WHEN $7 = 'LIMIT' THEN coalesce(limited_at, clock_timestamp()) END WHERE id = $2),
  version AS (UPDATE accounts SET version = version + 1 WHERE id = 1),
  timeline AS (
    INSERT INTO execution_events (order_id, type, source, data, at)
    SELECT id, 'created', 'WORKER', jsonb_build_object('by', $10::text, 'reason', $11::text, 'kind', 'FLATTEN', 'exit_id', $2::text), clock_timestamp()
    FROM placed)
  INSERT INTO outbox (id, topic, subject, data)
  SELECT gen_random_uuid(), 'order.created', id::text,
         jsonb_build_object('order_id', id, 'symbol', $4::text, 'side', $5::text, 'qty', $6::text, 'kind', 'FLATTEN') FROM placed`;

/** A closing order that waited leaves now. */
const RELEASE = `
  WITH priced AS (UPDATE exits SET limited_at = NULL WHERE id = $2),
  released AS (
    UPDATE orders SET held = false, expires_at = clock_timestamp() + interval '${SEND_WITHIN}', updated_at = clock_timestamp()
    WHERE id = $1 AND exit_id = $2 AND held AND status = 'NEW' AND NOT cancel_requested RETURNING id, symbol)
  INSERT INTO outbox (id, topic, subject, data)
  SELECT gen_random_uuid(), 'exit.changed', $2::text, jsonb_build_object('exit_id', $2::text, 'symbol', symbol, 'order_id', id) FROM released`;

/** Whether the exit may have an order placed now. Lock order: send lock, account, rows. */
async function lockExit(client: PoolClient, fence: Fence, exitId: string, queued: string | null): Promise<boolean> {
  await client.query('SELECT pg_advisory_xact_lock_shared($1)', [SEND_LOCK]);
  await client.query('SELECT 1 FROM accounts WHERE id = 1 FOR UPDATE');
  // As where its cancel is requested: the order before its exit.
  if (queued !== null) await client.query('SELECT 1 FROM orders WHERE id = $1 FOR UPDATE', [queued]);
  await requireLease(client, fence);
  const { rows } = await client.query<{ free: boolean }>(LOCK_EXIT, [exitId]);
  return rows[0]?.free === true;
}

/** Call it last: it holds the lock of the audit chain until commit. */
async function audit(
  client: PoolClient,
  exit: OpenExit,
  orderId: string,
  { side, qty }: Pick<ExitPlacement, 'side' | 'qty'>,
): Promise<void> {
  await client.query(`SELECT audit_append($1, 'position.flatten', $2, $3, $4, $5)`, [
    exit.requestedBy,
    `order:${orderId}`,
    JSON.stringify({ symbol: exit.symbol, side, qty: formatUnits(qty) }),
    JSON.stringify({ reason: exit.reason, exit_id: exit.id }),
    exit.id,
  ]);
}

/** The worker's side of exits. What an exit does is decided in server/domain/exit; this only stores it. */
export function createExitStore(pool: Pool): ExitStore {
  const write = (fence: Fence, text: string, values: readonly unknown[]) =>
    inTransaction(pool, async (client) => {
      await requireLease(client, fence);
      await client.query(text, [...values]);
    });
  return {
    async open(): Promise<OpenExits> {
      const { rows } = await pool.query(OPEN);
      const state = stateRow.parse(rows[0]);
      return {
        nowMs: state.now,
        exits: state.exits.map(toExit),
        brokerAccountId: state.broker_account_id,
        marketOpen: marketOpen(state),
        collarPct: state.collar,
      };
    },
    start: (fence, exitId, price) => write(fence, START, [exitId, price === null ? null : formatUnits(price)]),
    note: (fence, exitId, { waitsFor, progressed, heldQty, working }) =>
      write(fence, NOTE, [exitId, waitsFor, heldQty === null ? null : formatUnits(heldQty), working, progressed]),
    place: (fence, exit, orderId, { side, qty, orderType, limitPrice, queued, replaces }) =>
      inTransaction(pool, async (client) => {
        if (!(await lockExit(client, fence, exit.id, queued ?? replaces))) return false;
        if (queued !== null) {
          const released = (await client.query(RELEASE, [queued, exit.id])).rowCount === 1;
          if (released) await audit(client, exit, orderId, { side, qty });
          return released;
        }
        const reference =
          limitPrice ?? (side === 'SELL' ? exit.quote?.bid : exit.quote?.ask) ?? exit.intent.startPrice ?? 0n;
        await client.query(PLACE, [
          orderId,
          exit.id,
          exit.principalId,
          exit.symbol,
          side,
          formatUnits(qty),
          orderType,
          limitPrice === null ? null : formatUnits(limitPrice),
          formatUnits(reference),
          exit.requestedBy,
          exit.reason,
          exit.strategy,
        ]);
        if (replaces !== null) await requestCancel(client, replaces, ACTOR, `sent in other terms as order ${orderId}`);
        await audit(client, exit, orderId, { side, qty });
        return true;
      }),
    end: (fence, exitId, outcome) => write(fence, END, [exitId, outcome]),
    async otherOrders() {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM orders WHERE status IN ${LIVE} AND exit_id IS NULL AND NOT cancel_requested`,
      );
      return rows.map(({ id }) => id);
    },
  };
}
