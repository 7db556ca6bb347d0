import type { Pool } from 'pg';
import { z } from 'zod';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { sideSchema, tradingStateSchema } from '@/server/kernel/vocabulary';

const units = z.string().transform((text) => parseUnits(text));
const money = z.string().transform((text) => parseMoney(text));

const schema = z.object({
  orders: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      symbol: z.string(),
      side: sideSchema,
      qty: units,
      status: z.string(),
      pending: z.string(),
      cancel_requested: z.boolean(),
      cum_qty: units,
      flags: z.array(z.string()),
      external_order_id: z.string().nullable(),
      claimed: z.boolean(),
      signal_id: z.string().nullable(),
    }),
  ),
  fills: z.array(
    z.object({
      order_id: z.string(),
      execution_id: z.string(),
      qty: units,
      busted: z.boolean(),
      symbol: z.string(),
      side: z.string(),
    }),
  ),
  positions: z.record(z.string(), units),
  /** Entries whose postings do not sum to zero. */
  unbalanced: z.number(),
  /** Sum of all postings, and of those of cash. */
  ledger: money,
  cash: money,
  ledger_qty: z.record(z.string(), units),
  /** "topic subject" → how many. */
  outbox: z.record(z.string(), z.number()),
  breaks: z.array(
    z.object({
      id: z.string(),
      symbol: z.string(),
      cause: z.string(),
      order_id: z.string().nullable(),
      open: z.boolean(),
    }),
  ),
  approvals: z.array(
    z.object({ id: z.string(), status: z.string(), shown_hash: z.string(), order_id: z.string().nullable() }),
  ),
  state: tradingStateSchema,
  acknowledged: z.boolean(),
  verified: z.boolean(),
  opened: z.boolean(),
});

/** What the database says, all of one moment. */
export type Snapshot = z.output<typeof schema>;
export type OrderSeen = Snapshot['orders'][number];

const READ = `
  SELECT jsonb_build_object(
    'orders', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'kind', kind, 'symbol', symbol, 'side', side, 'qty', qty::text,
      'status', status, 'pending', pending, 'cancel_requested', cancel_requested, 'cum_qty', cum_qty::text, 'flags', flags, 'external_order_id', external_order_id,
      'claimed', claimed_at IS NOT NULL, 'signal_id', signal_id) ORDER BY created_at, id), '[]') FROM orders),
    'fills', (SELECT coalesce(jsonb_agg(jsonb_build_object('order_id', order_id, 'execution_id', execution_id, 'qty', qty::text,
      'busted', busted, 'symbol', symbol, 'side', side) ORDER BY id), '[]') FROM fills),
    'positions', (SELECT coalesce(jsonb_object_agg(symbol, qty::text), '{}') FROM positions),
    'unbalanced', (SELECT count(*) FROM (SELECT 1 FROM ledger_postings GROUP BY entry_id HAVING sum(amount) <> 0) u),
    'ledger', (SELECT coalesce(sum(amount), 0)::text FROM ledger_postings),
    'cash', (SELECT coalesce(sum(amount), 0)::text FROM ledger_postings WHERE account = 'CASH'),
    'ledger_qty', (SELECT coalesce(jsonb_object_agg(symbol, qty), '{}') FROM (
      SELECT substr(account, 10) AS symbol, sum(qty)::text AS qty FROM ledger_postings WHERE account LIKE 'POSITION:%' GROUP BY 1) q),
    'outbox', (SELECT coalesce(jsonb_object_agg(word, n), '{}') FROM (SELECT topic || ' ' || subject AS word, count(*) AS n FROM outbox GROUP BY 1) t),
    'breaks', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'symbol', symbol, 'cause', cause, 'order_id', order_id, 'open', resolved_at IS NULL)), '[]') FROM breaks),
    'approvals', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'status', status, 'shown_hash', shown_hash, 'order_id', order_id) ORDER BY created_at, id), '[]') FROM approvals),
    'state', (SELECT state FROM trading_state),
    'acknowledged', (SELECT coalesce(bool_or(h.acknowledged_at IS NOT NULL), false) FROM trading_state t JOIN halts h ON h.id = t.halt_id),
    'verified', (SELECT coalesce(bool_or(h.verified_at IS NOT NULL), false) FROM trading_state t JOIN halts h ON h.id = t.halt_id),
    'opened', (SELECT broker_account_id IS NOT NULL FROM accounts)) AS seen`;

export async function readSnapshot(pool: Pool): Promise<Snapshot> {
  const { rows } = await pool.query<{ seen: unknown }>({ name: 'seen', text: READ });
  return schema.parse(rows[0]?.seen);
}
