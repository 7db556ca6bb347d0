import { Alpaca } from '@alpacahq/alpaca-trade-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEY_ID, SECRET_KEY } from '../simulator/testing/harness';
import { Stack } from '../testing/stack';

/** Somebody trades the account with Alpaca's own client, beside us. */
let stack: Stack;
let alpaca: Alpaca;

beforeAll(async () => {
  stack = await Stack.start();
  await stack.worker();
  await stack.reconciled();
  alpaca = new Alpaca({
    keyId: KEY_ID,
    secret: SECRET_KEY,
    // The official client knows Alpaca's hosts only: the same requests, sent to the simulator.
    fetchApi: (input, init) => fetch(String(input).replace(/^https:\/\/[^/]+/, stack.simulator.url), init),
  });
}, 180_000);

afterAll(async () => {
  await stack.stop();
});

test('an order that Alpaca’s client sends directly appears as EXTERNAL with a break within 10 s', {
  timeout: 180_000,
}, async () => {
  const sentMs = performance.now();
  const sent = await alpaca.trading.orders.limit({
    symbol: 'MSFT',
    qty: 2,
    side: 'buy',
    limitPrice: 1,
    timeInForce: 'day',
  });
  await stack.until(
    'the adoption',
    async () => (await stack.pool.query(`SELECT 1 FROM orders WHERE kind = 'EXTERNAL'`)).rowCount === 1,
    10_000,
  );
  const tookMs = Math.round(performance.now() - sentMs);
  const { rows } = await stack.pool.query(
    `SELECT o.external_order_id, o.symbol, o.side, o.status, b.cause FROM orders o
     JOIN breaks b ON b.order_id = o.id AND b.resolved_at IS NULL WHERE o.kind = 'EXTERNAL'`,
  );
  expect(rows).toEqual([
    { external_order_id: sent.id, symbol: 'MSFT', side: 'BUY', status: 'ACCEPTED', cause: 'EXTERNAL_ORDER' },
  ]);
  console.log(`an external order was adopted with a break ${tookMs} ms after it was sent`);
  expect((await stack.place({ symbol: 'MSFT' })).code).toBe('RECONCILIATION_BREAK');
});

test('what it fills is booked, and its cancel is seen', { timeout: 180_000 }, async () => {
  const bought = await alpaca.trading.orders.market({ symbol: 'SPY', qty: 1, side: 'buy' });
  await stack.until('its fill', async () => {
    const { rowCount } = await stack.pool.query(
      `SELECT 1 FROM orders WHERE kind = 'EXTERNAL' AND external_order_id = $1 AND status = 'FILLED' AND cum_qty = 1`,
      [bought.id],
    );
    return rowCount === 1;
  });
  await alpaca.trading.orders.deleteAllOrders();
  await stack.until('the cancel', async () => {
    const { rowCount } = await stack.pool.query(
      `SELECT 1 FROM orders WHERE kind = 'EXTERNAL' AND symbol = 'MSFT' AND status = 'CANCELLED'`,
    );
    return rowCount === 1;
  });
});
