import { afterEach, describe, expect, it } from 'vitest';
import { asJson, type Json, TestSimulator } from './testing/harness';
import { TradeUpdates } from './testing/trade-updates';

let simulator: TestSimulator;
let updates: TradeUpdates | null = null;
afterEach(async () => {
  updates?.close();
  updates = null;
  await simulator.dispose();
});

async function start(variants = ''): Promise<void> {
  simulator = await TestSimulator.start({ SIMULATOR_VARIANTS: variants });
  await simulator.quote('AAPL', '99.98', '100.02');
}

const LIMIT = { type: 'limit', limit_price: '90', qty: '10', time_in_force: 'gtc' };
const patch = (order: Json, fields: Json) => simulator.call('PATCH', `/v2/orders/${String(order.id)}`, fields);
const replace = async (order: Json, fields: Json): Promise<Json> => {
  const { status, body } = await patch(order, fields);
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return asJson(body);
};
const control = (fields: Json) => simulator.json('POST', '/sim/v1/control', fields);
const faults = (fields: Json) => simulator.json('PUT', '/sim/v1/faults', fields);
const account = () => simulator.json('GET', '/v2/account');

describe('replacing an order', () => {
  it('brings a new order with an id of its own; the old one is replaced, and both name each other', async () => {
    await start();
    const order = await simulator.order(LIMIT);
    const instead = await replace(order, { limit_price: '91', qty: '4', client_order_id: 'second' });
    expect(instead).toMatchObject({ status: 'pending_new', limit_price: '91', qty: '4', client_order_id: 'second' });
    expect(instead.id).not.toBe(order.id);
    expect(await simulator.getOrder(order.id)).toMatchObject({
      status: 'replaced',
      limit_price: '90',
      replaced_by: instead.id,
      replaced_at: expect.any(String),
    });
    expect(await simulator.getOrder(instead.id)).toMatchObject({ status: 'new', replaces: order.id });
    expect(await account()).toMatchObject({ buying_power: '99636' });
    await simulator.quote('AAPL', '90.9', '90.94');
    expect(await simulator.getOrder(instead.id)).toMatchObject({ status: 'filled', filled_qty: '4' });
  });

  it('keeps what is not named, and gives the new order a client order id where none is', async () => {
    await start();
    const order = await simulator.order({ ...LIMIT, client_order_id: 'first' });
    const instead = await replace(order, { time_in_force: 'day' });
    expect(instead).toMatchObject({ qty: '10', limit_price: '90', time_in_force: 'day', symbol: 'AAPL', side: 'buy' });
    expect(instead.client_order_id).not.toBe('first');
  });

  it.each([
    ['an unchanged order', { limit_price: '90' }, 422, 'order parameters are not changed'],
    ['a stop price that the type does not have', { stop_price: '95' }, 422, 'must not have a stop_price'],
    ['a trail', { trail: '1' }, 422, 'must not have a trail'],
    ['a notional', { notional: '100' }, 422, 'notional orders cannot be replaced'],
    ['fractions of a share', { qty: '2.5' }, 422, 'whole shares'],
    ['a price off the increment', { limit_price: '90.001' }, 422, 'sub-penny increment'],
    ['a client order id that is taken', { qty: '3', client_order_id: 'mine' }, 422, 'client_order_id must be unique'],
    ['more than the buying power', { qty: '2000' }, 403, 'insufficient buying power'],
    ['a body that is no object', [], 400, 'request body format is invalid'],
  ])('refuses %s, and the order works on', async (_what, fields, status, message) => {
    await start();
    const order = await simulator.order({ ...LIMIT, client_order_id: 'mine' });
    const answer = await simulator.call('PATCH', `/v2/orders/${String(order.id)}`, fields);
    expect(answer).toMatchObject({ status, body: { message: expect.stringContaining(message) } });
    expect(await simulator.getOrder(order.id)).toMatchObject({ status: 'new', limit_price: '90', qty: '10' });
  });

  it('refuses an unknown order, and those that are closed, not yet at the exchange, or under way', async () => {
    await start();
    expect((await patch({ id: '61e69015-8549-4bfd-b9c3-01e75843f47d' }, { qty: '1' })).status).toBe(404);
    const filled = await simulator.order({});
    expect(await patch(filled, { qty: '3' })).toMatchObject({ status: 422, body: { code: 42210000 } });
    await faults({ cancel_delay_ms: 60_000 });
    const leaving = await simulator.order(LIMIT);
    await simulator.call('DELETE', `/v2/orders/${String(leaving.id)}`);
    expect(await patch(leaving, { qty: '3' })).toMatchObject({ status: 422 });
    await faults({ replace_delay_ms: 60_000 });
    const going = await simulator.order({ ...LIMIT, qty: '5' });
    await replace(going, { qty: '3' });
    expect(await patch(going, { qty: '2' })).toMatchObject({ status: 422 });
    await control({ set_open: false });
    const queued = await simulator.order(LIMIT);
    expect(await patch(queued, { qty: '3' })).toMatchObject({
      status: 422,
      body: { message: "unable to replace order, order isn't sent to exchange yet" },
    });
  });

  it('changes fractions in price only', async () => {
    await start();
    const order = await simulator.order({ ...LIMIT, qty: '0.5', time_in_force: 'day' });
    expect(await patch(order, { qty: '1' })).toMatchObject({ status: 422 });
    expect(await replace(order, { limit_price: '91' })).toMatchObject({ qty: '0.5', limit_price: '91' });
  });

  it('needs no more shares than the order already holds', async () => {
    await start();
    await simulator.order({ qty: '10' });
    const stop = await simulator.order({
      side: 'sell',
      type: 'stop',
      stop_price: '90',
      qty: '8',
      time_in_force: 'gtc',
    });
    const raised = await replace(stop, { stop_price: '92' });
    expect(await simulator.json('GET', '/v2/positions/AAPL')).toMatchObject({ qty_available: '2' });
    expect(await patch(raised, { qty: '11' })).toMatchObject({ status: 403, body: { available: '10' } });
    expect(await replace(raised, { qty: '10' })).toMatchObject({ qty: '10' });
    expect(await simulator.json('GET', '/v2/positions/AAPL')).toMatchObject({ qty_available: '0' });
  });

  it('leaves the fills with the replaced order; the new one starts afresh or carries them', async () => {
    for (const [variant, expected] of [
      ['fresh', { qty: '6', filled_qty: '0', status: 'new' }],
      ['carried', { qty: '10', filled_qty: '4', status: 'partially_filled' }],
    ] as const) {
      await start(`replace_filled=${variant}`);
      const order = await simulator.order(LIMIT);
      await simulator.quote('AAPL', '89.9', '89.94', '100', '4');
      const instead = await replace(order, { limit_price: '80' });
      expect(await simulator.getOrder(order.id)).toMatchObject({ status: 'replaced', filled_qty: '4' });
      expect(await simulator.getOrder(instead.id)).toMatchObject(expected);
      expect(await patch(instead, { qty: '3' })).toMatchObject({ status: variant === 'carried' ? 422 : 200 });
      await simulator.quote('AAPL', '79.9', '79.94');
      expect(await simulator.list('/v2/account/activities/FILL')).toHaveLength(2);
      await simulator.dispose();
    }
    await start();
  });
});

describe('a replacement under way', () => {
  it('holds the larger of both, cannot be cancelled, and is carried out when it is due', async () => {
    await start();
    updates = await TradeUpdates.connect(simulator.url);
    await faults({ replace_delay_ms: 60_000 });
    const order = await simulator.order(LIMIT);
    const instead = await replace(order, { limit_price: '95' });
    expect(await simulator.getOrder(order.id)).toMatchObject({ status: 'pending_replace' });
    expect(await account()).toMatchObject({ buying_power: '99050' });
    for (const { id } of [order, instead])
      expect((await simulator.call('DELETE', `/v2/orders/${String(id)}`)).status).toBe(422);
    await control({ advance_ms: 61_000 });
    expect(await simulator.getOrder(order.id)).toMatchObject({ status: 'replaced', replaced_by: instead.id });
    expect(await simulator.getOrder(instead.id)).toMatchObject({ status: 'new' });
    expect(await account()).toMatchObject({ buying_power: '99050' });
    expect((await updates.next(5)).map(({ event }) => event)).toEqual([
      'pending_new',
      'new',
      'pending_replace',
      'replaced',
      'new',
    ]);
  });

  it('is rejected when the order fills first: one risk, never two', async () => {
    await start();
    updates = await TradeUpdates.connect(simulator.url);
    await faults({ replace_delay_ms: 60_000 });
    const order = await simulator.order(LIMIT);
    const instead = await replace(order, { limit_price: '91' });
    await simulator.quote('AAPL', '89.9', '89.94');
    expect(await simulator.getOrder(order.id)).toMatchObject({ status: 'filled', filled_qty: '10' });
    expect(await simulator.getOrder(instead.id)).toMatchObject({ status: 'rejected', filled_qty: '0' });
    expect(await simulator.json('GET', '/v2/positions/AAPL')).toMatchObject({ qty: '10' });
    expect(await account()).toMatchObject({ cash: '99100.6', buying_power: '99100.6' });
    expect((await updates.next(6)).map(({ event }) => event)).toEqual([
      'pending_new',
      'new',
      'pending_replace',
      'fill',
      'order_replace_rejected',
      'rejected',
    ]);
  });

  it('survives a restart', async () => {
    await start();
    await faults({ replace_delay_ms: 60_000 });
    const order = await simulator.order(LIMIT);
    const instead = await replace(order, { qty: '3' });
    const before = await simulator.json('GET', '/sim/v1/state');
    await simulator.stop();
    await simulator.start();
    expect(await simulator.json('GET', '/sim/v1/state')).toMatchObject({ digest: before.digest });
    await control({ advance_ms: 61_000 });
    expect(await simulator.getOrder(order.id)).toMatchObject({ status: 'replaced' });
    expect(await simulator.getOrder(instead.id)).toMatchObject({ status: 'new', qty: '3' });
  });
});

describe('replacing a leg', () => {
  const BRACKET = {
    order_class: 'bracket',
    time_in_force: 'gtc',
    take_profit: { limit_price: '110' },
    stop_loss: { stop_price: '95' },
  };
  const legsOf = (order: Json): Json[] => (Array.isArray(order.legs) ? order.legs.map(asJson) : []);

  it('moves the stop of a bracket, which goes on protecting', async () => {
    await start();
    const entry = await simulator.order(BRACKET);
    const [profit, stop] = legsOf(entry);
    const raised = await replace(stop ?? {}, { stop_price: '98' });
    expect(raised).toMatchObject({ status: 'held', stop_price: '98', order_class: 'bracket', replaces: stop?.id });
    const shown = legsOf(await simulator.json('GET', `/v2/orders/${String(entry.id)}?nested=true`));
    expect(shown.map(({ id }) => id)).toEqual([profit?.id, raised.id]);
    await simulator.quote('AAPL', '98', '98.04');
    expect(await simulator.getOrder(raised.id)).toMatchObject({ status: 'filled', filled_qty: '10' });
    expect(await simulator.getOrder(profit?.id)).toMatchObject({ status: 'canceled' });
    expect(await simulator.list('/v2/positions')).toEqual([]);
  });

  it('changes prices only, and nothing of an OTO unless the variant takes it', async () => {
    await start();
    const entry = await simulator.order(BRACKET);
    expect(await patch(legsOf(entry)[1] ?? {}, { qty: '5' })).toMatchObject({ status: 422 });
    const OTO = { ...BRACKET, order_class: 'oto', take_profit: undefined };
    const oto = await simulator.order({ ...OTO, symbol: 'MSFT', stop_loss: { stop_price: '1' } });
    expect(await patch(legsOf(oto)[0] ?? {}, { stop_price: '2' })).toMatchObject({ status: 422 });
    await simulator.dispose();
    await start('oto_replace=taken');
    const other = await simulator.order(OTO);
    expect(await replace(legsOf(other)[0] ?? {}, { stop_price: '96' })).toMatchObject({ stop_price: '96' });
  });
});
