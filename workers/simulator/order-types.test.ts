import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Json, TestSimulator } from './testing/harness';

let simulator: TestSimulator;
beforeEach(async () => {
  simulator = await TestSimulator.start();
  await simulator.quote('AAPL', '99.98', '100.02');
});
afterEach(() => simulator.dispose());

const post = (fields: Json) =>
  simulator.call('POST', '/v2/orders', {
    symbol: 'AAPL',
    side: 'buy',
    type: 'market',
    time_in_force: 'day',
    qty: '1',
    ...fields,
  });
const control = (fields: Json) => simulator.json('POST', '/sim/v1/control', fields);

describe('a stop limit order', () => {
  it('rests until its stop is reached, then works as a limit order', async () => {
    await simulator.order({ qty: '10' });
    const order = await simulator.order({
      side: 'sell',
      type: 'stop_limit',
      stop_price: '95',
      limit_price: '94',
      time_in_force: 'gtc',
    });
    expect(await simulator.getOrder(order.id)).toMatchObject({
      status: 'new',
      type: 'stop_limit',
      stop_price: '95',
      limit_price: '94',
    });
    await simulator.quote('AAPL', '93', '93.04');
    expect(await simulator.getOrder(order.id)).toMatchObject({ status: 'new', filled_qty: '0' });
    await simulator.quote('AAPL', '94.5', '94.54');
    expect(await simulator.getOrder(order.id)).toMatchObject({ status: 'filled', filled_avg_price: '94.5' });
  });

  it('keeps its trigger across a restart', async () => {
    const order = await simulator.order({ type: 'stop_limit', stop_price: '105', limit_price: '106', qty: '1' });
    await simulator.quote('AAPL', '107', '107.04');
    await simulator.stop();
    await simulator.start();
    await simulator.quote('AAPL', '104', '104.04');
    expect(await simulator.getOrder(order.id)).toMatchObject({ status: 'filled', filled_avg_price: '104.04' });
  });

  it.each([
    ['without a limit price', { limit_price: undefined }, 40010001],
    ['without a stop price', { stop_price: undefined }, 40010001],
    ['as IOC', { time_in_force: 'ioc' }, 42210000],
    ['with a sub-penny stop price', { stop_price: '105.005' }, 42210000],
    ['with a sub-penny limit price', { limit_price: '106.005' }, 42210000],
    ['in extended hours', { extended_hours: true }, 42210000],
  ])('is refused %s', async (_how, fields, code) => {
    const order = { type: 'stop_limit', stop_price: '105', limit_price: '106' };
    expect(await post({ ...order, ...fields })).toMatchObject({ status: 422, body: { code } });
  });
});

describe('stops outside regular hours', () => {
  it('do not trigger: neither a stop nor a stop limit', async () => {
    await simulator.order({ qty: '10' });
    const stop = await simulator.order({
      side: 'sell',
      type: 'stop',
      stop_price: '95',
      qty: '5',
      time_in_force: 'gtc',
    });
    const limited = await simulator.order({
      side: 'sell',
      type: 'stop_limit',
      stop_price: '95',
      limit_price: '80',
      qty: '5',
      time_in_force: 'gtc',
    });
    await control({ set_open: false });
    await simulator.quote('AAPL', '90', '90.04');
    expect(await simulator.getOrder(stop.id)).toMatchObject({ status: 'done_for_day', filled_qty: '0' });
    expect(await simulator.getOrder(limited.id)).toMatchObject({ status: 'done_for_day', filled_qty: '0' });
    // The price has come back by the open: what happened overnight triggered nothing.
    await simulator.quote('AAPL', '99.98', '100.02');
    await control({ set_open: true });
    expect(await simulator.getOrder(stop.id)).toMatchObject({ status: 'new', filled_qty: '0' });
    await simulator.quote('AAPL', '94', '94.04');
    expect(await simulator.getOrder(stop.id)).toMatchObject({ status: 'filled', filled_avg_price: '94' });
    expect(await simulator.getOrder(limited.id)).toMatchObject({ status: 'filled', filled_avg_price: '94' });
  });
});

describe('price increments', () => {
  it.each([
    ['a cent from one dollar up', { type: 'limit', limit_price: '1.01' }, 200],
    ['no half cent from one dollar up', { type: 'limit', limit_price: '1.005' }, 422],
    ['a hundredth of a cent below one dollar', { type: 'limit', limit_price: '0.9999' }, 200],
    ['no thousandth of a cent below one dollar', { type: 'limit', limit_price: '0.99995' }, 422],
    ['the same for stop prices', { type: 'stop', stop_price: '150.001' }, 422],
  ])('%s', async (_what, fields, status) => {
    const answer = await post(fields);
    expect(answer.status).toBe(status);
    if (status === 422) expect(answer.body).toMatchObject({ message: expect.stringContaining('sub-penny increment') });
  });
});

describe('extended hours', () => {
  it.each([
    ['a market order', { type: 'market' }],
    ['an IOC limit order', { type: 'limit', limit_price: '90', time_in_force: 'ioc' }],
  ])('%s is refused with the broker’s reason', async (_what, fields) => {
    expect(await post({ ...fields, extended_hours: true })).toMatchObject({
      status: 422,
      body: { message: 'extended hours order must be DAY or GTC limit orders' },
    });
  });
});

describe('fractions of a share', () => {
  it.each([
    ['a limit order', { type: 'limit', limit_price: '90' }],
    ['a stop', { type: 'stop', stop_price: '150' }],
    ['a stop limit', { type: 'stop_limit', stop_price: '150', limit_price: '151' }],
  ])('%s is taken as a DAY order', async (_what, fields) => {
    expect(await post({ ...fields, qty: '0.5' })).toMatchObject({ status: 200 });
  });

  it.each(['gtc', 'ioc', 'fok'])('%s orders are refused', async (timeInForce) => {
    const order = { type: 'limit', limit_price: '90', qty: '0.5', time_in_force: timeInForce };
    expect(await post(order)).toMatchObject({
      status: 422,
      body: { code: 42210000, message: 'fractional orders must be DAY orders' },
    });
  });

  it('a fractional DAY stop protects a fractional position', async () => {
    await simulator.order({ qty: '0.25' });
    const stop = await simulator.order({ side: 'sell', type: 'stop', stop_price: '95', qty: '0.25' });
    await simulator.quote('AAPL', '94', '94.04');
    expect(await simulator.getOrder(stop.id)).toMatchObject({ status: 'filled', filled_qty: '0.25' });
  });
});
