import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleSimulator, type Child, runToEnd, startChild } from './testing/child';
import { asJson, call, type Json, temporaryFolder, testEnvironment } from './testing/harness';

let file: string;
let folder: string;
let child: Child | null = null;

beforeAll(async () => {
  file = await bundleSimulator();
});
afterAll(() => rmSync(file, { force: true }));
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await child?.end('SIGKILL');
  child = null;
  rmSync(folder, { recursive: true, force: true });
});

async function start(overrides: Record<string, string> = {}): Promise<Child> {
  child = await startChild(file, testEnvironment(folder, overrides));
  return child;
}

async function json(method: string, path: string, body?: unknown): Promise<Json> {
  return asJson((await call(child?.url ?? '', method, path, body)).body);
}

const quote = (symbol: string, bid: string, ask: string, size = '1000') =>
  json('POST', '/sim/v1/control', { quote: { symbol, bid, ask, bid_size: size, ask_size: size } });

/** Everything that does not depend on the prices of the moment. */
async function account(url: string): Promise<unknown> {
  const read = async (path: string) => (await call(url, 'GET', path)).body;
  return {
    state: await read('/sim/v1/state'),
    orders: await read('/v2/orders?status=all&limit=500'),
    activities: await read('/v2/account/activities'),
    configuration: await read('/v2/account/configurations'),
  };
}

async function trade(): Promise<void> {
  await quote('AAPL', '99.98', '100.02', '30');
  const body = { symbol: 'AAPL', side: 'buy', type: 'market', time_in_force: 'day', qty: '20' };
  await json('POST', '/v2/orders', body);
  await json('POST', '/v2/orders', { ...body, side: 'sell', qty: '7' });
  await json('POST', '/v2/orders', { ...body, qty: '40' });
  await json('POST', '/v2/orders', { ...body, type: 'limit', limit_price: '90', client_order_id: 'resting' });
  const cancelled = await json('POST', '/v2/orders', {
    ...body,
    type: 'stop',
    stop_price: '120',
    time_in_force: 'gtc',
  });
  await call(child?.url ?? '', 'DELETE', `/v2/orders/${String(cancelled.id)}`);
  await json('PATCH', '/v2/account/configurations', { suspend_trade: true });
}

describe('a simulator that dies', () => {
  it('comes back from kill -9 in the very same state, and trades on', { timeout: 120_000 }, async () => {
    const first = await start({ SIMULATOR_FEE_MIN: '0.5' });
    await trade();
    const before = await account(first.url);
    expect(before).toMatchObject({ state: { orders: 5, open_orders: 2, activities: 6, positions: { AAPL: '23' } } });
    await first.end('SIGKILL');
    const second = await start({ SIMULATOR_FEE_MIN: '0.5' });
    expect(await account(second.url)).toEqual(before);
    await json('PATCH', '/v2/account/configurations', { suspend_trade: false });
    await quote('AAPL', '89.9', '89.94');
    expect(await json('GET', '/v2/orders:by_client_order_id?client_order_id=resting')).toMatchObject({
      status: 'filled',
    });
  });

  it('comes back from kill -9 with its brackets whole, and their stops work', { timeout: 120_000 }, async () => {
    const first = await start();
    await quote('AAPL', '99.98', '100.02');
    const bracket = {
      symbol: 'AAPL',
      side: 'buy',
      type: 'market',
      time_in_force: 'gtc',
      qty: '5',
      order_class: 'bracket',
      take_profit: { limit_price: '110' },
      stop_loss: { stop_price: '95' },
    };
    await json('POST', '/v2/orders', bracket);
    await json('POST', '/v2/orders', { ...bracket, type: 'limit', limit_price: '98' });
    const before = await account(first.url);
    expect(before).toMatchObject({ state: { orders: 6, open_orders: 5, positions: { AAPL: '5' } } });
    await first.end('SIGKILL');
    const second = await start();
    expect(await account(second.url)).toEqual(before);
    await quote('AAPL', '95', '99');
    expect(await account(second.url)).toMatchObject({ state: { open_orders: 3, positions: {} } });
  });

  it('has on disk every order that it answered, under fire', { timeout: 120_000 }, async () => {
    const first = await start({ SIMULATOR_CASH: '100000000' });
    const answered: string[] = [];
    const fire = async (client: number): Promise<void> => {
      for (let index = 0; ; index += 1) {
        const id = `${client}-${index}`;
        const body = {
          symbol: 'AAPL',
          side: 'buy',
          type: 'limit',
          limit_price: '1',
          time_in_force: 'gtc',
          qty: '1',
          client_order_id: id,
        };
        const answer = await call(first.url, 'POST', '/v2/orders', body).catch(() => null);
        if (answer === null) return;
        answered.push(id);
        if (answered.length === 400) void first.end('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, client) => fire(client)));
    const second = await start();
    expect(answered.length).toBeGreaterThanOrEqual(400);
    for (const id of answered) {
      expect((await call(second.url, 'GET', `/v2/orders:by_client_order_id?client_order_id=${id}`)).status).toBe(200);
    }
  });

  it('drops a torn last line and says so', { timeout: 120_000 }, async () => {
    const first = await start();
    await trade();
    const before = await account(first.url);
    await first.end('SIGKILL');
    appendFileSync(join(folder, 'simulator/journal.jsonl'), '{"n":99,"type":"fi');
    const second = await start();
    expect(second.output()).toContain('dropped a torn last line of 18 bytes');
    expect(await account(second.url)).toEqual(before);
  });

  it('does not start on a damaged journal, and names the line', { timeout: 120_000 }, async () => {
    const first = await start();
    await trade();
    await first.end('SIGKILL');
    const path = join(folder, 'simulator/journal.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"qty":"20"', '"qty":"21"'));
    const result = await runToEnd(file, testEnvironment(folder));
    expect(result).toEqual({ code: 1, output: 'simulator: journal line 2 fails its checksum\n' });
  });

  it('logs every request before it handles it, and keys never', { timeout: 120_000 }, async () => {
    await start();
    await trade();
    await child?.end('SIGKILL');
    const text = readFileSync(join(folder, 'simulator/requests.jsonl'), 'utf8');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => asJson(JSON.parse(line)));
    expect(lines.filter((line) => line.method === 'POST' && line.path === '/v2/orders')).toHaveLength(5);
    expect(lines[1]).toMatchObject({ method: 'POST', path: '/v2/orders', body: expect.stringContaining('"qty":"20"') });
    expect(text).not.toContain('test-secret');
  });
});

describe('starting and stopping', () => {
  it('ends in order on SIGTERM and goes on after it', { timeout: 120_000 }, async () => {
    const first = await start();
    await trade();
    const before = await account(first.url);
    expect(await first.end('SIGTERM')).toBe(0);
    const second = await start();
    expect(await account(second.url)).toEqual(before);
  });

  it('says in one line that the port or the folder is taken, and by which setting to change it', {
    timeout: 120_000,
  }, async () => {
    await start();
    const folderTaken = await runToEnd(file, testEnvironment(folder));
    expect(folderTaken.code).toBe(1);
    expect(folderTaken.output).toMatch(
      /^simulator: .* is in use by another simulator; set DATA_DIR to another folder\n$/,
    );
    const blocker = createServer();
    const port = await new Promise<number>((ready) => {
      blocker.listen(0, '127.0.0.1', () => {
        const address = blocker.address();
        ready(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const other = temporaryFolder();
    const portTaken = await runToEnd(file, testEnvironment(other, { SIMULATOR_PORT: String(port) }));
    rmSync(other, { recursive: true });
    blocker.close();
    expect(portTaken).toEqual({
      code: 1,
      output: `simulator: port ${port} is taken; set SIMULATOR_PORT to a free one\n`,
    });
  });

  it('names a bad setting and explains itself on --help', { timeout: 120_000 }, async () => {
    const bad = await runToEnd(file, testEnvironment(folder, { SIMULATOR_SPEED: '99', SIMULATOR_CASH: '-5' }));
    expect(bad.code).toBe(1);
    expect(bad.output).toMatch(/SIMULATOR_CASH.*SIMULATOR_SPEED/);
    const help = await runToEnd(file, {}, ['--help']);
    expect(help.code).toBe(0);
    expect(help.output).toContain('SIMULATOR_BARS_FORMAT');
  });
});
