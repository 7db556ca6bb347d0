import { afterEach, describe, expect, it } from 'vitest';
import { TestSimulator } from './testing/harness';

let simulator: TestSimulator;

afterEach(() => simulator.dispose());

async function start(overrides: Record<string, string> = {}): Promise<void> {
  simulator = await TestSimulator.start(overrides);
  await simulator.quote('AAPL', '99.98', '100.02');
}

describe('refusals', () => {
  const order = { symbol: 'AAPL', side: 'buy', type: 'market', time_in_force: 'day', qty: '1' };
  const limit = { ...order, type: 'limit', limit_price: '90' };
  const cases: readonly (readonly [string, unknown, number, number, string])[] = [
    ['no symbol', { ...order, symbol: undefined }, 422, 40010001, 'symbol is required'],
    ['unknown symbol', { ...order, symbol: 'NOPE' }, 422, 42210000, 'could not find asset "NOPE"'],
    ['no side', { ...order, side: undefined }, 422, 40010001, 'side is required'],
    ['bad side', { ...order, side: 'short' }, 422, 40010001, 'side must be buy or sell'],
    ['no type', { ...order, type: undefined }, 422, 40010001, 'type is required'],
    ['trailing stop', { ...order, type: 'trailing_stop' }, 422, 42210000, 'trailing_stop orders are not supported'],
    ['no time in force', { ...order, time_in_force: undefined }, 422, 40010001, 'time_in_force is required'],
    ['on open', { ...order, time_in_force: 'opg' }, 422, 42210000, 'opg orders are not supported'],
    ['on close', { ...order, time_in_force: 'cls' }, 422, 42210000, 'cls orders are not supported'],
    ['no qty', { ...order, qty: undefined }, 422, 40010001, 'qty is required'],
    ['zero qty', { ...order, qty: '0' }, 422, 40010001, 'qty must be > 0'],
    ['negative qty', { ...order, qty: -1 }, 422, 40010001, 'qty must be > 0'],
    ['not a number', { ...order, qty: 'NaN' }, 422, 40010001, 'qty must be a number'],
    ['infinite', { ...order, qty: 'Infinity' }, 422, 40010001, 'qty must be a number'],
    ['absurd', { ...order, qty: '1e20' }, 422, 40010001, 'qty is too large'],
    ['ten decimals', { ...order, qty: '0.0000000001' }, 422, 40010001, 'no more than 9 decimal places'],
    [
      'fractional gtc',
      { ...limit, qty: '0.5', time_in_force: 'gtc' },
      422,
      42210000,
      'fractional orders must be DAY orders',
    ],
    ['notional', { ...order, qty: undefined, notional: '100' }, 422, 42210000, 'notional orders are not supported'],
    ['no limit price', { ...limit, limit_price: undefined }, 422, 40010001, 'limit_price is required'],
    ['sub-penny', { ...limit, limit_price: '90.001' }, 422, 42210000, 'sub-penny increment'],
    [
      'limit on a market order',
      { ...order, limit_price: '90' },
      422,
      40010001,
      'market orders must not have a limit_price',
    ],
    ['bracket', { ...order, order_class: 'bracket' }, 422, 42210000, 'require take_profit.limit_price'],
    ['extended hours', { ...limit, extended_hours: true }, 422, 42210000, 'extended hours'],
    ['too dear', { ...order, qty: '1001' }, 403, 40310000, 'insufficient buying power'],
    [
      'short',
      { ...order, side: 'sell' },
      403,
      40310000,
      'insufficient qty available for order (requested: 1, available: 0)',
    ],
    ['long client id', { ...order, client_order_id: 'x'.repeat(129) }, 422, 40010001, 'client_order_id'],
    ['an array', [], 400, 40010000, 'request body format is invalid'],
    ['no JSON', '{', 400, 40010000, 'request body format is invalid'],
  ];

  it('are named, in Alpaca’s form, and write nothing', async () => {
    await start();
    const before = await simulator.json('GET', '/sim/v1/state');
    for (const [name, body, status, code, message] of cases) {
      const answer = await simulator.call('POST', '/v2/orders', body);
      expect(answer, name).toMatchObject({ status, body: { code, message: expect.stringContaining(message) } });
    }
    expect(await simulator.json('GET', '/sim/v1/state')).toEqual(before);
  });

  it('cover the second use of a client order id, also after the first order is closed', async () => {
    await start();
    await simulator.order({ client_order_id: 'once' });
    const again = await simulator.call('POST', '/v2/orders', { ...order, client_order_id: 'once' });
    expect(again).toMatchObject({ status: 422, body: { code: 40010001, message: 'client_order_id must be unique' } });
  });

  it('count what open orders hold: no share is sold twice, no dollar spent twice', async () => {
    await start();
    await simulator.order({ qty: '10' });
    await simulator.order({ side: 'sell', type: 'limit', limit_price: '120', qty: '8' });
    const short = await simulator.call('POST', '/v2/orders', { ...order, side: 'sell', qty: '3' });
    expect(short).toMatchObject({ status: 403, body: { available: '2', existing_qty: '10', held_for_orders: '8' } });
    await simulator.order({ type: 'limit', limit_price: '90', qty: '1000' });
    expect(await simulator.call('POST', '/v2/orders', { ...order, qty: '100' })).toMatchObject({ status: 403 });
  });

  it('cover the cancel of closed and unknown orders', async () => {
    await start();
    const { id } = await simulator.order({});
    expect(await simulator.call('DELETE', `/v2/orders/${String(id)}`)).toMatchObject({
      status: 422,
      body: { code: 42210000, message: 'order is already in "filled" state' },
    });
    const unknown = await simulator.call('DELETE', '/v2/orders/61e69015-8549-4bfd-b9c3-01e75843f47d');
    expect(unknown).toMatchObject({ status: 404, body: { code: 40410000 } });
    expect(await simulator.call('GET', '/v2/nothing')).toMatchObject({ status: 404 });
  });

  it('cover wrong keys and a suspended account', async () => {
    await start();
    const wrong = await simulator.call('GET', '/v2/account', undefined, { 'APCA-API-SECRET-KEY': 'wrong' });
    expect(wrong).toMatchObject({ status: 403, body: { message: 'forbidden.' } });
    await simulator.json('PATCH', '/v2/account/configurations', { suspend_trade: true });
    expect(await simulator.call('POST', '/v2/orders', order)).toMatchObject({ status: 403, body: { code: 40310000 } });
    expect(await simulator.json('GET', '/v2/account')).toMatchObject({ trade_suspended_by_user: true });
    await simulator.json('PATCH', '/v2/account/configurations', { suspend_trade: false });
    await simulator.order({});
  });

  it('cover too many requests, with the time to wait', async () => {
    simulator = await TestSimulator.start({ SIMULATOR_RATE_LIMIT: '3' });
    const answers = [];
    for (let index = 0; index < 8; index += 1) answers.push(await simulator.call('GET', '/v2/clock'));
    const refused = answers.filter((answer) => answer.status === 429);
    // A new minute may begin in between: then fewer are refused, but never none.
    expect(refused.length).toBeGreaterThanOrEqual(1);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused[0]?.headers.get('x-ratelimit-limit')).toBe('3');
  });
});
