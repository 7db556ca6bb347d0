import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { asJson, type Json, TestSimulator } from './testing/harness';
import { TradeUpdates } from './testing/trade-updates';

let simulator: TestSimulator;
let updates: TradeUpdates | null = null;
beforeEach(async () => {
  simulator = await TestSimulator.start();
  await simulator.quote('AAPL', '99.98', '100.02');
});
afterEach(async () => {
  updates?.close();
  updates = null;
  await simulator.dispose();
});

const faults = (switches: Json) => simulator.json('PUT', '/sim/v1/faults', switches);
const control = (fields: Json) => simulator.json('POST', '/sim/v1/control', fields);
const position = async () => (await simulator.list('/v2/positions')).find(({ symbol }) => symbol === 'AAPL');
const legsOf = (order: Json): Json[] => (Array.isArray(order.legs) ? order.legs.map(asJson) : []);
const statuses = async (orders: readonly Json[]) => {
  const found: unknown[] = [];
  for (const { id } of orders) found.push((await simulator.getOrder(id)).status);
  return found;
};
const events = async (count: number) =>
  (await updates?.next(count))?.map(({ event, order }) => `${String(event)} ${String(asJson(order).type)}`);
const RESTING = { type: 'limit', limit_price: '90', qty: '1' };
const BRACKET = {
  order_class: 'bracket',
  time_in_force: 'gtc',
  take_profit: { limit_price: '110' },
  stop_loss: { stop_price: '95' },
};

describe('a lost stop', () => {
  it('vanishes when the entry fills, without an event, while the profit leg works on', async () => {
    updates = await TradeUpdates.connect(simulator.url);
    await faults({ lose_stop_legs: 1 });
    const lost = await simulator.order(BRACKET);
    expect(await statuses(legsOf(lost))).toEqual(['new', 'canceled']);
    expect(await events(6)).toEqual([
      'pending_new market',
      'new market',
      'held limit',
      'held stop',
      'fill market',
      'new limit',
    ]);
    expect(await simulator.json('GET', '/sim/v1/faults')).toMatchObject({ lose_stop_legs: 0 });
    await simulator.quote('AAPL', '94', '94.04');
    expect(await position()).toMatchObject({ qty: '10' });
    expect(await statuses(legsOf(lost))).toEqual(['new', 'canceled']);
    await simulator.quote('AAPL', '110', '110.04');
    expect(await position()).toBeUndefined();
  });

  it('vanishes at any time by its id, plain or a leg, also across a restart', async () => {
    await simulator.order({ qty: '10' });
    const plain = await simulator.order({ side: 'sell', type: 'stop', stop_price: '95', time_in_force: 'gtc' });
    await control({ lose_order: plain.id });
    expect(await simulator.getOrder(plain.id)).toMatchObject({ status: 'canceled', filled_qty: '0' });
    expect(await position()).toMatchObject({ qty_available: '10' });
    const entry = await simulator.order(BRACKET);
    const [profit, stop] = legsOf(entry);
    await control({ lose_order: stop?.id });
    await simulator.stop();
    await simulator.start();
    expect(await statuses(legsOf(entry))).toEqual(['new', 'canceled']);
    expect((await simulator.call('DELETE', `/v2/orders/${String(profit?.id)}`)).status).toBe(204);
    expect((await simulator.call('POST', '/sim/v1/control', { lose_order: stop?.id })).status).toBe(422);
  });
});

it('a liquidation cancels what works in the symbol and sells with an order of the broker’s own', async () => {
  await simulator.quote('MSFT', '200', '200.04');
  const entry = await simulator.order({ ...BRACKET, client_order_id: 'ours' });
  const elsewhere = await simulator.order({ ...RESTING, symbol: 'MSFT' });
  await control({ liquidate: { symbol: 'AAPL', qty: '4' } });
  expect(await statuses(legsOf(entry))).toEqual(['canceled', 'canceled']);
  expect(await statuses([elsewhere])).toEqual(['new']);
  const [sale] = await simulator.list('/v2/orders?status=closed&side=sell&limit=1');
  expect(sale).toMatchObject({ type: 'market', status: 'filled', filled_qty: '4' });
  expect(await position()).toMatchObject({ qty: '6' });
  await control({ liquidate: { symbol: 'AAPL' } });
  expect(await position()).toBeUndefined();
  expect((await simulator.call('POST', '/sim/v1/control', { liquidate: { symbol: 'AAPL' } })).status).toBe(404);
});

it('a working order is missing from lists, or everywhere, and works on', async () => {
  const hidden = await simulator.order({ ...RESTING, client_order_id: 'hidden' });
  const shown = await simulator.order(RESTING);
  const listed = async () => (await simulator.list('/v2/orders?status=all')).map(({ id }) => id);
  const found = async () => [
    (await simulator.call('GET', `/v2/orders/${String(hidden.id)}`)).status,
    (await simulator.call('GET', '/v2/orders:by_client_order_id?client_order_id=hidden')).status,
  ];
  await faults({ hide_orders: ['hidden'] });
  expect([await listed(), await found()]).toEqual([[shown.id], [200, 200]]);
  await faults({ hide_orders: [hidden.id], hide_orders_from: 'everywhere' });
  expect([await listed(), await found()]).toEqual([[shown.id], [404, 404]]);
  await simulator.quote('AAPL', '89.9', '89.94');
  await simulator.call('DELETE', '/sim/v1/faults');
  expect(await simulator.getOrder(hidden.id)).toMatchObject({ status: 'filled' });
});

it('fills during a disconnect are never reported by the stream, only by the statement', async () => {
  updates = await TradeUpdates.connect(simulator.url);
  const closed = updates.closed();
  await faults({ refuse_stream: true });
  await closed;
  const refused = new WebSocket(`${simulator.url.replace('http', 'ws')}/stream`);
  expect(await new Promise((resolve) => refused.once('close', resolve))).toBe(1013);
  const order = await simulator.order({ qty: '3' });
  await simulator.call('DELETE', '/sim/v1/faults');
  updates = await TradeUpdates.connect(simulator.url);
  await simulator.order({ ...RESTING, limit_price: '80' });
  expect(await events(2)).toEqual(['pending_new limit', 'new limit']);
  expect(await simulator.list('/v2/account/activities/FILL')).toMatchObject([{ order_id: order.id, qty: '3' }]);
});

it('one client order id names two orders of the broker’s, and a look-up finds one of them', async () => {
  await faults({ duplicate_orders: 1 });
  const first = await simulator.order({ ...RESTING, client_order_id: 'twice' });
  const both = await simulator.list('/v2/orders?direction=asc');
  expect(both.map(({ client_order_id }) => client_order_id)).toEqual(['twice', 'twice']);
  expect(both[0]?.id).toBe(first.id);
  expect(both[1]?.id).not.toBe(first.id);
  expect([first.id, both[1]?.id]).toContain(
    (await simulator.json('GET', '/v2/orders:by_client_order_id?client_order_id=twice')).id,
  );
  await simulator.stop();
  await simulator.start();
  expect((await simulator.list('/v2/orders?direction=asc')).map(({ id }) => id)).toEqual(both.map(({ id }) => id));
  const third = { symbol: 'AAPL', side: 'buy', time_in_force: 'day', ...RESTING, client_order_id: 'twice' };
  expect((await simulator.call('POST', '/v2/orders', third)).status).toBe(422);
});

it('a doubled sell never sells more than is held', async () => {
  await simulator.order({ qty: '10' });
  await faults({ duplicate_orders: 1 });
  const sale = await simulator.order({ side: 'sell', qty: '10' });
  expect(await simulator.getOrder(sale.id)).toMatchObject({ status: 'filled' });
  const [second] = await simulator.list('/v2/orders?status=all&limit=1');
  expect(second).toMatchObject({ client_order_id: sale.client_order_id, status: 'canceled', filled_qty: '0' });
  expect(await position()).toBeUndefined();
});
