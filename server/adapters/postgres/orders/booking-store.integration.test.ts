import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createReconciliationStore } from '@/server/adapters/postgres/books/reconciliation-store';
import { createOutboxRelay } from '@/server/adapters/postgres/bus/outbox-relay';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import { createPool } from '@/server/adapters/postgres/pool';
import type { BookingRequest } from '@/server/application/booking/booking';
import type { ExecutionStore } from '@/server/application/ports/execution-store';
import { type Fence, SupersededError } from '@/server/application/ports/lease';
import { nonTrade } from '@/server/application/testing/fakes';
import type { OrderInput } from '@/server/domain/order/types';
import { formatUnits, parseMoney, parseUnits } from '@/server/kernel/money';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { createExecutionStore } from './execution-store';
import { createOrderStore } from './order-store';

let database: TestDatabase;
let pool: Pool;
let store: ExecutionStore;
let fence: Fence;
let orderId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { name: 'test', max: 8 });
  store = createExecutionStore(pool, pool);
  const taken = await createLeaseStore(pool).acquire('execution', 'test', 600_000);
  if (taken === null) throw new Error('no lease');
  fence = taken;
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

let symbols = 0;
let symbol = '';

/** A flatten needs no decision: the simplest order there is. A symbol of its own for each test. */
async function newOrder(side = 'BUY', qty = '10'): Promise<string> {
  const id = randomUUID();
  await pool.query(
    `INSERT INTO orders (id, kind, symbol, side, qty, order_type, time_in_force, reference_price, created_at, updated_at)
     VALUES ($1, 'FLATTEN', $2, $3, $4, 'MARKET', 'DAY', 100, now(), now())`,
    [id, symbol, side, qty],
  );
  await store.claim(fence, 'test', 100);
  return id;
}

beforeEach(async () => {
  symbol = `T${++symbols}`;
  orderId = await newOrder();
});

const fill = (executionId: string, qty: string, price = '100'): OrderInput => ({
  kind: 'fill',
  executionId,
  qty: parseUnits(qty),
  price: parseUnits(price),
  atMs: 1_000,
});
const news = (...inputs: OrderInput[]): BookingRequest => ({
  source: 'STREAM',
  externalOrderId: `b-${orderId}`,
  brokerAtMs: 1_000,
  inputs: inputs.map((input) => ({ input })),
});
const book = (...inputs: OrderInput[]) => store.book(fence, { orderId }, news(...inputs));

async function position(): Promise<{ qty: string; cost: string; realised: string }> {
  const { rows } = await pool.query<{ qty: string; cost: string; realised: string }>(
    `SELECT trim_scale(qty)::text AS qty, trim_scale(cost)::text AS cost, trim_scale(realised_pnl)::text AS realised FROM positions WHERE symbol = $1`,
    [symbol],
  );
  return rows[0] ?? { qty: '0', cost: '0', realised: '0' };
}

async function postings(): Promise<string> {
  const { rows } = await pool.query<{ sum: string }>(
    'SELECT trim_scale(coalesce(sum(amount), 0))::text AS sum FROM ledger_postings',
  );
  return rows[0]?.sum ?? '';
}

test('a fill books order, fill, position, ledger, timeline and event in one transaction', async () => {
  await book(fill('e1', '4'), fill('e2', '6', '101'));
  const loaded = await store.load({ orderId });
  expect(loaded?.state).toMatchObject({ status: 'FILLED', externalOrderId: `b-${orderId}` });
  expect(await position()).toEqual({ qty: '10', cost: '1006', realised: '0' });
  expect(await postings()).toBe('0');
  const { rows } = await pool.query('SELECT type FROM execution_events WHERE order_id = $1 ORDER BY id', [orderId]);
  expect(rows.map(({ type }) => type)).toEqual(['claimed', 'accepted', 'fill', 'fill']);
});

test('the same fill from many sides at once is booked once', async () => {
  await Promise.all(Array.from({ length: 8 }, () => book(fill('e1', '10'))));
  expect(await position()).toMatchObject({ qty: '10' });
  const { rowCount } = await pool.query('SELECT 1 FROM fills WHERE order_id = $1', [orderId]);
  expect(rowCount).toBe(1);
});

test('fills of several orders of a symbol side by side sum to the position', async () => {
  const ids = [orderId, ...(await Promise.all(Array.from({ length: 5 }, () => newOrder())))];
  await Promise.all(
    ids.map((id, n) =>
      store.book(
        fence,
        { orderId: id },
        { source: 'STREAM', externalOrderId: `b-${id}`, inputs: [{ input: fill(`x${n}`, '10') }] },
      ),
    ),
  );
  expect(await position()).toEqual({ qty: '60', cost: '6000', realised: '0' });
});

test('a sale realises its profit, and the day counts it', async () => {
  await book(fill('e1', '10'));
  orderId = await newOrder('SELL', '4');
  const before = await pool.query<{ realised: string }>(
    'SELECT coalesce(sum(realised), 0)::text AS realised FROM pnl_history',
  );
  await book(fill('s1', '4', '110'));
  const after = await pool.query<{ realised: string }>(
    'SELECT coalesce(sum(realised), 0)::text AS realised FROM pnl_history',
  );
  expect(await position()).toEqual({ qty: '6', cost: '600', realised: '40' });
  expect(parseMoney(after.rows[0]?.realised ?? '0') - parseMoney(before.rows[0]?.realised ?? '0')).toBe(
    parseMoney('40'),
  );
});

describe('amendments', () => {
  test('a bust takes its fill out of order, position and ledger, once, and survives reading back', async () => {
    await book(fill('e1', '4'), fill('e2', '6'));
    await book({ kind: 'bust', refExecutionId: 'e1' });
    await book({ kind: 'bust', refExecutionId: 'e1' });
    expect(await position()).toEqual({ qty: '6', cost: '600', realised: '0' });
    expect(await postings()).toBe('0');
    expect((await store.load({ orderId }))?.state).toMatchObject({
      status: 'PARTIALLY_FILLED',
      cumQty: parseUnits('6'),
    });
    await book(fill('e1', '4'));
    expect(await position()).toMatchObject({ qty: '6' });
  });

  test('a correction changes its fill, and its own correction after reading back counts', async () => {
    await book(fill('e1', '10'));
    await book({
      kind: 'correct',
      executionId: 'c1',
      refExecutionId: 'e1',
      qty: parseUnits('8'),
      price: parseUnits('99'),
      atMs: 2,
    });
    await book({
      kind: 'correct',
      executionId: 'c2',
      refExecutionId: 'c1',
      qty: parseUnits('9'),
      price: parseUnits('99'),
      atMs: 3,
    });
    const { state } = (await store.load({ orderId })) ?? {};
    expect(formatUnits(state?.cumQty ?? 0n)).toBe('9');
    expect(state?.fills[0]?.corrections.map(({ executionId, depth }) => [executionId, depth])).toEqual([
      ['c1', 1],
      ['c2', 2],
    ]);
    expect(await position()).toEqual({ qty: '9', cost: '891', realised: '0' });
    await book(fill('e1', '10'));
    expect((await store.load({ orderId }))?.state.flags).toEqual([]);
  });

  test('a bust that comes first waits in the row for its fill', async () => {
    await book({ kind: 'bust', refExecutionId: 'e1' });
    await book(fill('e1', '10'));
    expect(await position()).toMatchObject({ qty: '0' });
  });
});

test('an overfill opens a break and trading becomes REDUCING', async () => {
  await book(fill('e1', '11'));
  const { rows } = await pool.query('SELECT state FROM trading_state');
  expect(rows).toEqual([{ state: 'REDUCING' }]);
  const breaks = await pool.query('SELECT cause FROM breaks WHERE symbol = $1', [symbol]);
  expect(breaks.rows).toEqual([{ cause: 'OVERFILL' }]);
});

test('a superseded holder can neither claim nor book', async () => {
  const old = { ...fence, token: '0' };
  await expect(store.claim(old, 'old', 10)).rejects.toThrow(SupersededError);
  await expect(store.book(old, { orderId }, news(fill('e1', '10')))).rejects.toThrow(SupersededError);
  expect(await position()).toMatchObject({ qty: '0' });
});

test('an order is claimed by one of many', async () => {
  const id = randomUUID();
  await pool.query(
    `INSERT INTO orders (id, kind, symbol, side, qty, order_type, time_in_force, reference_price, created_at, updated_at)
     VALUES ($1, 'FLATTEN', $2, 'BUY', 1, 'MARKET', 'DAY', 100, now(), now())`,
    [id, symbol],
  );
  const claims = await Promise.all(Array.from({ length: 6 }, (_, n) => store.claim(fence, `w${n}`, 10)));
  expect(claims.flat().filter(({ state }) => state.id === id)).toHaveLength(1);
});

test('a fee is booked once however often the statement is read', async () => {
  const books = createReconciliationStore(pool);
  const fee = nonTrade({ activityId: `t::${symbol}`, symbol, amount: parseMoney('-0.25'), atMs: 5 });
  const before = await books.ledgerCash();
  await Promise.all([
    books.bookNonTrades(fence, [fee]),
    books.bookNonTrades(fence, [fee, fee]),
    books.bookNonTrades(fence, [fee]),
  ]);
  expect((await books.ledgerCash()) - before).toBe(parseMoney('-0.25'));
});

describe('the outbox', () => {
  test('is published in order, marked, and only by the holder', async () => {
    const relay = createOutboxRelay(pool);
    await expect(relay({ ...fence, token: '0' })).rejects.toThrow(SupersededError);
    while ((await relay(fence)) > 0);
    const { rows } = await pool.query('SELECT count(*)::int AS waiting FROM outbox WHERE published_at IS NULL');
    expect(rows).toEqual([{ waiting: 0 }]);
  });
});

test('a lease has one holder, and its token rises with every take-over', async () => {
  const leases = createLeaseStore(pool);
  const first = await leases.acquire('probe', 'a', 60_000);
  expect(await leases.acquire('probe', 'b', 60_000)).toBeNull();
  expect(first !== null && (await leases.renew(first, 60_000))).toBe(true);
  if (first !== null) await leases.release(first);
  // Long past: a clock that is set back after the release does not keep it from the next.
  const left = await pool.query(
    `SELECT expires_at < clock_timestamp() - interval '1 day' AS past FROM leases WHERE name = 'probe'`,
  );
  expect(left.rows).toEqual([{ past: true }]);
  const second = await leases.acquire('probe', 'b', 60_000);
  expect(BigInt(second?.token ?? 0)).toBeGreaterThan(BigInt(first?.token ?? 0));
  expect(first !== null && (await leases.renew(first, 60_000))).toBe(false);
});

test('a cancel that was refused all night is still due, and holds up no other', async () => {
  await book({ kind: 'accepted', externalOrderId: `b-${orderId}` });
  await pool.query(
    `UPDATE orders SET cancel_requested = true, cancel_attempts = 5000, cancel_sent_at = now() - interval '2 minutes' WHERE id = $1`,
    [orderId],
  );
  expect(await store.cancelsDue(5_000)).toContainEqual({ orderId, externalOrderId: `b-${orderId}` });
});

test('a cancel that a person requests again after a refusal is due at once (O-8, A21)', async () => {
  await book({ kind: 'accepted', externalOrderId: `b-${orderId}` });
  const orders = createOrderStore(pool);
  const actor = { kind: 'user', principalId: randomUUID(), name: 'maria@example.com', correlationId: 'test' } as const;
  await orders.requestCancel(orderId, actor, 'out');
  for (let attempt = 0; attempt < 5; attempt += 1) await store.cancelSent(fence, orderId);
  await book({ kind: 'cancel_rejected', reason: 'order is not cancelable' });
  const due = { orderId, externalOrderId: `b-${orderId}` };
  await orders.requestCancel(orderId, actor, 'out');
  expect(await store.cancelsDue(5_000)).toContainEqual(due);
  // Asking twice for the same cancel does not send it twice.
  await store.cancelSent(fence, orderId);
  await orders.requestCancel(orderId, actor, 'out');
  expect(await store.cancelsDue(5_000)).not.toContainEqual(due);
});
