import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool } from '@/server/adapters/postgres/pool';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { createDrillStore } from './drill-store';

const TOLERANCE_MS = 250;

let database: TestDatabase;
let pool: Pool;
let haltId: string;

/** The market clock reads a second behind the broker's, as it may after a slow answer on a busy machine. */
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { name: 'test', max: 2 });
  haltId = randomUUID();
  await pool.query(
    `INSERT INTO halts (id, requested_by, reason, requested_at, acknowledged_at) VALUES ($1, 'ann', 'drill', now(), now())`,
    [haltId],
  );
  await pool.query(
    `INSERT INTO market_clock (id, is_open, market_time, observed_at) VALUES (1, true, now() - interval '1 second', now())
     ON CONFLICT (id) DO UPDATE SET market_time = excluded.market_time, observed_at = excluded.observed_at`,
  );
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** An order that the broker stamps as accepted at the halt's acknowledgement, and of which we learned so many ms after it. */
async function orderLearnedAfter(ms: number): Promise<string> {
  const id = randomUUID();
  const externalOrderId = `b-${id}`;
  await pool.query(
    `INSERT INTO orders (id, kind, symbol, side, qty, order_type, time_in_force, reference_price, external_order_id, status, accepted_at, created_at, updated_at)
     SELECT $1, 'EXTERNAL', 'AAPL', 'BUY', 1, 'MARKET', 'DAY', 100, $2, 'ACCEPTED', acknowledged_at, now(), now() FROM halts WHERE id = $3`,
    [id, externalOrderId, haltId],
  );
  await pool.query(
    `INSERT INTO execution_events (order_id, type, source, data, at)
     SELECT $1, 'accepted', 'WORKER', '{}', acknowledged_at + $3 * interval '1 millisecond' FROM halts WHERE id = $2`,
    [id, haltId, ms],
  );
  return externalOrderId;
}

test('an order known to be at the broker before the acknowledgement was not sent after it, whatever the clocks say', async () => {
  const before = await orderLearnedAfter(-20);
  const after = await orderLearnedAfter(20);
  const halt = await createDrillStore(pool).halt(haltId, TOLERANCE_MS);
  expect(halt?.takenAfter).toContain(after);
  expect(halt?.takenAfter).not.toContain(before);
});
