import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import { createPool } from '@/server/adapters/postgres/pool';
import { createPrisma, type PrismaClient } from '@/server/adapters/postgres/prisma';
import type { ExecutionStore } from '@/server/application/ports/execution-store';
import type { Fence } from '@/server/application/ports/lease';
import { orderDetailSchema } from '@/server/contracts/order';
import type { OrderInput } from '@/server/domain/order/types';
import { parseUnits } from '@/server/kernel/money';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { createExecutionStore } from './execution-store';
import { getOrder } from './orders-read';
import { readOrder } from './read-orders';

let database: TestDatabase;
let pool: Pool;
let db: PrismaClient;
let store: ExecutionStore;
let fence: Fence;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { name: 'test', max: 4 });
  db = createPrisma(database.url);
  store = createExecutionStore(pool, pool);
  const taken = await createLeaseStore(pool).acquire('execution', 'test', 600_000);
  if (taken === null) throw new Error('no lease');
  fence = taken;
});
afterAll(async () => {
  await db.$disconnect();
  await pool.end();
  await database.drop();
});

let symbols = 0;
let symbol = '';
beforeEach(() => {
  symbol = `R${++symbols}`;
});

interface Placed {
  readonly side: 'BUY' | 'SELL';
  readonly strategy?: string;
  /** Price when it was decided. */
  readonly arrival?: number;
}

/** An order with one fill. @returns its id */
async function filled({ side, strategy = 'a', arrival = 100 }: Placed, qty: string, price: string): Promise<string> {
  const id = randomUUID();
  await pool.query(
    `INSERT INTO orders (id, kind, strategy, symbol, side, qty, order_type, time_in_force, reference_price, created_at, updated_at)
     VALUES ($1, 'FLATTEN', $2, $3, $4, $5, 'MARKET', 'DAY', $6, now(), now())`,
    [id, strategy, symbol, side, qty, arrival],
  );
  await store.claim(fence, 'test', 100);
  await book(id, {
    kind: 'fill',
    executionId: `e-${id}`,
    qty: parseUnits(qty),
    price: parseUnits(price),
    atMs: Date.now(),
  });
  return id;
}

const book = (orderId: string, input: OrderInput) =>
  store.book(fence, { orderId }, { source: 'STREAM', externalOrderId: `b-${orderId}`, inputs: [{ input }] });

async function resultOf(id: string) {
  const detail = orderDetailSchema.parse(await readOrder(db, id));
  return detail.result;
}

test('an order knows what its shares earned, whichever side of the trade it was', async () => {
  const buy = await filled({ side: 'BUY' }, '10', '100.1');
  const sell = await filled({ side: 'SELL', arrival: 105 }, '4', '104.9');
  expect(await resultOf(buy)).toMatchObject({
    arrivalPrice: '100',
    slippageBps: '10.00',
    position: { profit: '19.2', heldQty: '6', matches: [{ orderId: sell, role: 'CLOSED', qty: '4' }] },
  });
  expect(await resultOf(sell)).toMatchObject({
    // Sold 0.1 below 105.
    slippageBps: '9.52',
    position: { profit: '19.2', heldQty: '0', openProfit: null, matches: [{ orderId: buy, role: 'OPENED' }] },
  });
});

test('what is held earns at the newest bid, and strategies keep their own shares', async () => {
  const first = await filled({ side: 'BUY', strategy: 'a' }, '10', '100');
  const second = await filled({ side: 'BUY', strategy: 'b' }, '10', '110');
  await filled({ side: 'SELL', strategy: 'b' }, '10', '120');
  await pool.query(
    `INSERT INTO quotes (symbol, bid, ask, bid_size, ask_size, quoted_at, received_at) VALUES ($1, 99, 101, 1, 1, now(), now())`,
    [symbol],
  );
  expect(await resultOf(first)).toMatchObject({ position: { profit: null, heldQty: '10', openProfit: '-10' } });
  expect(await resultOf(second)).toMatchObject({ position: { profit: '100', heldQty: '0' } });
});

test('results add up to the account’s, also over a time before which nothing was held', async () => {
  await filled({ side: 'BUY' }, '5', '100');
  await filled({ side: 'SELL' }, '5', '90');
  const orders = [
    await filled({ side: 'BUY' }, '3', '50'),
    await filled({ side: 'BUY', strategy: 'b' }, '4', '51.5'),
    await filled({ side: 'SELL' }, '7', '52.25'),
  ];
  const before = await pool.query<{ realised: string }>(
    `SELECT trim_scale(realised_pnl + 50)::text AS realised FROM positions WHERE symbol = $1`,
    [symbol],
  );
  const profits = await Promise.all(orders.map(async (id) => (await resultOf(id))?.position?.profit));
  expect(profits).toEqual(['6.75', '3', '9.75']);
  expect(before.rows[0]?.realised).toBe('9.75');
});

test('without a fill there is no result, and after a bust none can be known', async () => {
  const id = await filled({ side: 'BUY' }, '5', '100');
  const other = await filled({ side: 'BUY' }, '5', '100');
  await book(other, { kind: 'bust', refExecutionId: `e-${other}` });
  expect(await resultOf(other)).toBeNull();
  expect(await resultOf(id)).toMatchObject({ slippageBps: '0.00', position: null });
});

test('REST gives the same under its own names', async () => {
  const buy = await filled({ side: 'BUY' }, '10', '100');
  const sell = await filled({ side: 'SELL' }, '10', '101');
  expect((await getOrder(db, buy))?.result).toMatchObject({
    arrival_price: '100',
    slippage_bps: '0.00',
    position: { profit: '10', held_qty: '0', matches: [{ order_id: sell, role: 'CLOSED', open_price: '100' }] },
  });
});
