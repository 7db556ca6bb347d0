import { afterEach, beforeEach, expect, test } from 'vitest';
import { bothSides, Stack } from '../testing/stack';

let stack: Stack;

beforeEach(async () => {
  stack = await Stack.start();
});

afterEach(async () => {
  await stack.stop();
});

test('connections to the database that break in the middle of orders cost no order and make none twice', {
  timeout: 180_000,
}, async () => {
  const worker = await stack.worker();
  await stack.reconciled();
  const ids: string[] = [];
  for (const symbol of ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'SPY']) {
    const { orderId, kind } = await stack.place({ symbol });
    expect(kind).toBe('PLACED');
    ids.push(orderId);
    await stack.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND (application_name LIKE 'countersign worker%' OR application_name = 'countersign listen')`,
    );
  }
  for (const id of ids)
    await stack.until(`the fill of ${id}`, async () => (await stack.status(id)) === 'FILLED', 40_000);
  expect(worker.process.exitCode).toBeNull();
  expect((await stack.brokerOrders()).map((each) => each.client_order_id).sort()).toEqual([...ids].sort());
  await stack.until('both sides to agree', async () => {
    const { ours, theirs } = await bothSides(stack);
    return JSON.stringify(ours) === JSON.stringify(theirs);
  });
});

test('of two workers one sends; when it is killed the other takes over', { timeout: 180_000 }, async () => {
  const first = await stack.worker();
  await stack.worker();
  await stack.reconciled();
  const before = await stack.place();
  await stack.until('the first fill', async () => (await stack.status(before.orderId)) === 'FILLED');
  const token = async () =>
    (await stack.pool.query<{ token: string }>(`SELECT token::text FROM leases WHERE name = 'execution'`)).rows[0]
      ?.token ?? '';
  const firstToken = await token();
  await first.end('SIGKILL');
  await stack.until('the leases to change hands', async () => {
    const held = await stack.pool.query<{ holders: number }>(
      `SELECT count(DISTINCT holder)::int AS holders FROM leases WHERE expires_at > now()`,
    );
    return held.rows[0]?.holders === 1 && BigInt(await token()) >= BigInt(firstToken);
  });
  await stack.reconciled();
  const after = await stack.place();
  expect(after.kind).toBe('PLACED');
  await stack.until('the second fill', async () => (await stack.status(after.orderId)) === 'FILLED');
  expect(await stack.brokerOrders()).toHaveLength(2);
});

test('an order that nobody here placed is adopted with a break, and the gate refuses the symbol', {
  timeout: 180_000,
}, async () => {
  await stack.worker();
  await stack.reconciled();
  await stack.sim('POST', '/v2/orders', {
    symbol: 'MSFT',
    qty: '1',
    side: 'buy',
    type: 'limit',
    limit_price: '1',
    time_in_force: 'day',
  });
  await stack.until(
    'the adoption',
    async () => (await stack.pool.query(`SELECT 1 FROM orders WHERE kind = 'EXTERNAL'`)).rowCount === 1,
  );
  const { rows } = await stack.pool.query('SELECT symbol, cause FROM breaks WHERE resolved_at IS NULL');
  expect(rows).toEqual([{ symbol: 'MSFT', cause: 'EXTERNAL_ORDER' }]);
  const answer = await stack.place({ symbol: 'MSFT' });
  expect(answer.code).toBe('RECONCILIATION_BREAK');
});

test('a worker refuses to start at a venue that the stage forbids', async () => {
  await stack.pool.query(`UPDATE settings SET stage = 'M3_LIVE_SMALL'`);
  const worker = await stack.worker();
  expect(await worker.ended).toBe(2);
  expect(worker.output()).toContain('stage M3_LIVE_SMALL allows LIVE, but BROKER_URL leads to SIM');
});

test('a stop ends the worker in order within seconds and frees its leases', async () => {
  const worker = await stack.worker();
  await stack.reconciled();
  expect(await worker.end('SIGTERM')).toBe(0);
  const { rows } = await stack.pool.query<{ held: number }>(
    'SELECT count(*)::int AS held FROM leases WHERE expires_at > now()',
  );
  expect(rows).toEqual([{ held: 0 }]);
});
