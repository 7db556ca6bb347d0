import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Json, TestSimulator } from './testing/harness';

let simulator: TestSimulator;

afterEach(() => simulator.dispose());

async function start(overrides: Record<string, string> = {}): Promise<void> {
  simulator = await TestSimulator.start(overrides);
  await simulator.quote('AAPL', '99.98', '100.02');
}

describe('the life of an order', () => {
  it('fills a market order at the ask and answers as it was when taken', async () => {
    await start();
    const taken = await simulator.order({ client_order_id: 'mine' });
    expect(taken).toMatchObject({ status: 'pending_new', filled_qty: '0', client_order_id: 'mine', qty: '10' });
    const filled = await simulator.json('GET', '/v2/orders:by_client_order_id?client_order_id=mine');
    expect(filled).toMatchObject({ id: taken.id, status: 'filled', filled_qty: '10', filled_avg_price: '100.02' });
    expect(await simulator.json('GET', '/v2/account')).toMatchObject({
      cash: '98999.8',
      multiplier: '1',
      status: 'ACTIVE',
    });
    expect(await simulator.json('GET', '/v2/positions/AAPL')).toMatchObject({
      qty: '10',
      avg_entry_price: '100.02',
      cost_basis: '1000.2',
    });
  });

  it('fills by displayed size: the rest waits for the next quote', async () => {
    await start();
    await simulator.quote('AAPL', '99.98', '100.02', '100', '30');
    const { id } = await simulator.order({ qty: '70' });
    expect(await simulator.getOrder(id)).toMatchObject({ status: 'partially_filled', filled_qty: '30' });
    await simulator.quote('AAPL', '100', '100.04', '100', '30');
    expect(await simulator.getOrder(id)).toMatchObject({ status: 'partially_filled', filled_qty: '60' });
    await simulator.quote('AAPL', '100', '100.08', '100', '30');
    expect(await simulator.getOrder(id)).toMatchObject({
      status: 'filled',
      filled_qty: '70',
      filled_avg_price: '100.037142857143',
    });
  });

  it('lets two orders share one displayed size', async () => {
    await start();
    await simulator.quote('AAPL', '99.98', '100.02', '100', '50');
    const first = await simulator.order({ qty: '40' });
    const second = await simulator.order({ qty: '40' });
    expect(await simulator.getOrder(first.id)).toMatchObject({ status: 'filled' });
    expect(await simulator.getOrder(second.id)).toMatchObject({ status: 'partially_filled', filled_qty: '10' });
  });

  it('rests a limit order until its price comes, and releases its buying power when it is cancelled', async () => {
    await start();
    const resting = await simulator.order({ type: 'limit', limit_price: '99', qty: '100' });
    expect(await simulator.getOrder(resting.id)).toMatchObject({ status: 'new' });
    expect(await simulator.json('GET', '/v2/account')).toMatchObject({ cash: '100000', buying_power: '90100' });
    expect((await simulator.call('DELETE', `/v2/orders/${String(resting.id)}`)).status).toBe(204);
    expect(await simulator.getOrder(resting.id)).toMatchObject({ status: 'canceled' });
    expect(await simulator.json('GET', '/v2/account')).toMatchObject({ buying_power: '100000' });
    const filled = await simulator.order({ type: 'limit', limit_price: '99', qty: '10' });
    await simulator.quote('AAPL', '98.9', '98.94');
    expect(await simulator.getOrder(filled.id)).toMatchObject({ status: 'filled', filled_avg_price: '98.94' });
  });

  it('triggers a stop and fills it like a market order', async () => {
    await start();
    const stop = await simulator.order({ type: 'stop', stop_price: '101', time_in_force: 'gtc' });
    expect(await simulator.getOrder(stop.id)).toMatchObject({ status: 'new', stop_price: '101' });
    await simulator.quote('AAPL', '101.2', '101.24');
    expect(await simulator.getOrder(stop.id)).toMatchObject({ status: 'filled', filled_avg_price: '101.24' });
  });

  it('fills immediate-or-cancel what is there and cancels the rest; fill-or-kill takes all or nothing', async () => {
    await start();
    await simulator.quote('AAPL', '99.98', '100.02', '100', '30');
    const ioc = await simulator.order({ qty: '70', time_in_force: 'ioc' });
    expect(await simulator.getOrder(ioc.id)).toMatchObject({ status: 'canceled', filled_qty: '30' });
    const fok = await simulator.order({ qty: '70', time_in_force: 'fok' });
    expect(await simulator.getOrder(fok.id)).toMatchObject({ status: 'canceled', filled_qty: '0' });
    await simulator.quote('AAPL', '99.98', '100.02', '100', '70');
    const whole = await simulator.order({ qty: '70', time_in_force: 'fok', type: 'limit', limit_price: '100.02' });
    expect(await simulator.getOrder(whole.id)).toMatchObject({ status: 'filled' });
  });

  it('takes fractions of a share in market day orders', async () => {
    await start();
    const { id } = await simulator.order({ qty: 0.123456789 });
    expect(await simulator.getOrder(id)).toMatchObject({ status: 'filled', filled_qty: '0.123456789' });
    expect(await simulator.json('GET', '/v2/positions/AAPL')).toMatchObject({ qty: '0.123456789' });
  });

  it('charges the greater of the fee per share and the least fee for each fill', async () => {
    await start({ SIMULATOR_FEE_PER_SHARE: '0.005', SIMULATOR_FEE_MIN: '0.35' });
    await simulator.order({ qty: '10' });
    await simulator.order({ qty: '200' });
    const fees = await simulator.list('/v2/account/activities/FEE?direction=asc');
    expect(fees.map((fee) => fee.net_amount)).toEqual(['-0.35', '-1']);
    expect(await simulator.json('GET', '/v2/account')).toMatchObject({ cash: '78994.45' });
  });

  it('cancels all open orders and says so of each', async () => {
    await start();
    const ids = [];
    for (let index = 0; index < 3; index += 1)
      ids.push((await simulator.order({ type: 'limit', limit_price: '90', qty: '1' })).id);
    const answer = await simulator.call('DELETE', '/v2/orders');
    expect(answer.status).toBe(207);
    expect(answer.body).toEqual(ids.map((id) => ({ id, status: 200 })));
    expect(await simulator.list('/v2/orders?status=open')).toEqual([]);
  });

  it('closes a position with a market order', async () => {
    await start();
    await simulator.order({ qty: '10' });
    const half = await simulator.json('DELETE', '/v2/positions/AAPL?percentage=50');
    expect(await simulator.getOrder(half.id)).toMatchObject({
      side: 'sell',
      status: 'filled',
      filled_qty: '5',
      filled_avg_price: '99.98',
    });
    expect((await simulator.call('DELETE', '/v2/positions')).status).toBe(207);
    expect(await simulator.list('/v2/positions')).toEqual([]);
    expect((await simulator.call('GET', '/v2/positions/AAPL')).status).toBe(404);
  });
});

describe('a closed market', () => {
  it('queues orders for the next open and refuses those that cannot wait', async () => {
    await start();
    await simulator.json('POST', '/sim/v1/control', { set_open: false });
    expect(await simulator.json('GET', '/v2/clock')).toMatchObject({ is_open: false });
    const queued = await simulator.order({});
    expect(queued).toMatchObject({ status: 'accepted' });
    for (const time_in_force of ['ioc', 'fok']) {
      const refused = await simulator.call('POST', '/v2/orders', {
        symbol: 'AAPL',
        side: 'buy',
        type: 'market',
        qty: '1',
        time_in_force,
      });
      expect(refused).toMatchObject({ status: 422, body: { code: 42210000 } });
    }
    await simulator.quote('AAPL', '100.98', '101.02');
    expect(await simulator.getOrder(queued.id)).toMatchObject({ status: 'accepted', filled_qty: '0' });
    await simulator.json('POST', '/sim/v1/control', { set_open: true });
    expect(await simulator.getOrder(queued.id)).toMatchObject({ status: 'filled', filled_avg_price: '101.02' });
  });

  it('expires DAY orders at the close and keeps GTC orders for the next day', async () => {
    await start();
    const day = await simulator.order({ type: 'limit', limit_price: '90' });
    const gtc = await simulator.order({ type: 'limit', limit_price: '90', time_in_force: 'gtc' });
    await simulator.json('POST', '/sim/v1/control', { set_open: false });
    expect(await simulator.getOrder(day.id)).toMatchObject({ status: 'expired' });
    expect(await simulator.getOrder(gtc.id)).toMatchObject({ status: 'done_for_day' });
    await simulator.json('POST', '/sim/v1/control', { set_open: null });
    expect(await simulator.getOrder(gtc.id)).toMatchObject({ status: 'new' });
  });

  it('expires DAY orders at midnight in New York when it never closes, and keeps the day’s equity', async () => {
    await start();
    const day = await simulator.order({ type: 'limit', limit_price: '90' });
    await simulator.json('POST', '/sim/v1/control', { advance_ms: 86_400_000 });
    expect(await simulator.getOrder(day.id)).toMatchObject({ status: 'expired' });
    expect(readFileSync(join(simulator.folder, 'simulator/journal.jsonl'), 'utf8')).toContain('"type":"day"');
  });
});

describe('refusals', () => {
  const order = { symbol: 'AAPL', side: 'buy', type: 'market', time_in_force: 'day', qty: '1' };
  const limit = { ...order, type: 'limit', limit_price: '90' };
  const cases: readonly (readonly [string, unknown, number, number, string])[] = [
    ['no symbol', { ...order, symbol: undefined }, 422, 40010001, 'symbol is required'],
    ['unknown symbol', { ...order, symbol: 'NOPE' }, 422, 42210000, 'could not find asset "NOPE"'],
    ['no side', { ...order, side: undefined }, 422, 40010001, 'side is required'],
    ['bad side', { ...order, side: 'short' }, 422, 40010001, 'side must be buy or sell'],
    ['no type', { ...order, type: undefined }, 422, 40010001, 'type is required'],
    ['stop limit', { ...order, type: 'stop_limit' }, 422, 42210000, 'stop_limit orders are not supported'],
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
    ['fractional limit', { ...limit, qty: '0.5' }, 422, 42210000, 'fractional orders must be market orders'],
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
    ['bracket', { ...order, order_class: 'bracket' }, 422, 42210000, 'only simple orders'],
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

describe('lists', () => {
  const ids = (orders: Json[]): unknown[] => orders.map((order) => order.client_order_id);

  it('filter orders by status, side, symbols and time, in either direction, up to a limit', async () => {
    await start();
    await simulator.quote('MSFT', '200', '200.04');
    await simulator.order({ client_order_id: 'a' });
    await simulator.order({ client_order_id: 'b', type: 'limit', limit_price: '90' });
    await simulator.order({ client_order_id: 'c', symbol: 'MSFT' });
    await simulator.order({ client_order_id: 'd', side: 'sell', qty: '5' });
    expect(ids(await simulator.list('/v2/orders'))).toEqual(['b']);
    expect(ids(await simulator.list('/v2/orders?status=closed'))).toEqual(['d', 'c', 'a']);
    expect(ids(await simulator.list('/v2/orders?status=all&direction=asc&limit=3'))).toEqual(['a', 'b', 'c']);
    expect(ids(await simulator.list('/v2/orders?status=all&symbols=MSFT,SPY'))).toEqual(['c']);
    expect(ids(await simulator.list('/v2/orders?status=all&side=sell'))).toEqual(['d']);
    const [c] = await simulator.list('/v2/orders?status=all&symbols=MSFT');
    expect(ids(await simulator.list(`/v2/orders?status=all&after_order_id=${String(c?.id)}`))).toEqual(['d']);
    expect(ids(await simulator.list(`/v2/orders?status=all&before_order_id=${String(c?.id)}`))).toEqual(['b', 'a']);
    const after = encodeURIComponent(String(c?.submitted_at));
    expect(ids(await simulator.list(`/v2/orders?status=all&until=${after}`))).not.toContain('c');
    expect(ids(await simulator.list(`/v2/orders?status=all&after=${after}`))).not.toContain('c');
    expect((await simulator.call('GET', '/v2/orders?limit=501')).status).toBe(422);
  });

  it('page through activities by the last id', async () => {
    await start();
    for (let index = 1; index <= 5; index += 1) await simulator.order({ qty: String(index) });
    const seen: unknown[] = [];
    let token = '';
    for (;;) {
      const page = await simulator.list(
        `/v2/account/activities?page_size=2&direction=asc&page_token=${encodeURIComponent(token)}`,
      );
      seen.push(...page.map((activity) => activity.qty));
      if (page.length < 2) break;
      token = String(page[1]?.id);
    }
    expect(seen).toEqual(['1', '2', '3', '4', '5']);
    const [latest] = await simulator.list('/v2/account/activities/FILL?page_size=1');
    expect(latest).toMatchObject({ qty: '5', type: 'fill', id: expect.stringMatching(/^\d{17}::[0-9a-f-]{36}$/) });
    expect(await simulator.list('/v2/account/activities/FEE')).toEqual([]);
  });
});
