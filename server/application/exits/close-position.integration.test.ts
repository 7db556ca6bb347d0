import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import { createExecutionStore } from '@/server/adapters/postgres/orders/execution-store';
import type { Fence } from '@/server/application/ports/lease';
import { judgeSend } from '@/server/application/sending/judge-send';
import { factsOf } from '@/test-support/placements';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';

let fixture: TradingFixture;
let fence: Fence;
const PERSON = { ...ACTOR, kind: 'user', name: 'maria@example.com' } as const;

beforeAll(async () => {
  fixture = await createTradingFixture();
  const taken = await createLeaseStore(fixture.pool).acquire('execution', 'test', 600_000);
  if (taken === null) throw new Error('no lease');
  fence = taken;
});

afterAll(() => fixture.close());

/** 100 AAPL are held and a sell of 60 of them works at the broker. */
let working: string;
beforeEach(async () => {
  const { pool } = fixture;
  await pool.query(`UPDATE orders SET status = 'CANCELLED' WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')`);
  await pool.query(`INSERT INTO positions (symbol, qty, cost, updated_at) VALUES ('AAPL', 100, 10000, now())
    ON CONFLICT (symbol) DO UPDATE SET qty = 100`);
  await fixture.refresh();
  working = randomUUID();
  await pool.query(
    `INSERT INTO orders (id, kind, symbol, side, qty, order_type, limit_price, time_in_force, status, reference_price, external_order_id, created_at, updated_at)
     VALUES ($1, 'EXTERNAL', 'AAPL', 'SELL', 60, 'LIMIT', 120, 'DAY', 'ACCEPTED', 120, $2, now(), now())`,
    [working, `broker-${working}`],
  );
});

/** What the worker would do with the order now. */
async function verdict(orderId: string) {
  const store = createExecutionStore(fixture.pool, fixture.pool);
  return store.withSendLock(fence, orderId, async ({ facts }) => judgeSend(facts));
}

async function close(): Promise<string> {
  const outcome = await fixture.commands.closePosition(PERSON, 'AAPL', 'test');
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.orderId;
}

test('closing asks for the cancel of a working sell and waits until it has ended', async () => {
  const orderId = await close();
  const { rows } = await fixture.pool.query('SELECT cancel_requested FROM orders WHERE id = $1', [working]);
  expect(rows).toEqual([{ cancel_requested: true }]);
  expect(await verdict(orderId)).toMatchObject({ kind: 'wait' });
  await fixture.pool.query(`UPDATE orders SET status = 'CANCELLED' WHERE id = $1`, [working]);
  expect(await verdict(orderId)).toEqual({ kind: 'go' });
});

test('a sell that fills before its cancel leaves nothing that could be sold twice', async () => {
  const orderId = await close();
  await fixture.pool.query(`UPDATE orders SET status = 'FILLED', cum_qty = qty WHERE id = $1`, [working]);
  await fixture.pool.query(`UPDATE positions SET qty = 40 WHERE symbol = 'AAPL'`);
  expect(await verdict(orderId)).toMatchObject({ kind: 'never' });
});

test('a sell let in because more was bought since does not hold up the close, unless both sell the same shares', async () => {
  await fixture.pool.query(`UPDATE orders SET status = 'CANCELLED' WHERE id = $1`, [working]);
  const orderId = await close();
  // 60 more are bought, and a sell of as many works: nobody asks for its cancel.
  await fixture.pool.query(`UPDATE positions SET qty = 160 WHERE symbol = 'AAPL'`);
  await fixture.pool.query(`UPDATE orders SET status = 'ACCEPTED' WHERE id = $1`, [working]);
  expect(await verdict(orderId)).toEqual({ kind: 'go' });
  await fixture.pool.query(`UPDATE positions SET qty = 159 WHERE symbol = 'AAPL'`);
  expect(await verdict(orderId)).toMatchObject({ kind: 'wait' });
  await fixture.pool.query(`UPDATE orders SET status = 'PARTIALLY_FILLED', cum_qty = 1 WHERE id = $1`, [working]);
  expect(await verdict(orderId)).toEqual({ kind: 'go' });
});

test('a close of more than is held by now ends, whatever else works', async () => {
  const orderId = await close();
  await fixture.pool.query(`UPDATE positions SET qty = 99 WHERE symbol = 'AAPL'`);
  expect(await verdict(orderId)).toMatchObject({ kind: 'never' });
});

test('closing twice, and all at once beside it, places one order', async () => {
  await close();
  expect(await fixture.commands.closePosition(PERSON, 'AAPL', 'again')).toMatchObject({ ok: false, code: 'CONFLICT' });
  expect(await fixture.commands.flattenAll(PERSON, 'all')).toEqual({ ok: true, orderIds: [] });
  const { rows } = await fixture.pool.query(
    `SELECT count(*)::int AS n FROM orders WHERE kind = 'FLATTEN' AND symbol = 'AAPL' AND status = 'NEW'`,
  );
  expect(rows).toEqual([{ n: 1 }]);
});

test('while a close is on its way no other sell of the symbol passes the gate', async () => {
  await close();
  const signalId = await fixture.signal({ symbol: 'AAPL', action: 'SELL' });
  const answer = await fixture.commands.placeOrder(
    ACTOR,
    randomUUID(),
    orderFor(signalId, { side: 'SELL', qty: '10' }),
  );
  expect(answer.kind).toBe('REJECTED');
  expect(factsOf(answer).codes).toContain('SHORT_NOT_ALLOWED');
});
