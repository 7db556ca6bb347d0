import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import { createPool } from '@/server/adapters/postgres/pool';
import type { Fence } from '@/server/application/ports/lease';
import { adoptOrder } from '@/server/domain/order/new-order';
import type { OrderState } from '@/server/domain/order/types';
import { parseUnits } from '@/server/kernel/money';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { createExecutionStore } from './execution-store';

let database: TestDatabase;
let pool: Pool;
let fence: Fence;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { name: 'test', max: 4 });
  const lease = await createLeaseStore(pool).acquire('execution', 'test', 60_000);
  if (lease === null) throw new Error('no lease');
  fence = lease;
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** An order that somebody placed at the broker, seen by one reconciliation round. Each round gives it an id of its own. */
function foreignOrder(externalOrderId: string): OrderState {
  const terms = { symbol: 'AAPL', side: 'BUY', qty: parseUnits('3'), orderType: 'MARKET', timeInForce: 'DAY' } as const;
  return adoptOrder({ id: randomUUID(), ...terms }, externalOrderId);
}

test('an order that is found twice is adopted once, with one break that belongs to it', async () => {
  const store = createExecutionStore(pool, pool);
  for (const externalOrderId of ['theirs-1', 'theirs-2']) {
    for (let round = 0; round < 3; round += 1) {
      await store.adopt(fence, foreignOrder(externalOrderId), parseUnits('100'), Date.now());
    }
  }
  const { rows } = await pool.query(
    `SELECT o.external_order_id, count(b.id)::int AS breaks FROM orders o LEFT JOIN breaks b ON b.order_id = o.id GROUP BY 1 ORDER BY 1`,
  );
  expect(rows).toEqual([
    { external_order_id: 'theirs-1', breaks: 1 },
    { external_order_id: 'theirs-2', breaks: 1 },
  ]);
  expect((await pool.query('SELECT count(*)::int AS n FROM breaks')).rows).toEqual([{ n: 2 }]);
});
