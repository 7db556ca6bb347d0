import { z } from 'zod';
import {
  orderKindSchema,
  orderStatusSchema,
  orderTypeSchema,
  sideSchema,
  timeInForceSchema,
} from '@/server/kernel/vocabulary';
import type { Rig } from '../harness/rig';

const orderSchema = z.object({
  id: z.string(),
  kind: orderKindSchema,
  symbol: z.string(),
  side: sideSchema,
  qty: z.string(),
  order_type: orderTypeSchema,
  limit_price: z.string().nullable(),
  stop_price: z.string().nullable(),
  time_in_force: timeInForceSchema,
  status: orderStatusSchema,
  pending: z.string(),
  cum_qty: z.string(),
  flags: z.array(z.string()),
  external_order_id: z.string().nullable(),
  created_ms: z.number(),
  /** The decision behind it: kind, verdict and when it was stored. */
  decision_kind: z.string().nullable(),
  decision: z.string().nullable(),
  decided_ms: z.number().nullable(),
  /** When the audit log recorded a flatten. */
  audited_ms: z.number().nullable(),
});
export type OurOrder = z.output<typeof orderSchema>;

const fillSchema = z.object({
  order_id: z.string(),
  external_order_id: z.string().nullable(),
  execution_id: z.string(),
  symbol: z.string(),
  side: z.string(),
  qty: z.string(),
  price: z.string(),
});
const eventSchema = z.object({
  order_id: z.string(),
  type: z.string(),
  source: z.string(),
  data: z.record(z.string(), z.unknown()),
});
const outboxSchema = z.object({
  id: z.string(),
  topic: z.string(),
  subject: z.string(),
  /** Place in the order of publication; null before. */
  position: z.number().nullable(),
  /** Of the market, which never rests: on its way while we look. */
  young: z.boolean(),
});
const effectSchema = z.object({ event_id: z.string(), topic: z.string(), position: z.number(), partition: z.number() });
const breakSchema = z.object({
  symbol: z.string(),
  cause: z.string(),
  open: z.boolean(),
  ours: z.unknown(),
  theirs: z.unknown(),
});
const haltSchema = z.object({
  acknowledged_ms: z.number().nullable(),
  verified_ms: z.number().nullable(),
  released_ms: z.number().nullable(),
});
const symbolQty = z.object({ symbol: z.string(), qty: z.string() });

export type TimelineRow = z.output<typeof eventSchema>;

const ORDERS = `
  SELECT o.id, o.kind, o.symbol, o.side, trim_scale(o.qty)::text AS qty, o.order_type, trim_scale(o.limit_price)::text AS limit_price,
    trim_scale(o.stop_price)::text AS stop_price, o.time_in_force, o.status, o.pending, trim_scale(o.cum_qty)::text AS cum_qty, o.flags,
    o.external_order_id, epoch_ms(o.created_at)::float8 AS created_ms, e.kind AS decision_kind, e.decision, epoch_ms(e.created_at)::float8 AS decided_ms,
    (SELECT epoch_ms(min(a.at))::float8 FROM audit_log a
      WHERE o.kind IN ('FLATTEN', 'PROTECTIVE') AND (a.target LIKE '%' || o.id::text || '%' OR a.after::text LIKE '%' || o.id::text || '%')) AS audited_ms
  FROM orders o LEFT JOIN policy_evaluations e ON e.id = o.evaluation_id ORDER BY o.created_at, o.id`;

const FILLS = `
  SELECT f.order_id, o.external_order_id, f.execution_id, f.symbol, f.side, trim_scale(f.qty)::text AS qty, trim_scale(f.price)::text AS price
  FROM fills f JOIN orders o ON o.id = f.order_id WHERE NOT f.busted ORDER BY f.id`;

const HALTS = `
  SELECT epoch_ms(acknowledged_at)::float8 AS acknowledged_ms, epoch_ms(verified_at)::float8 AS verified_ms,
    epoch_ms(released_at)::float8 AS released_ms FROM halts`;

/** Everything that our database says, read at once. */
export async function readOurSide(rig: Rig) {
  const rows = async <S extends z.ZodType>(schema: S, sql: string): Promise<z.output<S>[]> =>
    z.array(schema).parse((await rig.pool.query(sql)).rows);
  return {
    orders: await rows(orderSchema, ORDERS),
    fills: await rows(fillSchema, FILLS),
    events: await rows(eventSchema, 'SELECT order_id, type, source, data FROM execution_events ORDER BY id'),
    // Before the outbox: what is handled between the two looks must be in the second.
    effects: await rows(
      effectSchema,
      'SELECT event_id, topic, position::float8 AS position, partition FROM fault_effects ORDER BY n',
    ),
    outbox: await rows(
      outboxSchema,
      `SELECT id, topic, subject, position::float8 AS position, created_at > clock_timestamp() - interval '3 seconds' AS young
       FROM outbox ORDER BY seq`,
    ),
    breaks: await rows(breakSchema, 'SELECT symbol, cause, resolved_at IS NULL AS open, ours, theirs FROM breaks'),
    halts: await rows(haltSchema, HALTS),
    positions: await rows(
      symbolQty,
      'SELECT symbol, trim_scale(qty)::text AS qty FROM positions WHERE qty <> 0 ORDER BY symbol',
    ),
    ledgerPositions: await rows(
      symbolQty,
      `SELECT substr(account, 10) AS symbol, trim_scale(sum(qty))::text AS qty FROM ledger_postings
       WHERE account LIKE 'POSITION:%' GROUP BY account HAVING sum(qty) <> 0 ORDER BY account`,
    ),
    filledPositions: await rows(
      symbolQty,
      `SELECT symbol, trim_scale(sum(CASE side WHEN 'BUY' THEN qty ELSE -qty END))::text AS qty FROM fills WHERE NOT busted
       GROUP BY symbol HAVING sum(CASE side WHEN 'BUY' THEN qty ELSE -qty END) <> 0 ORDER BY symbol`,
    ),
    cash: (await rig.value(`SELECT trim_scale(sum(amount))::text FROM ledger_postings WHERE account = 'CASH'`)) ?? '0',
    ledgerSum: (await rig.value('SELECT trim_scale(coalesce(sum(amount), 0))::text FROM ledger_postings')) ?? '0',
    unbalanced: await rig.count(
      '(SELECT entry_id FROM ledger_postings GROUP BY entry_id HAVING sum(amount) <> 0) AS u',
    ),
    ledgerFills: await rig.count(`ledger_entries WHERE kind = 'FILL'`),
  };
}

export type OurSide = Awaited<ReturnType<typeof readOurSide>>;
