import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import { type BookingRequest, decideBooking } from '@/server/application/booking/booking';
import { amendsPosition, bookTrades, changesPosition } from '@/server/application/booking/trades';
import type { Booked, ClaimedOrder, OrderRef } from '@/server/application/ports/execution-store';
import { type Fence, SupersededError } from '@/server/application/ports/lease';
import type { Topic } from '@/server/contracts/events';
import type { OrderEffect, OrderState } from '@/server/domain/order/types';
import type { Movement } from '@/server/domain/position/history';
import { flatPosition, type Position } from '@/server/domain/position/position';
import { failpoint } from '@/server/kernel/failpoint';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';
import { writeConsequences, writeOrder, writePosition } from './booking-write';
import { ORDER_COLUMNS, toClaimedOrder } from './order-rows';

const LEASE_HELD = `EXISTS (SELECT 1 FROM leases WHERE name = $2 AND token = $3::bigint AND expires_at > clock_timestamp())`;

/** Locks and reads one order. @throws SupersededError when the lease was lost */
export async function lockOrder(client: PoolClient, ref: OrderRef, fence: Fence | null): Promise<ClaimedOrder | null> {
  const [where, id] =
    'orderId' in ref ? ['o.id = $1::uuid', ref.orderId] : ['o.external_order_id = $1', ref.externalOrderId];
  const held = fence === null ? 'true' : LEASE_HELD;
  const values = fence === null ? [id] : [id, fence.name, fence.token];
  const lock = await client.query<{ held: boolean }>(
    `SELECT ${held} AS held FROM orders o WHERE ${where} FOR UPDATE`,
    values,
  );
  const first = lock.rows[0];
  if (first === undefined) return null;
  if (!first.held) throw new SupersededError(`the ${fence?.name ?? ''} lease has a new holder`);
  // A second statement: the first may have waited, and saw the row and its fills as they were before.
  const { rows } = await client.query(`SELECT ${ORDER_COLUMNS} FROM orders o WHERE ${where}`, [id]);
  return rows[0] === undefined ? null : toClaimedOrder(rows[0]);
}

async function lockPosition(client: PoolClient, symbol: string): Promise<Position> {
  const { rows } = await client.query<{ qty: string; cost: string; realised_pnl: string }>(
    'SELECT qty::text, cost::text, realised_pnl::text FROM positions WHERE symbol = $1 FOR UPDATE',
    [symbol],
  );
  const row = rows[0];
  if (row === undefined) return flatPosition(symbol);
  return { symbol, qty: parseUnits(row.qty), cost: parseMoney(row.cost), realised: parseMoney(row.realised_pnl) };
}

interface MovementRow {
  readonly side: Side | null;
  readonly qty: string;
  readonly price: string | null;
  readonly cost: string | null;
}

/** All that moved the symbol's shares and still counts, in the order booked. A busted fill has left it. */
async function readHistory(client: PoolClient, symbol: string): Promise<readonly Movement[]> {
  const { rows } = await client.query<MovementRow>(
    `SELECT f.side, f.qty::text, f.price::text, NULL AS cost, e.id AS entry, f.id
     FROM fills f LEFT JOIN ledger_entries e ON e.ref = 'fill:' || f.order_id || ':' || f.execution_id
     WHERE f.symbol = $1 AND NOT f.busted
     UNION ALL
     SELECT NULL, p.qty::text, NULL, p.amount::text, e.id, p.id FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry_id
     WHERE p.account = 'POSITION:' || $1 AND e.kind NOT IN ('FILL', 'AMENDMENT')
     ORDER BY entry, id`,
    [symbol],
  );
  return rows.map(({ side, qty, price, cost }) =>
    side === null
      ? { kind: 'shares', qty: parseUnits(qty), cost: parseMoney(cost ?? '0') }
      : { kind: 'trade', side, qty: parseUnits(qty), price: parseUnits(price ?? '0') },
  );
}

async function bookPosition(
  client: PoolClient,
  order: OrderState,
  effects: readonly OrderEffect[],
  atMs: number,
): Promise<void> {
  // A symbol's first position has no row to lock: its name is locked instead, so that two first fills do not cross.
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 7300003))', [order.symbol]);
  const held = await lockPosition(client, order.symbol);
  const history = amendsPosition(effects) ? await readHistory(client, order.symbol) : null;
  await writePosition(client, bookTrades(order, held, effects, history), held.realised, atMs);
}

/** Books news of one order: locks its row, decides, writes everything, commits. */
export async function bookOrder(
  pool: Pool,
  fence: Fence | null,
  ref: OrderRef,
  request: BookingRequest,
  extraTopics: readonly Topic[],
): Promise<Booked> {
  const booked = await inTransaction(pool, async (client) => {
    const loaded = await lockOrder(client, ref, fence);
    if (loaded === null) return { found: false, decision: null };
    const decision = decideBooking(loaded.state, request);
    if (decision.unchanged && extraTopics.length === 0) return { found: true, decision };
    await writeOrder(client, loaded.state, decision, request, extraTopics);
    if (changesPosition(decision.effects)) {
      await bookPosition(client, decision.state, decision.effects, request.brokerAtMs ?? Date.now());
    }
    await writeConsequences(client, decision.state, decision.effects);
    failpoint('booking-written');
    if (decision.state.fills !== loaded.state.fills) failpoint('fill-written');
    return { found: true, decision };
  });
  failpoint('booking-committed');
  return booked;
}
