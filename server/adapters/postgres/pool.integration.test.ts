import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlacementStore } from '@/server/adapters/postgres/orders/placement-store';
import { PolicyCache } from '@/server/application/policy/policy-cache';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { createPool, IDLE_IN_TRANSACTION_MS } from './pool';

let database: TestDatabase;
let pool: ReturnType<typeof createPool>;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { name: 'test', max: 4 });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('a transaction that went quiet lets go of the trading state, and a halt goes through', async () => {
  const client = await pool.connect();
  client.on('error', () => undefined);
  const ended = once(client, 'error');
  await client.query('BEGIN');
  await client.query('SELECT 1 FROM trading_state FOR UPDATE');
  const { rows } = await pool.query('SHOW idle_in_transaction_session_timeout');
  expect(rows).toEqual([{ idle_in_transaction_session_timeout: `${IDLE_IN_TRANSACTION_MS / 1_000}s` }]);
  const halt = `SELECT halt_request(gen_random_uuid(), gen_random_uuid(), 'test', 'quiet') AS id`;
  expect((await pool.query(halt)).rowCount).toBe(1);
  const [error] = await ended;
  expect(error).toMatchObject({ code: '25P03' });
  client.release(true);
});

test('a placement whose connection is ended from outside fails, and the process goes on', async () => {
  const store = createPlacementStore(pool, new PolicyCache(async () => null), 'test');
  const placing = store.exclusively(async () => {
    await pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'`,
    );
    // The next statement finds the connection gone.
    for (;;) await pool.query('SELECT pg_sleep(0.01)').then(() => gone());
  });
  await expect(placing).rejects.toThrow();
});

test('connections that are to be kept are there before anybody asks', async () => {
  const kept = createPool(database.url, { name: 'kept', keep: 2 });
  const open = async () =>
    (await pool.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'countersign kept'`)).rowCount;
  await expect.poll(open, { timeout: 10_000 }).toBe(2);
  await kept.end();
});

async function gone(): Promise<void> {
  const { rows } = await pool.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'`);
  if (rows.length === 0) throw new Error('the connection is gone');
}
