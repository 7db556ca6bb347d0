import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool } from '@/server/adapters/postgres/pool';
import { CASH_SYMBOL } from '@/server/application/ports/reconciliation-store';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { readFacts } from './send-guard';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { name: 'test', max: 2 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function breakOpenFor(symbol: string): Promise<boolean> {
  const id = randomUUID();
  await pool.query(
    `INSERT INTO orders (id, kind, symbol, side, qty, order_type, time_in_force, reference_price, created_at, updated_at)
     VALUES ($1, 'FLATTEN', $2, 'SELL', 1, 'MARKET', 'DAY', 100, now(), now())`,
    [id, symbol],
  );
  const client = await pool.connect();
  try {
    return (await readFacts(client, id, { name: 'execution', token: '1' })).breakOpen;
  } finally {
    client.release();
  }
}

const openBreak = (symbol: string) =>
  pool.query(`INSERT INTO breaks (id, symbol, cause, ours, theirs, opened_at) VALUES ($1, $2, $3, '{}', '{}', now())`, [
    randomUUID(),
    symbol,
    symbol === CASH_SYMBOL ? 'CASH_MISMATCH' : 'POSITION_MISMATCH',
  ]);

test("a break concerns its own symbol's orders, a break on cash every order (A13)", async () => {
  await openBreak('MSFT');
  expect(await breakOpenFor('AAPL')).toBe(false);
  expect(await breakOpenFor('MSFT')).toBe(true);
  await openBreak(CASH_SYMBOL);
  expect(await breakOpenFor('AAPL')).toBe(true);
});
