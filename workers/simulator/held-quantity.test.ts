import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Json, TestSimulator } from './testing/harness';

let simulator: TestSimulator;
beforeEach(async () => {
  simulator = await TestSimulator.start();
  await simulator.quote('AAPL', '99.98', '100.02');
  await simulator.order({ qty: '10' });
});
afterEach(() => simulator.dispose());

const sell = (fields: Json) => simulator.order({ side: 'sell', ...fields });
const refused = (fields: Json) =>
  simulator.call('POST', '/v2/orders', {
    symbol: 'AAPL',
    side: 'sell',
    type: 'market',
    time_in_force: 'day',
    qty: '10',
    ...fields,
  });
const position = () => simulator.json('GET', '/v2/positions/AAPL');

it('a working sell holds its shares: qty_available is what is left', async () => {
  expect(await position()).toMatchObject({ qty: '10', qty_available: '10' });
  await sell({ type: 'stop', stop_price: '80', qty: '7', time_in_force: 'gtc' });
  expect(await position()).toMatchObject({ qty: '10', qty_available: '3' });
});

it('a sell beyond what is available is refused with the broker’s body, which names the orders that hold the shares', async () => {
  const stop = await sell({ type: 'stop', stop_price: '80', qty: '6', time_in_force: 'gtc' });
  const limit = await sell({ type: 'limit', limit_price: '130', qty: '3', time_in_force: 'gtc' });
  expect(await refused({ qty: '2' })).toMatchObject({ status: 403 });
  expect((await refused({ qty: '2' })).body).toEqual({
    code: 40310000,
    message: 'insufficient qty available for order (requested: 2, available: 1)',
    symbol: 'AAPL',
    existing_qty: '10',
    held_for_orders: '9',
    available: '1',
    related_orders: [stop.id, limit.id],
  });
  expect(await refused({ qty: '1' })).toMatchObject({ status: 200 });
});

it('a fill uses up what the order held, and a cancel releases it', async () => {
  const limit = await sell({ type: 'limit', limit_price: '99.98', qty: '8' });
  expect(await simulator.getOrder(limit.id)).toMatchObject({ status: 'filled' });
  expect(await position()).toMatchObject({ qty: '2', qty_available: '2' });
  const stop = await sell({ type: 'stop', stop_price: '80', qty: '2' });
  expect(await position()).toMatchObject({ qty_available: '0' });
  await simulator.call('DELETE', `/v2/orders/${String(stop.id)}`);
  expect(await position()).toMatchObject({ qty_available: '2' });
});

it('the close-position call is refused while an order holds the shares, and cancel_orders releases them', async () => {
  await sell({ type: 'stop', stop_price: '80' });
  expect(await simulator.call('DELETE', '/v2/positions/AAPL')).toMatchObject({
    status: 403,
    body: { code: 40310000, held_for_orders: '10', available: '0' },
  });
  expect((await simulator.call('DELETE', '/v2/positions?cancel_orders=true')).status).toBe(207);
  expect(await simulator.list('/v2/positions')).toEqual([]);
});
