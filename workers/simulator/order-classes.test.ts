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

const BRACKET = {
  order_class: 'bracket',
  type: 'limit',
  limit_price: '99',
  time_in_force: 'gtc',
  take_profit: { limit_price: '110' },
  stop_loss: { stop_price: '95' },
};
const OTO = { ...BRACKET, order_class: 'oto', take_profit: undefined };
const OCO = { ...BRACKET, order_class: 'oco', side: 'sell', limit_price: undefined };

const post = (fields: Json) =>
  simulator.call('POST', '/v2/orders', { symbol: 'AAPL', side: 'buy', qty: '10', ...fields });
const legsOf = (order: Json): Json[] => (Array.isArray(order.legs) ? order.legs.map(asJson) : []);
const leg = (order: Json, type: string): Json => {
  const found = legsOf(order).find((each) => each.type === type);
  if (found === undefined) throw new Error(`no ${type} leg`);
  return found;
};
const read = (order: Json) => simulator.json('GET', `/v2/orders/${String(order.id)}?nested=true`);
const statuses = async (...orders: Json[]) => {
  const found: unknown[] = [];
  for (const { id } of orders) found.push((await simulator.getOrder(id)).status);
  return found;
};
const cancel = (order: Json) => simulator.call('DELETE', `/v2/orders/${String(order.id)}`);
const position = async () => (await simulator.list('/v2/positions')).find(({ symbol }) => symbol === 'AAPL');
const fillEntry = () => simulator.quote('AAPL', '98.9', '98.94');

/** A bracket of ten shares, its entry filled at 98.94. */
async function filledBracket(): Promise<{ entry: Json; profit: Json; stop: Json }> {
  const entry = await simulator.order(BRACKET);
  await fillEntry();
  return { entry, profit: leg(entry, 'limit'), stop: leg(entry, 'stop') };
}

describe('validation of order classes', () => {
  it.each([
    ['a bracket with one leg', { ...BRACKET, stop_loss: undefined }, 'bracket orders require stop_loss.stop_price'],
    [
      'a bracket without a profit',
      { ...BRACKET, take_profit: undefined },
      'bracket orders require take_profit.limit_price',
    ],
    ['a bracket that sells', { ...BRACKET, side: 'sell' }, 'bracket orders must be entry orders'],
    ['a bracket as IOC', { ...BRACKET, time_in_force: 'ioc' }, 'bracket orders must be DAY or GTC orders'],
    ['a bracket in extended hours', { ...BRACKET, extended_hours: true }, 'extended hours'],
    [
      'a bracket whose profit is below its stop',
      { ...BRACKET, take_profit: { limit_price: '94' } },
      'take_profit.limit_price must be > stop_loss.stop_price',
    ],
    ['an OTO with two legs', { ...BRACKET, order_class: 'oto' }, 'oto orders require either'],
    ['an OTO without a leg', { ...OTO, stop_loss: undefined }, 'oto orders require either'],
    ['an OCO that buys', { ...OCO, side: 'buy' }, 'oco orders must be exit orders'],
    ['an OCO of market orders', { ...OCO, type: 'market' }, 'oco orders must be limit orders'],
    ['a simple order with a leg', { ...BRACKET, order_class: 'simple' }, 'simple orders must not have'],
    ['a multi-leg order', { ...BRACKET, order_class: 'mleg' }, 'multi-leg orders are not supported'],
    ['fractions', { ...BRACKET, time_in_force: 'day', qty: '1.5' }, 'fractional orders must be simple orders'],
    ['fractions as GTC', { ...BRACKET, qty: '1.5' }, 'fractional orders must be DAY orders'],
    ['a leg off the increment', { ...BRACKET, stop_loss: { stop_price: '95.001' } }, 'sub-penny increment'],
  ])('refuses %s', async (_what, fields, message) => {
    await start();
    expect(await post(fields)).toMatchObject({
      status: 422,
      body: { code: 42210000, message: expect.stringContaining(message) },
    });
    expect(await simulator.json('GET', '/sim/v1/state')).toMatchObject({ orders: 0 });
  });

  it('refuses a stop less than a cent below the market or the entry’s limit, with the price that counts', async () => {
    await start();
    for (const [limit_price, stop_price, base] of [
      ['105', '100', '100'],
      ['99', '99', '99'],
    ]) {
      const answer = await post({ ...BRACKET, limit_price, stop_loss: { stop_price } });
      expect(answer).toMatchObject({
        status: 422,
        body: { message: 'stop_loss.stop_price must be <= base_price - 0.01', base_price: base },
      });
    }
    expect((await post({ ...BRACKET, stop_loss: { stop_price: '98.99' } })).status).toBe(200);
  });

  it('refuses an OCO beyond the shares that are available, as any sell', async () => {
    await start();
    await simulator.order({ qty: '4' });
    expect(await post({ ...OCO, qty: '5' })).toMatchObject({ status: 403, body: { available: '4' } });
  });

  it('exempts classes from the wash-trade rule, but for an OTO beside a plain stop', async () => {
    await start();
    await simulator.order({ qty: '5' });
    await simulator.order({ side: 'sell', type: 'stop', stop_price: '80', qty: '5', time_in_force: 'gtc' });
    expect(await post(BRACKET)).toMatchObject({ status: 200 });
    expect(await post(OTO)).toMatchObject({ status: 403, body: { message: expect.stringContaining('wash trade') } });
    await simulator.dispose();
    await start('oto_beside_stop=taken');
    await simulator.order({ qty: '5' });
    await simulator.order({ side: 'sell', type: 'stop', stop_price: '80', qty: '5', time_in_force: 'gtc' });
    expect(await post(OTO)).toMatchObject({ status: 200 });
  });

  it('takes an add to a position unless the variant refuses it', async () => {
    await start('class_add=refused');
    expect(await post(OTO)).toMatchObject({ status: 200 });
    await simulator.order({ symbol: 'MSFT', qty: '1' });
    const add = { ...OTO, symbol: 'MSFT', type: 'market', limit_price: undefined, stop_loss: { stop_price: '1' } };
    expect(await post(add)).toMatchObject({ status: 422, body: { message: 'oto orders must be entry orders' } });
  });
});

describe('a bracket', () => {
  it('answers with its legs, named by the broker, held, with the entry’s time in force', async () => {
    await start();
    const entry = await simulator.order({ ...BRACKET, client_order_id: 'mine' });
    expect(entry).toMatchObject({ order_class: 'bracket', client_order_id: 'mine', status: 'pending_new' });
    expect(legsOf(entry)).toHaveLength(2);
    for (const each of legsOf(entry)) {
      expect(each).toMatchObject({ status: 'held', side: 'sell', qty: '10', time_in_force: 'gtc', legs: null });
      expect(each.client_order_id).not.toBe('mine');
      expect(each).not.toHaveProperty('parent_id');
    }
    expect(legsOf(await read(entry)).map(({ id }) => id)).toEqual(legsOf(entry).map(({ id }) => id));
    expect(await simulator.getOrder(entry.id)).toMatchObject({ legs: null });
    expect(await simulator.getOrder(leg(entry, 'stop').id)).toMatchObject({ stop_price: '95', status: 'held' });
  });

  it('makes its legs active only when the entry is completely filled', async () => {
    await start();
    const entry = await simulator.order(BRACKET);
    const [profit, stop] = [leg(entry, 'limit'), leg(entry, 'stop')];
    await simulator.quote('AAPL', '98.9', '98.94', '100', '4');
    expect(await statuses(entry, profit, stop)).toEqual(['partially_filled', 'held', 'held']);
    expect(await position()).toMatchObject({ qty: '4', qty_available: '4' });
    // A partly filled entry has no protection: neither leg trades.
    await simulator.quote('AAPL', '94', '99.5');
    await simulator.quote('AAPL', '111', '111.04');
    expect(await position()).toMatchObject({ qty: '4' });
    await fillEntry();
    expect(await statuses(entry, profit, stop)).toEqual(['filled', 'new', 'held']);
    expect(await position()).toMatchObject({ qty: '10', qty_available: '0' });
  });

  it('cancels the stop when the profit fills', async () => {
    await start();
    const { profit, stop } = await filledBracket();
    await simulator.quote('AAPL', '110', '110.04');
    expect(await statuses(profit, stop)).toEqual(['filled', 'canceled']);
    expect(await position()).toBeUndefined();
  });

  it('cancels the profit when the stop fills', async () => {
    await start();
    const { profit, stop } = await filledBracket();
    await simulator.quote('AAPL', '94.9', '94.94');
    expect(await statuses(profit, stop)).toEqual(['canceled', 'filled']);
    expect(await position()).toBeUndefined();
  });

  it('reduces the stop by what the profit has filled, so that both together never sell more than is held', async () => {
    await start();
    const { profit, stop } = await filledBracket();
    await simulator.quote('AAPL', '110', '110.04', '4');
    expect(await simulator.getOrder(stop.id)).toMatchObject({ status: 'held', qty: '6' });
    expect(await position()).toMatchObject({ qty: '6', qty_available: '0' });
    await simulator.quote('AAPL', '94.9', '94.94');
    expect(await simulator.getOrder(stop.id)).toMatchObject({ status: 'filled', filled_qty: '6' });
    expect(await simulator.getOrder(profit.id)).toMatchObject({ status: 'canceled', filled_qty: '4' });
    expect(await position()).toBeUndefined();
  });

  it('ends whole when its entry or either leg is cancelled', async () => {
    await start();
    for (const pick of [(each: Json) => each, (each: Json) => leg(each, 'limit'), (each: Json) => leg(each, 'stop')]) {
      const entry = await simulator.order(BRACKET);
      expect((await cancel(pick(entry))).status).toBe(204);
      expect(await statuses(entry, ...legsOf(entry))).toEqual(['canceled', 'canceled', 'canceled']);
    }
    expect(await simulator.json('GET', '/v2/account')).toMatchObject({ buying_power: '100000' });
    const { profit, stop } = await filledBracket();
    await cancel(stop);
    expect(await statuses(profit, stop)).toEqual(['canceled', 'canceled']);
    expect(await position()).toMatchObject({ qty: '10', qty_available: '10' });
  });

  it('is cancelled by one cancel-all, each order answered for once', async () => {
    await start();
    const entry = await simulator.order(BRACKET);
    const ids = [entry, ...legsOf(entry)].map(({ id }) => ({ id, status: 200 }));
    expect((await simulator.call('DELETE', '/v2/orders')).body).toEqual(ids);
  });

  it('appears in lists as the broker shows it: flat without held legs, or nested under a parent that is listed', async () => {
    await start();
    const ids = async (query: string) => (await simulator.list(`/v2/orders?direction=asc${query}`)).map(({ id }) => id);
    const { entry, profit, stop } = await filledBracket();
    expect(await ids('')).toEqual([profit.id]);
    expect(await ids('&nested=true')).toEqual([]);
    expect(await ids('&status=all')).toEqual([entry.id, profit.id, stop.id]);
    const [nested] = await simulator.list('/v2/orders?status=all&nested=true');
    expect(legsOf(nested ?? {}).map(({ id, status }) => [id, status])).toEqual([
      [profit.id, 'new'],
      [stop.id, 'held'],
    ]);
    await simulator.dispose();
    await start('held_legs=listed');
    const other = await filledBracket();
    expect(await ids('')).toEqual([other.profit.id, other.stop.id]);
  });

  it('expires whole at the close as a DAY order, filled or not', async () => {
    await start();
    const waiting = await simulator.order({ ...BRACKET, limit_price: '96.5', time_in_force: 'day' });
    const entry = await simulator.order({ ...BRACKET, time_in_force: 'day' });
    await fillEntry();
    await simulator.json('POST', '/sim/v1/control', { set_open: false });
    expect(await statuses(waiting, ...legsOf(waiting))).toEqual(['expired', 'expired', 'expired']);
    expect(await statuses(entry, ...legsOf(entry))).toEqual(['filled', 'expired', 'expired']);
    expect(await position()).toMatchObject({ qty: '10', qty_available: '10' });
  });

  it('rests overnight as GTC and protects again at the next open', async () => {
    await start();
    const { profit, stop } = await filledBracket();
    await simulator.json('POST', '/sim/v1/control', { set_open: false });
    expect(await statuses(profit, stop)).toEqual(['done_for_day', 'held']);
    await simulator.quote('AAPL', '90', '90.04');
    expect(await statuses(profit, stop)).toEqual(['done_for_day', 'held']);
    await simulator.json('POST', '/sim/v1/control', { set_open: true });
    expect(await statuses(profit, stop)).toEqual(['canceled', 'filled']);
  });

  it('ends its legs with an entry that is cancelled partly filled, or gives them what was filled', async () => {
    for (const [variant, expected, available] of [
      ['canceled', ['canceled', 'canceled', 'canceled'], '4'],
      ['active', ['canceled', 'new', 'held'], '0'],
    ] as const) {
      await start(`partial_entry_legs=${variant}`);
      const entry = await simulator.order(BRACKET);
      await simulator.quote('AAPL', '98.9', '98.94', '100', '4');
      await cancel(entry);
      expect(await statuses(entry, ...legsOf(entry))).toEqual(expected);
      expect(await position()).toMatchObject({ qty: '4', qty_available: available });
      if (variant === 'active') expect(await simulator.getOrder(leg(entry, 'stop').id)).toMatchObject({ qty: '4' });
      await simulator.dispose();
    }
    await start();
  });
});

describe('an OTO', () => {
  it('works its one leg once the entry is filled', async () => {
    await start();
    const entry = await simulator.order({ ...OTO, stop_loss: { stop_price: '95', limit_price: '94' } });
    const stop = leg(entry, 'stop_limit');
    expect(legsOf(entry)).toHaveLength(1);
    expect(stop).toMatchObject({ status: 'held', stop_price: '95', limit_price: '94' });
    await fillEntry();
    expect(await simulator.getOrder(stop.id)).toMatchObject({ status: 'new', order_class: 'oto' });
    expect(await position()).toMatchObject({ qty_available: '0' });
    await simulator.quote('AAPL', '94.5', '94.54');
    expect(await simulator.getOrder(stop.id)).toMatchObject({ status: 'filled', filled_avg_price: '94.5' });
  });

  it('takes a profit leg alone as well', async () => {
    await start();
    const entry = await simulator.order({ ...BRACKET, order_class: 'oto', stop_loss: undefined });
    await fillEntry();
    await simulator.quote('AAPL', '111', '111.04');
    expect(await statuses(leg(entry, 'limit'))).toEqual(['filled']);
  });
});

describe('an OCO', () => {
  it('is the profit order with the stop as its leg; both hold the shares once', async () => {
    await start();
    await simulator.order({ qty: '10' });
    const oco = await simulator.order(OCO);
    expect(oco).toMatchObject({ order_class: 'oco', type: 'limit', limit_price: '110', side: 'sell' });
    const stop = leg(oco, 'stop');
    expect(await statuses(oco, stop)).toEqual(['new', 'held']);
    expect(await position()).toMatchObject({ qty_available: '0' });
    await simulator.quote('AAPL', '94', '94.04');
    expect(await statuses(oco, stop)).toEqual(['canceled', 'filled']);
    expect(await position()).toBeUndefined();
  });

  it('cancels the stop with the profit order', async () => {
    await start();
    await simulator.order({ qty: '10' });
    const oco = await simulator.order(OCO);
    await cancel(oco);
    expect(await statuses(oco, leg(oco, 'stop'))).toEqual(['canceled', 'canceled']);
    expect(await position()).toMatchObject({ qty_available: '10' });
  });
});

describe('events of a group', () => {
  const events = async (count: number) =>
    (await updates?.next(count))?.map(({ event, order }) => `${String(event)} ${String(asJson(order).type)}`);

  it('report each order of it', async () => {
    await start();
    updates = await TradeUpdates.connect(simulator.url);
    await filledBracket();
    await simulator.quote('AAPL', '110', '110.04');
    expect(await events(8)).toEqual([
      'pending_new limit',
      'new limit',
      'held limit',
      'held stop',
      'fill limit',
      'new limit',
      'fill limit',
      'canceled stop',
    ]);
  });

  it('leave out what only follows from another order, under leg_events=silent', async () => {
    await start('leg_events=silent');
    updates = await TradeUpdates.connect(simulator.url);
    await filledBracket();
    await simulator.quote('AAPL', '110', '110.04');
    await simulator.order({ qty: '1' });
    expect(await events(6)).toEqual([
      'pending_new limit',
      'new limit',
      'fill limit',
      'new limit',
      'fill limit',
      'pending_new market',
    ]);
  });

  it('name the new order under which a triggered stop fills, under triggered_leg=new_order', async () => {
    await start('triggered_leg=new_order');
    const { entry, profit, stop } = await filledBracket();
    await simulator.quote('AAPL', '94.9', '94.94');
    const replaced = await simulator.getOrder(stop.id);
    expect(replaced).toMatchObject({ status: 'replaced', filled_qty: '0', replaced_by: expect.any(String) });
    expect(await simulator.getOrder(replaced.replaced_by)).toMatchObject({
      replaces: stop.id,
      type: 'market',
      status: 'filled',
      filled_qty: '10',
    });
    expect(await statuses(profit)).toEqual(['canceled']);
    expect(legsOf(await read(entry)).map(({ id }) => id)).toEqual([profit.id, replaced.replaced_by]);
    expect(await position()).toBeUndefined();
  });
});

it('a restart leaves every group as it was', async () => {
  await start();
  const { profit, stop } = await filledBracket();
  const waiting = await simulator.order({ ...BRACKET, limit_price: '97', stop_loss: { stop_price: '90' } });
  await simulator.quote('AAPL', '110', '110.04', '3');
  const before = await simulator.json('GET', '/sim/v1/state');
  const nested = await read(waiting);
  await simulator.stop();
  await simulator.start();
  expect(await simulator.json('GET', '/sim/v1/state')).toMatchObject({ digest: before.digest });
  expect(await read(waiting)).toEqual(nested);
  await simulator.quote('AAPL', '94.9', '95.5');
  expect(await statuses(profit, stop)).toEqual(['canceled', 'filled']);
  expect(await statuses(waiting, ...legsOf(waiting))).toEqual(['filled', 'new', 'held']);
});
