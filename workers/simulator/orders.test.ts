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

describe('lists', () => {
  const ids = (orders: Json[]): unknown[] => orders.map((order) => order.client_order_id);

  it('filter orders by status, side, symbols and time, in either direction, up to a limit', async () => {
    await start();
    await simulator.quote('MSFT', '200', '200.04');
    await simulator.order({ client_order_id: 'a' });
    await simulator.order({ client_order_id: 'b', type: 'limit', limit_price: '90' });
    await simulator.order({ client_order_id: 'c', symbol: 'MSFT' });
    await simulator.order({ client_order_id: 'd', side: 'sell', qty: '5', type: 'limit', limit_price: '99' });
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
