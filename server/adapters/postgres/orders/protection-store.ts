import type { Pool } from 'pg';
import { z } from 'zod';
import { SEND_LOCK } from '@/server/adapters/postgres/locks';
import { requireLease } from '@/server/adapters/postgres/ops/require-lease';
import { LIVE } from '@/server/adapters/postgres/sets';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import type { ProtectionStore } from '@/server/application/ports/protection-store';
import { CLOCK_MAX_AGE_MS, isMarketOpen, isRecent } from '@/server/domain/market/market-clock';
import type { ProtectedEntry, ProtectionView } from '@/server/domain/protection/next-step';
import { formatUnits, parseUnits } from '@/server/kernel/money';
import { orderStatusSchema } from '@/server/kernel/vocabulary';

const ACTOR = 'system (protection)';

const units = z.string().transform((text) => parseUnits(text));

const stopRow = z.object({
  id: z.string(),
  entry_id: z.string(),
  status: orderStatusSchema,
  leaves: units,
  cancel_requested: z.boolean(),
  /** It ended without a fill, and its cancel had not been requested here. */
  failed: z.boolean(),
  live: z.boolean(),
  filled: units,
  why: z.string(),
  ended_ms: z.number(),
});

const entryRow = z.object({
  id: z.string(),
  stop_price: units,
  filled: units,
  live: z.boolean(),
  cancel_requested: z.boolean(),
  first_fill_ms: z.number().nullable(),
});

const symbolRow = z.object({
  symbol: z.string(),
  held: units,
  closing: units,
  buying: z.boolean(),
  exiting: z.boolean(),
  bid: units.nullable(),
  entries: z.array(entryRow),
  stops: z.array(stopRow),
});

const stateRow = z.object({
  now: z.number(),
  may_place: z.boolean(),
  clock: z
    .object({
      is_open: z.boolean(),
      market_time: z.number(),
      observed_at: z.number(),
      next_close: z.number().nullable(),
      speed: z.number(),
    })
    .nullable(),
  symbols: z.array(symbolRow),
});

const agoMs = (time: string) => `(extract(epoch FROM clock_timestamp() - ${time}) * 1000)::float8`;

/** Fills of order `o` since the position was opened. */
const FILLS = `fills f WHERE f.order_id = o.id AND NOT f.busted AND f.booked_at >= coalesce(s.opened_at, '-infinity')`;

/**
 * Symbols with an entry that states a stop and may still bring shares, or whose shares may still be held; or with a stop that has not
 * ended: one that outlives the position of its entry is listed with it, and is then owed nothing.
 * While a halt is not verified everything is being cancelled: nothing is placed.
 */
const STATE = `
  SELECT epoch_ms(clock_timestamp())::float8 AS now,
    NOT EXISTS (SELECT 1 FROM trading_state t JOIN halts x ON x.id = t.halt_id WHERE t.state = 'HALTED' AND x.verified_at IS NULL) AS may_place,
    (SELECT jsonb_build_object('is_open', is_open, 'market_time', epoch_ms(market_time), 'observed_at', epoch_ms(observed_at),
       'next_close', epoch_ms(next_close), 'speed', speed) FROM market_clock WHERE id = 1) AS clock,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('symbol', s.symbol, 'held', s.held::text,
       'closing', (SELECT coalesce(sum(o.qty - o.cum_qty), 0)::text FROM orders o
                   WHERE o.symbol = s.symbol AND o.side = 'SELL' AND o.kind <> 'PROTECTIVE' AND o.status IN ${LIVE}),
       'buying', EXISTS (SELECT 1 FROM orders o WHERE o.symbol = s.symbol AND o.side = 'BUY' AND o.status IN ${LIVE}),
       'exiting', EXISTS (SELECT 1 FROM exits e WHERE e.symbol = s.symbol AND e.ended_at IS NULL),
       'bid', (SELECT q.bid::text FROM quotes q WHERE q.symbol = s.symbol
                AND q.received_at > clock_timestamp() - (p.body->>'max_data_age_seconds')::float8 * interval '1 second'),
       'entries', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'stop_price', o.protective_stop_price::text,
            'filled', (SELECT coalesce(sum(f.qty), 0)::text FROM ${FILLS}), 'live', o.status IN ${LIVE},
            'cancel_requested', o.cancel_requested, 'first_fill_ms', (SELECT ${agoMs('min(f.booked_at)')} FROM ${FILLS}))
            ORDER BY o.created_at, o.id), '[]')
          FROM orders o WHERE o.symbol = s.symbol AND o.protective_stop_price IS NOT NULL
            AND (o.status IN ${LIVE} OR s.held > 0 AND o.updated_at >= coalesce(s.opened_at, '-infinity')
              OR o.id IN (SELECT c.parent_id FROM orders c WHERE c.symbol = s.symbol AND c.kind = 'PROTECTIVE' AND c.status IN ${LIVE}))),
       'stops', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'entry_id', o.parent_id, 'status', o.status,
            'leaves', greatest(o.qty - o.cum_qty, 0)::text, 'cancel_requested', o.cancel_requested, 'live', o.status IN ${LIVE},
            'failed', o.cum_qty = 0 AND NOT o.cancel_requested, 'filled', (SELECT coalesce(sum(f.qty), 0)::text FROM ${FILLS}),
            'why', coalesce(o.reject_reason, 'it was ' || lower(o.status)), 'ended_ms', ${agoMs('coalesce(o.closed_at, o.updated_at)')})
            ORDER BY o.attempt), '[]')
          FROM orders o WHERE o.symbol = s.symbol AND o.kind = 'PROTECTIVE'
            AND (o.status IN ${LIVE} OR o.updated_at >= coalesce(s.opened_at, '-infinity')))
       ) ORDER BY s.symbol), '[]')
     FROM (SELECT n.symbol, coalesce(h.qty, 0) AS held, h.opened_at
           FROM (SELECT symbol FROM orders WHERE protective_stop_price IS NOT NULL AND status IN ${LIVE}
                 UNION SELECT symbol FROM orders WHERE kind = 'PROTECTIVE' AND status IN ${LIVE}
                 UNION SELECT h.symbol FROM positions h WHERE h.qty > 0
                   AND EXISTS (SELECT 1 FROM orders o WHERE o.symbol = h.symbol AND o.protective_stop_price IS NOT NULL)) n
           LEFT JOIN positions h ON h.symbol = n.symbol) s) AS symbols
  FROM settings g JOIN policy_versions p ON p.version = g.active_policy_version WHERE g.id = 1`;

type StateRow = z.output<typeof stateRow>;
type StopRow = z.output<typeof stopRow>;

/** Stops that the broker refused or ended, since the last one that did its work or was ended from here. */
function failuresOf(stops: readonly StopRow[]): Pick<ProtectedEntry, 'failures' | 'lastFailure'> {
  const ended = stops.filter(({ live }) => !live);
  const failures = ended.slice(ended.findLastIndex(({ failed }) => !failed) + 1);
  const last = failures.at(-1);
  return {
    failures: failures.length,
    lastFailure: last === undefined ? null : { why: last.why, agoMs: last.ended_ms },
  };
}

function toEntry(row: z.output<typeof entryRow>, all: readonly StopRow[]): ProtectedEntry {
  const stops = all.filter(({ entry_id }) => entry_id === row.id);
  return {
    id: row.id,
    stopPrice: row.stop_price,
    filledQty: row.filled,
    stoppedQty: stops.reduce((sum, { filled }) => sum + filled, 0n),
    live: row.live,
    cancelRequested: row.cancel_requested,
    firstFillAgoMs: row.first_fill_ms,
    stops: stops
      .filter(({ live }) => live)
      .map(({ id, leaves, status, cancel_requested }) => ({
        id,
        leaves,
        works: status !== 'NEW',
        cancelRequested: cancel_requested,
      })),
    ...failuresOf(stops),
  };
}

function marketOpen({ clock, now }: StateRow): boolean {
  if (clock === null || !isRecent(now - clock.observed_at, CLOCK_MAX_AGE_MS)) return false;
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

function toView(row: z.output<typeof symbolRow>, state: StateRow): ProtectionView {
  return {
    symbol: row.symbol,
    entries: row.entries.map((entry) => toEntry(entry, row.stops)),
    held: row.held,
    closingQty: row.closing,
    buying: row.buying,
    exiting: row.exiting,
    mayPlace: state.may_place,
    marketOpen: marketOpen(state),
    bid: row.bid,
  };
}

/** @param query runs a statement without parameters and returns its rows */
export async function readProtection(query: (sql: string) => Promise<readonly unknown[]>): Promise<ProtectionView[]> {
  const [row] = await query(STATE);
  if (row === undefined) return [];
  const state = stateRow.parse(row);
  return state.symbols.map((each) => toView(each, state));
}

/** Nothing is placed beside an exit, and an entry has one stop that has not ended. */
const FREE = `
  SELECT (SELECT coalesce(max(attempt), 0) + 1 FROM orders WHERE parent_id = $1) AS attempt,
    NOT EXISTS (SELECT 1 FROM orders WHERE parent_id = $1 AND status = 'NEW')
      AND NOT EXISTS (SELECT 1 FROM exits WHERE symbol = $2 AND ended_at IS NULL) AS free`;

const PLACE = `
  WITH placed AS (
    INSERT INTO orders (id, kind, parent_id, attempt, principal_id, strategy, symbol, side, qty, order_type, stop_price, time_in_force,
                        reference_price, position_effect, created_at, updated_at)
    SELECT $1, 'PROTECTIVE', e.id, $3, e.principal_id, e.strategy, e.symbol, 'SELL', $4::numeric, 'STOP', e.protective_stop_price, $5,
           e.protective_stop_price, 'REDUCE', clock_timestamp(), clock_timestamp() FROM orders e WHERE e.id = $2
    RETURNING id, symbol, qty, stop_price),
  version AS (UPDATE accounts SET version = version + 1 WHERE id = 1),
  timeline AS (
    INSERT INTO execution_events (order_id, type, source, data, at)
    SELECT id, 'created', 'WORKER', jsonb_build_object('by', '${ACTOR}', 'kind', 'PROTECTIVE', 'entry_id', $2::text, 'attempt', $3), clock_timestamp()
    FROM placed),
  event AS (
    INSERT INTO outbox (id, topic, subject, data)
    SELECT gen_random_uuid(), 'order.created', id::text,
           jsonb_build_object('order_id', id, 'symbol', symbol, 'side', 'SELL', 'qty', qty::text, 'kind', 'PROTECTIVE') FROM placed)
  SELECT stop_price::text FROM placed`;

const CHANGED = `
  INSERT INTO outbox (id, topic, subject, data)
  SELECT gen_random_uuid(), 'portfolio.updated', symbol, jsonb_build_object('symbol', symbol, 'qty', qty::text) FROM positions WHERE symbol = $1`;

/** Protective stops in Postgres. What is done is decided in server/domain/protection; this only reads and stores. */
export function createProtectionStore(pool: Pool): ProtectionStore {
  return {
    read: () => readProtection(async (sql) => (await pool.query(sql)).rows),
    async changed(symbol) {
      await pool.query(CHANGED, [symbol]);
    },
    place: (fence, symbol, orderId, { entryId, qty, timeInForce }) =>
      // Lock order: send lock, account, rows; the audit chain last.
      inTransaction(pool, async (client) => {
        await client.query('SELECT pg_advisory_xact_lock_shared($1)', [SEND_LOCK]);
        await client.query('SELECT 1 FROM accounts WHERE id = 1 FOR UPDATE');
        await requireLease(client, fence);
        const { rows } = await client.query<{ attempt: number; free: boolean }>(FREE, [entryId, symbol]);
        if (rows[0]?.free !== true) return false;
        const values = [orderId, entryId, rows[0].attempt, formatUnits(qty), timeInForce];
        const placed = await client.query<{ stop_price: string }>(PLACE, values);
        const after = {
          symbol,
          qty: formatUnits(qty),
          stop_price: placed.rows[0]?.stop_price ?? null,
          entry_id: entryId,
        };
        await client.query(`SELECT audit_append($1, 'position.protect', $2, NULL, $3, NULL)`, [
          ACTOR,
          `order:${orderId}`,
          JSON.stringify(after),
        ]);
        return true;
      }),
  };
}
