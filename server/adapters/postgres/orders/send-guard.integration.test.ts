import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureDefaults } from '@/server/adapters/postgres/ops/policy-versions';
import { createPool } from '@/server/adapters/postgres/pool';
import type { SendFacts } from '@/server/application/ports/execution-store';
import { CASH_SYMBOL } from '@/server/application/ports/reconciliation-store';
import { parseUnits } from '@/server/kernel/money';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { TEST_POLICY } from '@/test-support/test-policy';
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

async function factsFor(symbol: string, referencePrice = '100'): Promise<SendFacts> {
  const id = randomUUID();
  await pool.query(
    `INSERT INTO orders (id, kind, symbol, side, qty, order_type, time_in_force, reference_price, created_at, updated_at)
     VALUES ($1, 'FLATTEN', $2, 'SELL', 1, 'MARKET', 'DAY', $3, now(), now())`,
    [id, symbol, referencePrice],
  );
  const client = await pool.connect();
  try {
    return await readFacts(client, id, { name: 'execution', token: '1' });
  } finally {
    client.release();
  }
}

const breakOpenFor = async (symbol: string) => (await factsFor(symbol)).breakOpen;

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

test('P-12: the price of the decision, the newest quote and the active policy are read again', async () => {
  const bare = (await factsFor('NVDA')).pricing;
  expect(bare).toMatchObject({ quote: null, collarPct: null, quoteMaxAgeMs: null, market: null });
  await ensureDefaults(pool, TEST_POLICY);
  await pool.query(
    `INSERT INTO market_clock (id, is_open, market_time, observed_at, speed, source)
     VALUES (1, true, '2026-01-05T15:00:00Z', clock_timestamp(), 60, 'TEST')`,
  );
  await pool.query(
    `INSERT INTO quotes (symbol, bid, ask, bid_size, ask_size, quoted_at, received_at)
     VALUES ('NVDA', 99.99, 100.01, 1, 1, '2026-01-05T15:00:00Z', now())`,
  );
  const { pricing } = await factsFor('NVDA', '99.5');
  expect(pricing).toEqual({
    side: 'SELL',
    orderType: 'MARKET',
    limitPrice: null,
    referencePrice: parseUnits('99.5'),
    collarPct: parseUnits('0.01'),
    quoteMaxAgeMs: 30_000,
    quote: { bid: parseUnits('99.99'), ask: parseUnits('100.01'), quotedAtMs: Date.parse('2026-01-05T15:00:00Z') },
    market: { nowMs: expect.any(Number), speed: 60 },
  });
  expect(pricing.market?.nowMs).toBeGreaterThanOrEqual(Date.parse('2026-01-05T15:00:00Z'));
});
