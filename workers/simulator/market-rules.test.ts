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

async function start(variants = '', overrides: Record<string, string> = {}): Promise<void> {
  simulator = await TestSimulator.start({ SIMULATOR_VARIANTS: variants, ...overrides });
  await simulator.quote('AAPL', '99.98', '100.02');
}
const control = (fields: Json) => simulator.json('POST', '/sim/v1/control', fields);
const cancel = ({ id }: Json) => simulator.call('DELETE', `/v2/orders/${String(id)}`);
const status = async ({ id }: Json) => (await simulator.getOrder(id)).status;
const position = async () => (await simulator.list('/v2/positions')).find(({ symbol }) => symbol === 'AAPL');
const LIMIT = { type: 'limit', limit_price: '90', qty: '1', time_in_force: 'gtc' };
const STOP = { side: 'sell', type: 'stop', stop_price: '95', time_in_force: 'gtc' };

describe('a cancel while the market is closed', () => {
  it('is pending until the next open for an order at the exchange, across a restart', async () => {
    await start();
    const order = await simulator.order(LIMIT);
    await control({ set_open: false });
    updates = await TradeUpdates.connect(simulator.url);
    expect((await cancel(order)).status).toBe(204);
    expect(await status(order)).toBe('pending_cancel');
    expect((await cancel(order)).status).toBe(422);
    expect((await updates.next(1)).map(({ event }) => event)).toEqual(['pending_cancel']);
    await control({ advance_ms: 3_600_000 });
    expect(await status(order)).toBe('pending_cancel');
    await simulator.stop();
    await simulator.start();
    expect(await status(order)).toBe('pending_cancel');
    await simulator.quote('AAPL', '80', '80.04');
    await control({ set_open: true });
    expect(await simulator.getOrder(order.id)).toMatchObject({ status: 'canceled', filled_qty: '0' });
  });

  it('takes effect at once for an order that only waits for the open', async () => {
    await start();
    await control({ set_open: false });
    const order = await simulator.order(LIMIT);
    await cancel(order);
    expect(await status(order)).toBe('canceled');
  });

  it('takes effect at once under closed_cancel=at_once', async () => {
    await start('closed_cancel=at_once');
    const order = await simulator.order(LIMIT);
    await control({ set_open: false });
    await cancel(order);
    expect(await status(order)).toBe('canceled');
  });
});

describe('expiry', () => {
  it('ends a GTC order after 90 days, as its expires_at says, legs and all', async () => {
    await start();
    const order = await simulator.order(LIMIT);
    const entry = await simulator.order({
      ...LIMIT,
      order_class: 'oto',
      stop_loss: { stop_price: '80' },
    });
    const lifeMs = Date.parse(String(order.expires_at)) - Date.parse(String(order.submitted_at));
    expect(lifeMs).toBe(90 * 86_400_000);
    for (const days of [30, 30, 29]) await control({ advance_ms: days * 86_400_000 });
    expect(await status(order)).toBe('new');
    await control({ advance_ms: 86_400_000 });
    expect(await simulator.getOrder(order.id)).toMatchObject({ status: 'expired', expired_at: expect.any(String) });
    const [leg] = Array.isArray(entry.legs) ? entry.legs.map(asJson) : [];
    expect([await status(entry), await status(leg ?? {})]).toEqual(['expired', 'expired']);
  });

  it('gives a replacement 90 days of its own', async () => {
    await start();
    const order = await simulator.order(LIMIT);
    await control({ advance_ms: 30 * 86_400_000 });
    const instead = await simulator.json('PATCH', `/v2/orders/${String(order.id)}`, { limit_price: '91' });
    expect(Date.parse(String(instead.expires_at))).toBeGreaterThan(Date.parse(String(order.expires_at)));
  });
});

describe('fractions while the market is closed', () => {
  it('a DAY stop is queued for the next session, or refused', async () => {
    for (const [variant, expected] of [
      ['queued', 200],
      ['refused', 422],
    ] as const) {
      await start(`fractional_stop_closed=${variant}`);
      await simulator.order({ qty: '0.5' });
      await control({ set_open: false });
      const stop = { symbol: 'AAPL', qty: '0.5', ...STOP, time_in_force: 'day' };
      expect((await simulator.call('POST', '/v2/orders', stop)).status).toBe(expected);
      await simulator.dispose();
    }
    await start();
  });
});

describe('a halted symbol', () => {
  it('fills nothing and triggers no stop until it resumes; other symbols trade on', async () => {
    await start();
    await simulator.quote('MSFT', '200', '200.04');
    await simulator.order({ qty: '10' });
    const stop = await simulator.order(STOP);
    await control({ trading_status: { symbol: 'AAPL', status: 'halted' } });
    await simulator.quote('AAPL', '90', '90.04');
    expect(await status(stop)).toBe('new');
    const other = await simulator.order({ symbol: 'MSFT', qty: '1' });
    expect(await status(other)).toBe('filled');
    await simulator.stop();
    await simulator.start();
    await simulator.quote('AAPL', '90', '90.04');
    expect(await status(stop)).toBe('new');
    await control({ trading_status: { symbol: 'AAPL', status: 'trading' } });
    expect(await simulator.getOrder(stop.id)).toMatchObject({ status: 'filled', filled_avg_price: '90' });
  });

  it('takes orders, which rest, and cancels', async () => {
    await start();
    await control({ trading_status: { symbol: 'AAPL', status: 'halted' } });
    const [first, second] = [await simulator.order({ qty: '1' }), await simulator.order({ qty: '2' })];
    expect([await status(first), await status(second)]).toEqual(['new', 'new']);
    expect((await cancel(first)).status).toBe(204);
    await control({ trading_status: { symbol: 'AAPL', status: 'trading' } });
    expect([await status(first), await status(second)]).toEqual(['canceled', 'filled']);
  });
});

describe('trading that the user has suspended', () => {
  it('refuses closing orders and new stops too; resting stops work, or rest', async () => {
    for (const [variant, expected] of [
      ['work', 'filled'],
      ['rest', 'new'],
    ] as const) {
      await start(`suspended_stops=${variant}`);
      await simulator.order({ qty: '10' });
      const stop = await simulator.order({ ...STOP, qty: '6' });
      await simulator.json('PATCH', '/v2/account/configurations', { suspend_trade: true });
      const closing = { symbol: 'AAPL', side: 'sell', type: 'market', time_in_force: 'day', qty: '1' };
      for (const order of [closing, { ...closing, ...STOP }])
        expect((await simulator.call('POST', '/v2/orders', order)).status).toBe(403);
      await simulator.quote('AAPL', '94', '94.04');
      expect(await status(stop)).toBe(expected);
      await simulator.dispose();
    }
    await start();
  });
});

describe('corporate actions', () => {
  const leg = (qty: string) => ({ type: 'SPLIT', symbol: 'AAPL', qty, group_id: 'split-1' });

  it('may arrive leg by leg: shares are gone between them, and cost what they did', async () => {
    await start();
    await simulator.order({ qty: '10' });
    await control({ activities: [leg('-10')] });
    expect(await position()).toBeUndefined();
    await simulator.stop();
    await simulator.start();
    await control({ activities: [leg('40')] });
    expect(await position()).toMatchObject({ qty: '40', cost_basis: '1000.2' });
  });

  it('do not change resting orders: neither price nor quantity', async () => {
    await start();
    await simulator.order({ qty: '10' });
    const stop = await simulator.order(STOP);
    await control({ activities: [leg('-10'), leg('40')] });
    expect(await simulator.getOrder(stop.id)).toMatchObject({ status: 'new', qty: '10', stop_price: '95' });
    expect(await position()).toMatchObject({ qty: '40', qty_available: '30' });
  });

  it('never lead to a short sale: a stop whose shares are gone is cancelled when it triggers', async () => {
    await start();
    await simulator.order({ qty: '10' });
    const stop = await simulator.order(STOP);
    await control({ activities: [leg('-10')] });
    await simulator.quote('AAPL', '94', '94.04');
    expect(await status(stop)).toBe('canceled');
    await control({ activities: [leg('4')] });
    expect(await position()).toMatchObject({ qty: '4', qty_available: '4' });
  });
});

describe('the statement', () => {
  it('stamps the ids of activities with New York time', async () => {
    await start('', { SIMULATOR_HOURS: 'exchange', SIMULATOR_START: '2026-01-05T15:00:00Z' });
    const order = await simulator.order({ qty: '1' });
    const [fill] = await simulator.list('/v2/account/activities/FILL');
    expect(fill?.transaction_time).toMatch(/^2026-01-05T15:0/);
    expect(fill?.id).toMatch(/^20260105100\d{6}::[0-9a-f-]{36}$/);
    expect(fill?.order_id).toBe(order.id);
  });

  it('can be asked for one order, and carries the currency of what is no trade', async () => {
    await start();
    const [first] = [await simulator.order({ qty: '1' }), await simulator.order({ qty: '2' })];
    await control({ activities: [{ type: 'INT', net_amount: '1' }] });
    const found = await simulator.list(`/v2/account/activities?order_id=${String(first?.id)}`);
    expect(found).toMatchObject([{ activity_type: 'FILL', qty: '1', order_id: first?.id }]);
    expect(await simulator.list('/v2/account/activities?order_id=nonsense')).toEqual([]);
    expect(await simulator.list('/v2/account/activities/INT')).toMatchObject([{ currency: 'USD' }]);
  });
});

it('the event accepted precedes every order under accepted_event=always', async () => {
  await start('accepted_event=always');
  updates = await TradeUpdates.connect(simulator.url);
  await simulator.order({ qty: '1' });
  expect((await updates.next(4)).map(({ event }) => event)).toEqual(['accepted', 'pending_new', 'new', 'fill']);
});
