import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { writeBreaks } from '@/server/adapters/postgres/books/break-store';
import type { BookingDecision, BookingRequest } from '@/server/application/booking/booking';
import type { PositionChange } from '@/server/application/booking/trades';
import type { Topic } from '@/server/contracts/events';
import type { OrderEffect, OrderState } from '@/server/domain/order/types';
import { isClosed } from '@/server/domain/order/view';
import type { Entry } from '@/server/domain/position/ledger';
import { formatMoney, formatUnits, type Units } from '@/server/kernel/money';
import { waitingJson } from './order-rows';

const ledgerAccount = (account: string, symbol: string | null) => (symbol === null ? account : `${account}:${symbol}`);

/** Ledger entries with their postings, as JSON for one statement. */
export function entriesJson(entries: readonly Entry[], atMs: number): string {
  return JSON.stringify(
    entries.map(({ kind, ref, postings }) => ({
      kind,
      ref,
      at: new Date(atMs).toISOString(),
      postings: postings
        .filter(({ amount, qty }) => amount !== 0n || qty !== 0n)
        .map(({ account, symbol, amount, qty }) => ({
          account: ledgerAccount(account, symbol),
          amount: formatMoney(amount),
          qty: formatUnits(qty),
        })),
    })),
  );
}

/** Postings of entries in `$n`; an entry whose reference is booked already is refused by its unique index. */
export const LEDGER_SQL = (param: string) => `
  entries AS (
    INSERT INTO ledger_entries (ref, kind, at, booked_at)
    SELECT e->>'ref', e->>'kind', (e->>'at')::timestamptz, clock_timestamp() FROM jsonb_array_elements(${param}::jsonb) e RETURNING id, ref),
  postings AS (
    INSERT INTO ledger_postings (entry_id, account, qty, amount)
    SELECT entries.id, p->>'account', (p->>'qty')::numeric, (p->>'amount')::numeric
    FROM jsonb_array_elements(${param}::jsonb) e JOIN entries ON entries.ref = e->>'ref', jsonb_array_elements(e->'postings') p)`;

const fillRow = (order: OrderState, source: string) => (fill: OrderState['fills'][number]) => ({
  execution_id: fill.executionId,
  symbol: order.symbol,
  side: order.side,
  // A correction to nothing keeps the quantity and is out like a bust.
  qty: formatUnits(fill.qty === 0n ? fill.reportedQty : fill.qty),
  price: formatUnits(fill.price === 0n ? fill.reportedPrice : fill.price),
  at: new Date(fill.atMs).toISOString(),
  source: fill.executionId.startsWith('inferred:') ? 'INFERRED' : source,
  busted: fill.busted || fill.qty === 0n,
});

const WRITE_FILLS = `
    INSERT INTO fills (order_id, execution_id, symbol, side, qty, price, at, source, busted)
    SELECT $1, f.execution_id, f.symbol, f.side, f.qty, f.price, f.at, f.source, f.busted
    FROM jsonb_to_recordset($15::jsonb) AS f(execution_id text, symbol text, side text, qty numeric, price numeric, at timestamptz, source text, busted boolean)
    ON CONFLICT (order_id, execution_id) DO UPDATE SET qty = excluded.qty, price = excluded.price, busted = excluded.busted`;

/** @param fills the web process closes orders without fills, and may not write any */
const writeOrderSql = (fills: string) => `
  WITH changed AS (
    UPDATE orders SET status = $2, pending = $3, cancel_requested = $4, cum_qty = $5::numeric, cum_notional = $6::numeric,
      flags = $7::text[], waiting = $8::jsonb, applied_corrections = $9::text[], external_order_id = coalesce(external_order_id, $10),
      reject_reason = coalesce($11, reject_reason), updated_at = clock_timestamp(),
      accepted_at = CASE WHEN $12 THEN coalesce(accepted_at, $13::timestamptz, clock_timestamp()) ELSE accepted_at END,
      closed_at = CASE WHEN $14 THEN coalesce(closed_at, clock_timestamp()) ELSE NULL END
    WHERE id = $1),
  fills_written AS (${fills}),
  timeline AS (
    INSERT INTO execution_events (order_id, type, source, data, at)
    SELECT $1, e->>'type', $16, e->'data', clock_timestamp() FROM jsonb_array_elements($17::jsonb) e),
  events AS (
    INSERT INTO outbox (id, topic, subject, data)
    SELECT gen_random_uuid(), e->>'topic', e->>'subject', e->'data' FROM jsonb_array_elements($18::jsonb) e)
  SELECT 1`;

const WRITE_ORDER = writeOrderSql(WRITE_FILLS);
const WRITE_ORDER_WITHOUT_FILLS = writeOrderSql('SELECT $15::jsonb');

/** Fills that are new or amended: the others stand as they are. */
function touchedFills(before: OrderState, after: OrderState) {
  return after.fills.filter((fill) => !before.fills.includes(fill));
}

const sourceOfFill = { STREAM: 'STREAM', WORKER: 'REST', RECONCILIATION: 'REST', OPERATOR: 'REST' } as const;

/** Writes an order's new state, its fills, timeline and events: one statement. */
export async function writeOrder(
  client: PoolClient,
  before: OrderState,
  decision: BookingDecision,
  request: BookingRequest,
  extraTopics: readonly Topic[],
): Promise<void> {
  const { state } = decision;
  const extra = extraTopics.map((topic) => ({
    topic,
    subject: state.id,
    data: { order_id: state.id, symbol: state.symbol, status: state.status, external_order_id: state.externalOrderId },
  }));
  const rows = touchedFills(before, state).map(fillRow(state, sourceOfFill[request.source]));
  await client.query(rows.length > 0 ? WRITE_ORDER : WRITE_ORDER_WITHOUT_FILLS, [
    state.id,
    state.status,
    state.pending,
    state.cancelRequested,
    formatUnits(state.cumQty),
    formatMoney(state.cumNotional),
    state.flags,
    waitingJson(state.waiting),
    state.appliedCorrections,
    state.externalOrderId,
    decision.rejectReason,
    before.status === 'NEW' && ['ACCEPTED', 'PARTIALLY_FILLED', 'FILLED'].includes(state.status),
    request.brokerAtMs ? new Date(request.brokerAtMs).toISOString() : null,
    isClosed(state.status),
    JSON.stringify(rows),
    request.source,
    JSON.stringify(decision.timeline),
    JSON.stringify([...extra, ...decision.outbox]),
  ]);
}

/** A position that was flat is opened with the transaction, which is when its first fills are booked. */
export const CHANGED_POSITION = `
  qty = excluded.qty, cost = excluded.cost, realised_pnl = excluded.realised_pnl, updated_at = excluded.updated_at,
  opened_at = CASE WHEN positions.qty = 0 THEN excluded.opened_at ELSE positions.opened_at END`;

const WRITE_POSITION = `
  WITH ${LEDGER_SQL('$5')},
  held AS (
    INSERT INTO positions (symbol, qty, cost, realised_pnl, opened_at, updated_at)
    VALUES ($1, $2::numeric, $3::numeric, $4::numeric, now(), clock_timestamp())
    ON CONFLICT (symbol) DO UPDATE SET ${CHANGED_POSITION}),
  day AS (
    INSERT INTO pnl_history (trading_day, open_equity, close_equity, realised, fees, updated_at)
    SELECT coalesce(a.trading_day, to_char($7::timestamptz AT TIME ZONE 'America/New_York', 'YYYY-MM-DD')), a.last_equity, a.equity, $6::numeric, 0, clock_timestamp()
    FROM accounts a
    ON CONFLICT (trading_day) DO UPDATE SET realised = pnl_history.realised + excluded.realised, updated_at = excluded.updated_at),
  events AS (
    INSERT INTO outbox (id, topic, subject, data)
    VALUES (gen_random_uuid(), 'portfolio.updated', $1, jsonb_build_object('symbol', $1::text, 'qty', $2::text)))
  SELECT 1`;

/** Writes a position with the ledger entries that led to it: one statement. */
export async function writePosition(
  client: PoolClient,
  change: PositionChange,
  realisedBefore: Units,
  atMs: number,
): Promise<void> {
  const { position, entries } = change;
  await client.query(WRITE_POSITION, [
    position.symbol,
    formatUnits(position.qty),
    formatMoney(position.cost),
    formatMoney(position.realised),
    entriesJson(entries, atMs),
    formatMoney(position.realised - realisedBefore),
    new Date(atMs).toISOString(),
  ]);
}

/** Breaks that a booking opens, and the trading state it asks for. The audited part comes last in the transaction. */
export async function writeConsequences(
  client: PoolClient,
  order: OrderState,
  effects: readonly OrderEffect[],
): Promise<void> {
  const ours = { qty: formatUnits(order.qty), status: order.status };
  const theirs = { cum_qty: formatUnits(order.cumQty) };
  const breaks = effects
    .filter((effect) => effect.kind === 'open_break')
    .map(({ cause }) => ({ symbol: order.symbol, orderId: order.id, cause, ours, theirs }));
  if (breaks.length > 0) await writeBreaks(client, breaks);
  if (!effects.some(({ kind }) => kind === 'reduce_trading')) return;
  await client.query(`SELECT trading_reduce($1, $2, $3, $4, 'OVERFILL')`, [
    'system (execution)',
    `order ${order.id} was filled beyond its quantity`,
    order.id,
    randomUUID(),
  ]);
}
