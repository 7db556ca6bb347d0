import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { TestSimulator } from './testing/harness';

let simulator: TestSimulator;

afterEach(() => simulator.dispose());

async function start(faults: unknown): Promise<void> {
  simulator = await TestSimulator.start();
  await simulator.quote('AAPL', '99.98', '100.02');
  expect((await simulator.call('PUT', '/sim/v1/faults', faults)).status).toBe(200);
}

const ORDER = { symbol: 'AAPL', side: 'buy', type: 'market', time_in_force: 'day', qty: '1' };

function post(id: string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${simulator.url}/v2/orders`, {
    method: 'POST',
    headers: { 'APCA-API-KEY-ID': 'test-key', 'APCA-API-SECRET-KEY': 'test-secret' },
    body: JSON.stringify({ ...ORDER, client_order_id: id }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function known(id: string): Promise<boolean> {
  return (await simulator.call('GET', `/v2/orders:by_client_order_id?client_order_id=${id}`)).status === 200;
}

function loggedOrders(): number {
  return readFileSync(join(simulator.folder, 'simulator/requests.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"POST","path":"/v2/orders"')).length;
}

describe('fault switches', () => {
  it('let cancels lose to fills, so many times: a cancel of everything says which', async () => {
    await start({ fill_on_cancel: 2 });
    for (const id of ['one', 'two', 'three']) {
      const limit = { ...ORDER, type: 'limit', limit_price: '50', client_order_id: id };
      expect((await simulator.call('POST', '/v2/orders', limit)).status).toBe(200);
    }
    const { status, body } = await simulator.call('DELETE', '/v2/orders');
    expect(status).toBe(207);
    expect(body).toMatchObject([
      { status: 422, body: { message: 'order is already in "filled" state' } },
      { status: 422 },
      { status: 200 },
    ]);
    const fills = await simulator.call('GET', '/v2/account/activities/FILL');
    expect(fills.body).toMatchObject([{ price: '50' }, { price: '50' }]);
  });

  it('are not there unless they are turned on', async () => {
    simulator = await TestSimulator.start({ SIMULATOR_FAULTS: '0' });
    for (const [method, path] of [
      ['GET', '/sim/v1/faults'],
      ['PUT', '/sim/v1/faults'],
      ['POST', '/sim/v1/control'],
    ] as const) {
      expect((await simulator.call(method, path, method === 'GET' ? undefined : {})).status).toBe(404);
    }
    expect((await simulator.call('GET', '/sim/v1/info')).status).toBe(200);
  });

  it('accept an order and close the connection without an answer, so many times', async () => {
    await start({ drop_reply_after_accept: 1 });
    await expect(post('lost')).rejects.toThrow();
    expect(await known('lost')).toBe(true);
    expect((await post('told')).status).toBe(200);
    expect(await simulator.json('GET', '/sim/v1/faults')).toMatchObject({ drop_reply_after_accept: 0 });
  });

  it('hang without effect, though the request was logged', async () => {
    await start({ hang_ms: 60_000, only: ['^POST /v2/orders'] });
    await expect(post('hung', AbortSignal.timeout(100))).rejects.toThrow();
    expect(await known('hung')).toBe(false);
    expect(loggedOrders()).toBe(1);
  });

  it('hang with effect: at once, or only when the time is over', async () => {
    await start({ hang_ms: 60_000, hang_effect: 'accept', only: ['^POST'] });
    await expect(post('early', AbortSignal.timeout(100))).rejects.toThrow();
    expect(await known('early')).toBe(true);
    await simulator.json('PUT', '/sim/v1/faults', { hang_ms: 300, hang_effect: 'late', only: ['^POST'] });
    const late = post('late');
    expect(await known('late')).toBe(false);
    expect((await late).status).toBe(200);
    expect(await known('late')).toBe(true);
  });

  it('answer 500, with or without effect', async () => {
    await start({ fail_5xx: 1, only: ['^POST'] });
    expect((await post('failed')).status).toBe(500);
    expect(await known('failed')).toBe(false);
    expect((await post('fine')).status).toBe(200);
    await simulator.json('PUT', '/sim/v1/faults', { fail_5xx: 1, fail_effect: 'accept', only: ['^POST'] });
    expect((await post('kept')).status).toBe(500);
    expect(await known('kept')).toBe(true);
    await simulator.json('PUT', '/sim/v1/faults', { fail_5xx: 0.5, only: ['^GET /v2/clock'] });
    const statuses = [];
    for (let index = 0; index < 40; index += 1) statuses.push((await simulator.call('GET', '/v2/clock')).status);
    expect(new Set(statuses)).toEqual(new Set([200, 500]));
  });

  it('delay, refuse bad settings, and are cleared', async () => {
    await start({ delay_ms: 150 });
    const before = performance.now();
    await simulator.json('GET', '/v2/clock');
    expect(performance.now() - before).toBeGreaterThan(140);
    expect((await simulator.call('PUT', '/sim/v1/faults', { delay_ms: -1 })).status).toBe(422);
    expect((await simulator.call('PUT', '/sim/v1/faults', { only: ['('] })).status).toBe(422);
    expect((await simulator.call('DELETE', '/sim/v1/faults')).status).toBe(204);
    expect(await simulator.json('GET', '/sim/v1/faults')).toMatchObject({ delay_ms: 0 });
  });

  it('answer with a page, half a body or any status, with or without effect, so many times', async () => {
    await start({ answer: 'html', answer_times: 1, only: ['^POST'] });
    const page = await post('page');
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('<html>');
    expect(await known('page')).toBe(false);
    expect((await post('fine')).status).toBe(200);
    await simulator.json('PUT', '/sim/v1/faults', { answer: 'truncated', answer_effect: 'accept', only: ['^POST'] });
    await expect(post('half').then((response) => response.text())).rejects.toThrow();
    expect(await known('half')).toBe(true);
    await simulator.json('PUT', '/sim/v1/faults', { answer: 'cut_json', answer_effect: 'accept', only: ['^POST'] });
    const cut = await (await post('cut')).text();
    expect(cut).toContain('"id":');
    expect(() => JSON.parse(cut)).toThrow();
    await simulator.json('PUT', '/sim/v1/faults', { answer: { status: 502 } });
    expect((await post('gateway')).status).toBe(502);
    await simulator.json('PUT', '/sim/v1/faults', { answer: { status: 418, body: { code: 1, message: 'tea' } } });
    expect(await simulator.call('GET', '/v2/clock')).toMatchObject({ status: 418, body: { message: 'tea' } });
  });

  it('revoke the keys', async () => {
    await start({ revoke_keys: true });
    const refused = { status: 401, body: { code: 40110000, message: 'request is not authorized' } };
    expect(await simulator.call('GET', '/v2/account')).toMatchObject(refused);
    expect(await simulator.call('POST', '/v2/orders', ORDER)).toMatchObject(refused);
    await simulator.call('DELETE', '/sim/v1/faults');
    expect((await simulator.call('GET', '/v2/account')).status).toBe(200);
  });

  it.each(['account_blocked', 'trading_blocked', 'trade_suspended_by_user'])('block the account: %s', async (block) => {
    await start({ block_account: block });
    expect(await simulator.json('GET', '/v2/account')).toMatchObject({ [block]: true });
    expect(await simulator.call('POST', '/v2/orders', ORDER)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining(block) },
    });
    await simulator.call('DELETE', '/sim/v1/faults');
    expect((await simulator.call('POST', '/v2/orders', ORDER)).status).toBe(200);
  });
});
