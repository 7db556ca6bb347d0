import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { Alpaca, trading } from '@alpacahq/alpaca-trade-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleForTest } from '@/test-support/bundle';
import { Stack, TESTER } from '@/workers/testing/stack';
import { type Child, startChild } from '../simulator/testing/child';
import { type BotKeys, TestGateway } from './testing/gateway-harness';

let stack: Stack;
let gateway: TestGateway;

beforeAll(async () => {
  stack = await Stack.start();
  await stack.worker();
  gateway = await TestGateway.start(stack);
  await stack.reconciled();
});
afterAll(async () => {
  await gateway.close();
  await stack.stop();
});

/** The official client with other addresses and keys, and nothing else changed. */
const clientOf = (url: string, { keyId, secret }: BotKeys): Alpaca =>
  new Alpaca({
    keyId,
    secret,
    fetchApi: (input, init) => fetch(String(input).replace(/^https:\/\/[^/]+/, url), init),
  });

describe('the official SDK, pointed at the gateway', () => {
  it('reads the account, trades and closes its position', async () => {
    const alpaca = clientOf(gateway.url, await gateway.bot('sdk', { confidence: 0.9 }));
    const { orders, positions } = alpaca.trading;
    expect(await alpaca.trading.account.getAccount()).toMatchObject({ status: 'ACTIVE', cash: '100000' });
    expect((await alpaca.trading.clock.legacyClock()).isOpen).toBe(true);
    const days = await alpaca.trading.calendar.legacyCalendar({
      start: new Date('2026-01-05'),
      end: new Date('2026-01-06'),
    });
    expect(days).toHaveLength(2);
    expect(await alpaca.trading.assets.getV2AssetsSymbolOrAssetId({ symbolOrAssetId: 'SPY' })).toMatchObject({
      symbol: 'SPY',
      tradable: true,
    });
    const market = await orders.market({ symbol: 'AAPL', qty: 2, side: 'buy', clientOrderId: 'sdk-1' });
    await stack.until(
      'the order to be filled',
      async () => (await orders.getOrderByClientOrderId({ clientOrderId: 'sdk-1' })).status === 'filled',
    );
    const limit = await orders.limit({ symbol: 'SPY', qty: 1, side: 'buy', limitPrice: 90, timeInForce: 'gtc' });
    const stop = await orders.stop({ symbol: 'NVDA', qty: 1, side: 'buy', stopPrice: 200, timeInForce: 'gtc' });
    const open = await orders.getAllOrders({ status: 'open', direction: 'asc' });
    expect(open.map(({ id }) => id)).toEqual([limit.id, stop.id]);
    expect(await orders.getOrderByOrderID({ orderId: market.id ?? '' })).toMatchObject({ filledQty: '2' });
    await orders.deleteOrderByOrderID({ orderId: limit.id ?? '' });
    expect((await orders.deleteAllOrders()).length).toBeGreaterThan(0);
    await stack.until('no open order', async () => (await orders.getAllOrders({ status: 'open' })).length === 0);
    expect(await positions.getAllOpenPositions()).toMatchObject([{ symbol: 'AAPL', qty: '2' }]);
    await positions.deleteOpenPosition({ symbolOrAssetId: 'AAPL' });
    await stack.until('no position', async () => (await positions.getAllOpenPositions()).length === 0);
  });

  it('raises its own error for what the gate rejects, with the rule in its message', async () => {
    const alpaca = clientOf(gateway.url, await gateway.bot('refused', { confidence: 0.9 }));
    const refused = alpaca.trading.orders.market({ symbol: 'TSLA', qty: 1, side: 'buy' });
    await expect(refused).rejects.toBeInstanceOf(trading.PermissionError);
    await expect(refused).rejects.toThrow('SYMBOL_NOT_ALLOWED: TSLA is not on the allowlist');
  });

  it('hears of an order that a person approves, and reads market data', async () => {
    const alpaca = clientOf(gateway.url, await gateway.bot('reviewed'));
    const stream = alpaca.trading.stream({ url: `${gateway.url.replace('http', 'ws')}/stream`, reconnect: false });
    const events: string[] = [];
    const filled = new Promise<void>((resolve) =>
      stream.onTradeUpdate((update) => {
        events.push(update.event);
        if (update.event === 'fill') resolve();
      }),
    );
    const listening = new Promise((resolve) => stream.on('subscription', resolve));
    stream.subscribeTradeUpdates();
    stream.connect();
    await listening;
    const order = await alpaca.trading.orders.market({ symbol: 'AMZN', qty: 1, side: 'buy' });
    expect(order.status).toBe('accepted');
    const { rows } = await stack.pool.query<{ shown_hash: string }>('SELECT shown_hash FROM approvals WHERE id = $1', [
      order.id,
    ]);
    await stack.commands.approve(TESTER, order.id ?? '', rows[0]?.shown_hash ?? '');
    await filled;
    stream.disconnect();
    expect(events).toEqual(['accepted', 'pending_new', 'new', 'fill']);
    const latest = await alpaca.marketData.stocks.stockLatestQuotes({ symbols: 'AAPL,SPY' });
    expect(Object.keys(latest.quotes).sort()).toEqual(['AAPL', 'SPY']);
    const { bars } = await alpaca.marketData.stocks.stockBarSingle({ symbol: 'SPY', timeframe: '1Min', limit: 2 });
    expect(bars).toHaveLength(2);
    const prices = alpaca.marketData.stockStream({
      url: `${gateway.url.replace('http', 'ws')}/v2/iex`,
      reconnect: false,
    });
    const quote = new Promise((resolve) => prices.onQuote(resolve));
    prices.subscribeForQuotes(['SPY']);
    prices.connect();
    expect(await quote).toMatchObject({ symbol: 'SPY', timestamp: expect.any(Date) });
    prices.disconnect();
  });
});

describe('two gateways, one of them killed', () => {
  const CLIENTS = 20;
  const ORDERS_EACH = 5;

  /** Sends an order until some gateway answers it. */
  async function insist(gateways: readonly Child[], keys: BotKeys, id: string, first: number): Promise<string> {
    for (let attempt = 0; ; attempt += 1) {
      const url = gateways[(first + attempt) % gateways.length]?.url ?? '';
      const answer = await fetch(`${url}/v2/orders`, {
        method: 'POST',
        headers: { 'APCA-API-KEY-ID': keys.keyId, 'APCA-API-SECRET-KEY': keys.secret },
        body: JSON.stringify({
          symbol: 'SPY',
          qty: '1',
          side: 'buy',
          type: 'limit',
          limit_price: '1',
          time_in_force: 'day',
          client_order_id: id,
        }),
      }).catch(() => null);
      if (answer?.ok === true) return String(((await answer.json()) as { id: unknown }).id);
      if (answer !== null && answer.status < 500) throw new Error(`${answer.status} ${await answer.text()}`);
      if (attempt > 100) throw new Error(`no gateway answered for ${id}`);
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }

  it('leave one order for each id, which both sides have', async () => {
    const file = await bundleForTest('workers/gateway/main.ts', 'gateway');
    const env = { DATABASE_URL: stack.databaseUrl, DATA_DIR: stack.folder, LOG_LEVEL: 'warn', GATEWAY_PORT: '0' };
    const gateways = await Promise.all([startChild(file, env), startChild(file, env)]);
    const bots = await Promise.all(
      Array.from({ length: CLIENTS }, (_, n) =>
        gateway.bot(`client-${n}`, { confidence: 0.9, requests_per_minute: 10_000 }),
      ),
    );
    const ids = await Promise.all(
      bots.flatMap((keys, client) =>
        Array.from({ length: ORDERS_EACH }, async (_, n) => {
          if (client === CLIENTS / 2 && n === 0) gateways[0]?.process.kill('SIGKILL');
          return await insist(gateways, keys, `order-${n}`, client + n);
        }),
      ),
    );
    expect(new Set(ids).size).toBe(CLIENTS * ORDERS_EACH);
    await stack.untilNone(
      'orders that the broker has not accepted',
      `SELECT id FROM orders WHERE strategy LIKE 'bot:client-%' AND status <> 'ACCEPTED'`,
    );
    const { rows } = await stack.pool.query<{ id: string }>(`SELECT id FROM orders WHERE strategy LIKE 'bot:client-%'`);
    expect(rows.map(({ id }) => id).sort()).toEqual([...ids].sort());
    const theirs = (await stack.brokerOrders()).map(({ client_order_id }) => client_order_id);
    for (const id of ids) expect(theirs.filter((each) => each === id)).toHaveLength(1);
    await gateways[1]?.end('SIGTERM');
  });
});

const run = promisify(execFile);

describe('the examples', () => {
  const ROOT = path.resolve(import.meta.dirname, '../..');
  it.each([
    ['python3', 'examples/bot.py', /^APPROVE http:\S+\nfilled 1 \d+(\.\d+)?\n$/],
    [process.execPath, 'examples/sdk-bot.mjs', /^pending_new SPY \nnew SPY \nfill SPY \d+/],
  ])('%s %s', async (program, file, said) => {
    const { secret } = await gateway.bot(path.basename(file), { confidence: 0.9 });
    const env: NodeJS.ProcessEnv = { ...process.env, COUNTERSIGN_GATEWAY: gateway.url, COUNTERSIGN_TOKEN: secret };
    const { stdout } = await run(program, [file, 'SPY'], { cwd: ROOT, env, timeout: 60_000 });
    expect(stdout).toMatch(said);
    const refused = await run(program, [file, 'TSLA'], { cwd: ROOT, env, timeout: 60_000 }).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    expect(refused.stdout + refused.stderr).toContain(
      'refused: DATA_STALE: no market data for TSLA; SYMBOL_NOT_ALLOWED',
    );
  });
});
