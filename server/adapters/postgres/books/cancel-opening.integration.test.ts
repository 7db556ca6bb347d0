import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';
import { cancelLate, cancelOpening } from './cancel-opening';

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

test('an order that the broker took after the close is cancelled by the holder of the lease alone', async () => {
  const { pool } = fixture;
  await pool.query(`UPDATE trading_state SET state = 'ACTIVE'`);
  const placed = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(await fixture.signal()));
  if (placed.kind !== 'PLACED') throw new Error(`not placed: ${placed.kind}`);
  const { orderId } = placed;
  await pool.query(
    `UPDATE orders SET status = 'ACCEPTED', pending = 'NONE', claimed_at = clock_timestamp(), external_order_id = 'b2' WHERE id = $1`,
    [orderId],
  );
  await pool.query(
    `INSERT INTO leases (name, holder, token, expires_at) VALUES ('late', 'w1', 7, clock_timestamp() + interval '1 minute')`,
  );
  await expect(cancelLate(pool, ACTOR, { name: 'late', token: '6' }, orderId)).rejects.toThrow();
  const requested = async () =>
    (await pool.query(`SELECT cancel_requested FROM orders WHERE id = $1`, [orderId])).rows[0]?.cancel_requested;
  expect(await requested()).toBe(false);
  await cancelLate(pool, ACTOR, { name: 'late', token: '7' }, orderId);
  expect(await requested()).toBe(true);
});
