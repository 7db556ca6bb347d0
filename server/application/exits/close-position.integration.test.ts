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
  await pool.query('UPDATE orders SET exit_id = NULL; DELETE FROM exits');
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
  return store.withSendLock(fence, orderId, async ({ facts }) => judgeSend(facts, { notional: null, qty: null }));
}

async function close(): Promise<string> {
  const outcome = await fixture.commands.closePosition(PERSON, 'AAPL', 'test');
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.exitId;
}

test('a close is stored as an exit, audited, and places no order directly (X-1)', async () => {
  const exitId = await close();
  const { rows } = await fixture.pool.query(
    `SELECT e.symbol, e.source, e.qty, e.ended_at, l.action, (SELECT count(*)::int FROM orders WHERE exit_id = e.id) AS orders
     FROM exits e JOIN audit_log l ON l.target = 'exit:' || e.id WHERE e.id = $1`,
    [exitId],
  );
  expect(rows).toEqual([
    { symbol: 'AAPL', source: 'PERSON', qty: null, ended_at: null, action: 'position.exit', orders: 0 },
  ]);
});

test('a second close is added to the running one, and so is the close of everything (X-4)', async () => {
  const exitId = await close();
  expect(await close()).toBe(exitId);
  expect(await fixture.commands.flattenAll(PERSON, 'all')).toEqual({ ok: true, exitIds: [exitId] });
});

test('an exit can be withdrawn, once, with its alert; cancelling its order withdraws it as well', async () => {
  const { pool, commands } = fixture;
  const exitId = await close();
  await pool.query(`SELECT alert_open($1, 'EXIT', 'AAPL', 'stuck', '{}')`, [randomUUID()]);
  expect(await commands.withdrawExit(PERSON, exitId, 'keep it')).toMatchObject({ ok: true });
  expect(await commands.withdrawExit(PERSON, exitId, 'keep it')).toMatchObject({ ok: false, code: 'CONFLICT' });
  expect((await pool.query(`SELECT 1 FROM alerts WHERE kind = 'EXIT' AND resolved_at IS NULL`)).rowCount).toBe(0);

  const second = await close();
  const order = randomUUID();
  await pool.query(
    `INSERT INTO orders (id, kind, exit_id, symbol, side, qty, order_type, time_in_force, reference_price, created_at, updated_at)
     VALUES ($1, 'FLATTEN', $2, 'AAPL', 'SELL', 40, 'MARKET', 'DAY', 100, now(), now())`,
    [order, second],
  );
  expect(await commands.cancelOrder(PERSON, order, 'keep it')).toMatchObject({ ok: true });
  const { rows } = await pool.query('SELECT outcome FROM exits WHERE id = $1', [second]);
  expect(rows).toEqual([{ outcome: 'WITHDRAWN' }]);
});

test('closing what is not held is refused', async () => {
  expect(await fixture.commands.closePosition(PERSON, 'NVDA', 'test')).toMatchObject({ ok: false, code: 'CONFLICT' });
});

test('what the broker alone holds can be closed (A5)', async () => {
  await fixture.pool.query(
    `INSERT INTO positions (symbol, qty, cost, broker_qty, updated_at) VALUES ('MSFT', 0, 0, -4, now())
     ON CONFLICT (symbol) DO UPDATE SET qty = 0, broker_qty = -4`,
  );
  expect(await fixture.commands.closePosition(PERSON, 'MSFT', 'test')).toMatchObject({ ok: true });
  await fixture.pool.query(`DELETE FROM exits; DELETE FROM positions WHERE symbol = 'MSFT'`);
});

test('an order of the symbol that was let in before is not sent while the exit is open', async () => {
  const signalId = await fixture.signal({ symbol: 'AAPL' });
  const terms = { qty: '5', order_type: 'LIMIT', limit_price: '100' } as const;
  const placed = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId, terms));
  if (placed.kind !== 'PLACED') throw new Error(`not placed: ${placed.kind}`);
  await close();
  expect(await verdict(placed.orderId)).toEqual({ kind: 'never', why: 'the position is being closed' });
});

test('while an exit is open no other sell of the symbol passes the gate', async () => {
  await close();
  await fixture.pool.query(`UPDATE orders SET status = 'CANCELLED' WHERE id = $1`, [working]);
  const signalId = await fixture.signal({ symbol: 'AAPL', action: 'SELL' });
  const answer = await fixture.commands.placeOrder(
    ACTOR,
    randomUUID(),
    orderFor(signalId, { side: 'SELL', qty: '10' }),
  );
  expect(answer.kind).toBe('REJECTED');
  expect(factsOf(answer).codes).toContain('SHORT_NOT_ALLOWED');
});
