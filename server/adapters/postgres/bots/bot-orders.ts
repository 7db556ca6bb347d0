import type { Pool } from 'pg';
import { z } from 'zod';
import { LIVE } from '@/server/adapters/postgres/sets';
import type { BotFill, BotOrder, BotOrderQuery, BotOrders } from '@/server/application/ports/bot-orders';
import { averagePrice, formatUnits, parseMoney, parseUnits } from '@/server/kernel/money';
import {
  approvalStatusSchema,
  displayStatusSchema,
  orderTypeSchema,
  sideSchema,
  timeInForceSchema,
} from '@/server/kernel/vocabulary';

const filledShape = { cum_qty: z.string(), cum_notional: z.string() };

const timesShape = {
  created_at: z.number(),
  updated_at: z.number(),
  accepted_at: z.number().nullable(),
  closed_at: z.number().nullable(),
};

const stopSchema = z.object({
  id: z.string(),
  status: displayStatusSchema,
  qty: z.string(),
  ...filledShape,
  stop_price: z.string(),
  time_in_force: timeInForceSchema,
  ...timesShape,
});

const orderSchema = z.object({
  id: z.string(),
  bot_id: z.string(),
  client_order_id: z.string(),
  order_id: z.string().nullable(),
  approval_id: z.string().nullable(),
  symbol: z.string(),
  side: sideSchema,
  qty: z.string(),
  order_type: orderTypeSchema,
  limit_price: z.string().nullable(),
  stop_price: z.string().nullable(),
  protective_stop_price: z.string().nullable(),
  time_in_force: timeInForceSchema,
  status: z.union([displayStatusSchema, approvalStatusSchema]),
  ...filledShape,
  withdrawn: z.boolean(),
  reason: z.string().nullable(),
  ...timesShape,
  stop: stopSchema.nullable(),
});

const SHOWN_STATUS = (order: string) =>
  `CASE WHEN ${order}.cancel_requested THEN 'CANCEL_PENDING' ELSE ${order}.status END`;

/** Decimals without the zeros that the column's scale adds. */
const plain = (column: string) => `trim_scale(${column})::text`;

/** Orders of bots, and requests of bots that wait for a person or were never placed. An approval that has expired is shown so at once. */
const ORDERS = `
  SELECT coalesce(a.id, o.id) AS id, s.bot_id, s.client_order_id, o.id AS order_id, a.id AS approval_id,
    coalesce(o.symbol, a.symbol) AS symbol, coalesce(o.side, a.side) AS side, ${plain('coalesce(o.qty, a.qty)')} AS qty,
    coalesce(o.order_type, a.order_type) AS order_type,
    ${plain('CASE WHEN o.id IS NULL THEN a.limit_price ELSE o.limit_price END')} AS limit_price,
    ${plain('CASE WHEN o.id IS NULL THEN a.stop_price ELSE o.stop_price END')} AS stop_price,
    ${plain('CASE WHEN o.id IS NULL THEN a.protective_stop_price ELSE o.protective_stop_price END')} AS protective_stop_price,
    coalesce(o.time_in_force, a.time_in_force) AS time_in_force,
    CASE WHEN o.id IS NOT NULL THEN ${SHOWN_STATUS('o')}
         WHEN a.status = 'PENDING' AND a.expires_at <= clock_timestamp() THEN 'EXPIRED' ELSE a.status END AS status,
    coalesce(${plain('o.cum_qty')}, '0') AS cum_qty, coalesce(${plain('o.cum_notional')}, '0') AS cum_notional,
    coalesce(o.reject_reason, a.reason) AS reason,
    -- A token acts under this name; a person's is an e-mail address.
    coalesce(o.id IS NULL AND a.status = 'REJECTED' AND a.decided_by = 'token:' || t.name, false) AS withdrawn,
    epoch_ms(coalesce(a.created_at, o.created_at))::float8 AS created_at,
    epoch_ms(coalesce(o.updated_at, a.decided_at, a.created_at))::float8 AS updated_at,
    epoch_ms(o.accepted_at)::float8 AS accepted_at,
    epoch_ms(CASE WHEN o.id IS NOT NULL THEN o.closed_at
                  WHEN a.status = 'PENDING' AND a.expires_at <= clock_timestamp() THEN a.expires_at ELSE a.decided_at END)::float8 AS closed_at,
    (SELECT jsonb_build_object('id', p.id, 'status', ${SHOWN_STATUS('p')}, 'qty', ${plain('p.qty')}, 'cum_qty', ${plain('p.cum_qty')},
        'cum_notional', ${plain('p.cum_notional')}, 'stop_price', ${plain('p.stop_price')}, 'time_in_force', p.time_in_force,
        'created_at', epoch_ms(p.created_at), 'updated_at', epoch_ms(p.updated_at), 'accepted_at', epoch_ms(p.accepted_at), 'closed_at', epoch_ms(p.closed_at))
       FROM orders p WHERE p.parent_id = o.id ORDER BY p.attempt DESC LIMIT 1) AS stop
  FROM signals s JOIN api_tokens t ON t.id = s.bot_id LEFT JOIN approvals a ON a.signal_id = s.id LEFT JOIN orders o ON o.signal_id = s.id
  WHERE (a.id IS NOT NULL OR o.id IS NOT NULL)`;

const OPEN = `CASE WHEN o.id IS NOT NULL THEN o.status IN ${LIVE} ELSE a.status = 'PENDING' AND a.expires_at > clock_timestamp() END`;
const CREATED = 'coalesce(a.created_at, o.created_at)';

const BY_ID = { name: 'bot_order_by_id', text: `${ORDERS} AND s.bot_id = $1 AND $2 IN (a.id, o.id)` };
const BY_CLIENT_ID = { name: 'bot_order_by_client_id', text: `${ORDERS} AND s.bot_id = $1 AND s.client_order_id = $2` };
const BY_IDS = {
  name: 'bot_orders_by_ids',
  text: `${ORDERS} AND s.bot_id IS NOT NULL AND s.id IN (
    SELECT signal_id FROM approvals WHERE id = ANY ($1::uuid[]) UNION ALL
    SELECT signal_id FROM orders WHERE id = ANY ($1::uuid[]))`,
};

const within = (created: string, symbol: string, side: string) => `
  AND (cardinality($2::text[]) = 0 OR ${symbol} = ANY ($2)) AND ($3::text IS NULL OR ${side} = $3)
  AND ($4::float8 IS NULL OR ${created} > to_timestamp($4 / 1000)) AND ($5::float8 IS NULL OR ${created} < to_timestamp($5 / 1000))`;

const list = (direction: BotOrderQuery['direction']) => ({
  name: `bot_orders_${direction}`,
  text: `${ORDERS} AND s.bot_id = $1 ${within(CREATED, 'coalesce(o.symbol, a.symbol)', 'coalesce(o.side, a.side)')}
    AND ($7 = 'all' OR (${OPEN}) = ($7 = 'open'))
    ORDER BY ${CREATED} ${direction}, coalesce(a.id, o.id) ${direction} LIMIT $6`,
});

const FILLS = `
  SELECT f.execution_id, coalesce(o.approval_id, o.id) AS order_id, o.symbol, o.side, ${plain('f.qty')} AS qty, ${plain('f.price')} AS price,
    ${plain('sum(f.qty) OVER (PARTITION BY o.id ORDER BY f.id)')} AS cum_qty,
    ${plain('o.qty - sum(f.qty) OVER (PARTITION BY o.id ORDER BY f.id)')} AS leaves_qty,
    coalesce((SELECT ${plain('p.qty')} FROM positions p WHERE p.symbol = o.symbol), '0') AS position_qty,
    epoch_ms(f.at)::float8 AS at, epoch_ms(f.booked_at)::float8 AS booked_at
  FROM fills f JOIN orders o ON o.id = f.order_id
  WHERE NOT f.busted`;

const fillSchema = z
  .object({
    execution_id: z.string(),
    order_id: z.string(),
    symbol: z.string(),
    side: sideSchema,
    qty: z.string(),
    price: z.string(),
    cum_qty: z.string(),
    leaves_qty: z.string(),
    position_qty: z.string(),
    at: z.number(),
    booked_at: z.number(),
  })
  .transform(
    (row): BotFill => ({
      executionId: row.execution_id,
      orderId: row.order_id,
      symbol: row.symbol,
      side: row.side,
      qty: row.qty,
      price: row.price,
      cumQty: row.cum_qty,
      leavesQty: row.leaves_qty,
      positionQty: row.position_qty,
      atMs: row.at,
      bookedAtMs: row.booked_at,
    }),
  );

const fillsOfBot = (direction: BotOrderQuery['direction']) => ({
  name: `bot_fills_${direction}`,
  text: `SELECT * FROM (${FILLS} AND o.signal_id IN (SELECT id FROM signals WHERE bot_id = $1)) each
    WHERE true ${within('to_timestamp(at / 1000)', 'symbol', 'side')} ORDER BY at ${direction}, execution_id ${direction} LIMIT $6`,
});
const FILLS_OF_ORDER = { name: 'bot_fills_of_order', text: `${FILLS} AND o.id = $1 ORDER BY f.id` };

const REGISTER = {
  name: 'bot_signal_register',
  text: `
    WITH stored AS (
      INSERT INTO signals (id, source, strategy, model_version, symbol, action, confidence, size_pct, principal_id, bot_id, client_order_id, created_at, expires_at)
      SELECT $1, 'BOT', $5, '', $6, $7, $8::numeric, $9::numeric, $3, $2, $4, now, now + $10::float8 * interval '1 millisecond'
        FROM (SELECT clock_timestamp() AS now) t WHERE EXISTS (SELECT 1 FROM api_tokens WHERE id = $2 AND revoked_at IS NULL)
      ON CONFLICT (bot_id, client_order_id) DO NOTHING RETURNING id, strategy, symbol),
    event AS (
      INSERT INTO outbox (id, topic, subject, data)
      SELECT $11, 'signal.candidate.created', id::text, jsonb_build_object('signal_id', id, 'strategy', strategy, 'symbol', symbol,
        'candidate_action', $7::text, 'confidence', $8::numeric, 'size_pct', $9::numeric, 'model_version', '')
      FROM stored)
    SELECT id FROM stored`,
};
const REGISTERED = {
  name: 'bot_signal_registered',
  text: 'SELECT id FROM signals WHERE bot_id = $1 AND client_order_id = $2',
};

const average = (notional: string, qty: string): string | null =>
  qty === '0' ? null : formatUnits(averagePrice(parseMoney(notional), parseUnits(qty)));

function toStop(row: z.output<typeof stopSchema>): NonNullable<BotOrder['stop']> {
  return {
    id: row.id,
    status: row.status,
    qty: row.qty,
    cumQty: row.cum_qty,
    avgPrice: average(row.cum_notional, row.cum_qty),
    stopPrice: row.stop_price,
    timeInForce: row.time_in_force,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
    acceptedAtMs: row.accepted_at,
    closedAtMs: row.closed_at,
  };
}

function toOrder(raw: unknown): BotOrder {
  const row = orderSchema.parse(raw);
  return {
    id: row.id,
    botId: row.bot_id,
    clientOrderId: row.client_order_id,
    orderId: row.order_id,
    approvalId: row.approval_id,
    symbol: row.symbol,
    side: row.side,
    qty: row.qty,
    orderType: row.order_type,
    limitPrice: row.limit_price,
    stopPrice: row.stop_price,
    protectiveStopPrice: row.protective_stop_price,
    timeInForce: row.time_in_force,
    status: row.status,
    cumQty: row.cum_qty,
    avgPrice: average(row.cum_notional, row.cum_qty),
    withdrawn: row.withdrawn,
    reason: row.reason,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
    acceptedAtMs: row.accepted_at,
    closedAtMs: row.closed_at,
    stop: row.stop === null ? null : toStop(row.stop),
  };
}

/** Orders of bots in Postgres. */
export function createBotOrders(pool: Pool): BotOrders {
  const one = async (query: { name: string; text: string }, values: readonly unknown[]): Promise<BotOrder | null> => {
    const { rows } = await pool.query({ ...query, values: [...values] });
    return rows[0] === undefined ? null : toOrder(rows[0]);
  };
  return {
    async register(signal) {
      const { rows } = await pool.query<{ id: string }>({
        ...REGISTER,
        values: [
          signal.id,
          signal.botId,
          signal.principalId,
          signal.clientOrderId,
          signal.strategy,
          signal.symbol,
          signal.action,
          signal.confidence,
          signal.sizePct,
          signal.ttlMs,
          signal.eventId,
        ],
      });
      if (rows[0] !== undefined) return rows[0].id;
      // Another request with the same id has stored it: a statement of its own sees what that one committed.
      const stored = await pool.query<{ id: string }>({ ...REGISTERED, values: [signal.botId, signal.clientOrderId] });
      return stored.rows[0]?.id ?? null;
    },
    byId: (botId, id) => one(BY_ID, [botId, id]),
    byClientOrderId: (botId, clientOrderId) => one(BY_CLIENT_ID, [botId, clientOrderId]),
    async list(botId, { status, symbols, side, afterMs, untilMs, direction, limit }) {
      const values = [botId, [...symbols], side, afterMs, untilMs, limit, status];
      const { rows } = await pool.query<Record<string, unknown>>({ ...list(direction), values });
      return rows.map(toOrder);
    },
    async byIds(ids) {
      const { rows } = await pool.query<Record<string, unknown>>({ ...BY_IDS, values: [[...ids]] });
      return rows.map(toOrder);
    },
    async fills(botId, { symbols, side, afterMs, untilMs, direction, limit }) {
      const values = [botId, [...symbols], side, afterMs, untilMs, limit];
      const { rows } = await pool.query({ ...fillsOfBot(direction), values });
      return z.array(fillSchema).parse(rows);
    },
    async fillsOf(orderId) {
      const { rows } = await pool.query({ ...FILLS_OF_ORDER, values: [orderId] });
      return z.array(fillSchema).parse(rows);
    },
  };
}
