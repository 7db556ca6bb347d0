import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';
import { cancelOpening } from './cancel-opening';

let fixture: TradingFixture;

beforeAll(async () => {
  fixture = await createTradingFixture();
  await fixture.refresh();
});
afterAll(() => fixture.close());

test('an order whose cancel was refused is left alone for a while, so that it can be compared (P-16)', async () => {
  const { pool } = fixture;
  const placed = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(await fixture.signal()));
  if (placed.kind !== 'PLACED') throw new Error(`not placed: ${placed.kind}`);
  const { orderId } = placed;
  await pool.query(
    `UPDATE orders SET status = 'ACCEPTED', pending = 'NONE', claimed_at = clock_timestamp(), external_order_id = 'b1' WHERE id = $1`,
    [orderId],
  );
  await pool.query(`UPDATE trading_state SET state = 'REDUCING'`);
  expect(await cancelOpening(pool, ACTOR, null)).toEqual([{ orderId, symbol: 'AAPL' }]);
  await pool.query(`UPDATE orders SET cancel_requested = false, pending = 'NONE' WHERE id = $1`, [orderId]);
  expect(await cancelOpening(pool, ACTOR, null)).toEqual([]);
});
