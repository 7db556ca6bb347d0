import { randomUUID } from 'node:crypto';
import { decode, encode } from '@msgpack/msgpack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { haveShared } from '@/test-support/shared';
import { Stack, TESTER } from '@/workers/testing/stack';
import { Contract } from '../simulator/testing/contract';
import { type BotKeys, TestGateway } from './testing/gateway-harness';

let stack: Stack;
let gateway: TestGateway;
/** States its confidence: its orders need no person. */
let bot: BotKeys;
/** States none. */
let silent: BotKeys;

beforeAll(async () => {
  stack = await Stack.start();
  await stack.worker();
  gateway = await TestGateway.start(stack);
  bot = await gateway.bot('momentum', { confidence: 0.8 });
  silent = await gateway.bot('silent');
  await stack.reconciled();
});
afterAll(async () => {
  await gateway.close();
  await stack.stop();
});

const get = (path: string, keys = bot) => gateway.call(keys, 'GET', path);
const statusOf = async (id: unknown, keys = bot) => (await get(`/v2/orders/${String(id)}`, keys)).body['status'];
const untilStatus = (id: unknown, status: string, keys = bot) =>
  stack.until(`${String(id)} to be ${status}`, async () => (await statusOf(id, keys)) === status);

/** Countersigns as a person does. */
async function approve(approvalId: string): Promise<void> {
  const { rows } = await stack.pool.query<{ shown_hash: string }>('SELECT shown_hash FROM approvals WHERE id = $1', [
    approvalId,
  ]);
  expect(await stack.commands.approve(TESTER, approvalId, rows[0]?.shown_hash ?? '')).toMatchObject({ ok: true });
}

describe('an order of a bot', () => {
  it('is filled, found under both ids, listed, and is one fill among the activities', async () => {
    const placed = await gateway.order(bot, { client_order_id: 'one', qty: 2 });
    expect(placed.status).toBe(200);
    expect(placed.body).toMatchObject({
      client_order_id: 'one',
      symbol: 'AAPL',
      qty: '2',
      side: 'buy',
      type: 'market',
      time_in_force: 'day',
      countersign: { decision: 'APPROVE' },
    });
    const { id } = placed.body;
    await untilStatus(id, 'filled');
    const found = await get('/v2/orders:by_client_order_id?client_order_id=one');
    expect(found.body).toMatchObject({ id, status: 'filled', filled_qty: '2' });
    expect(Number(found.body['filled_avg_price'])).toBeGreaterThan(0);
    expect((await get('/v2/orders?status=closed')).body).toEqual([found.body]);
    expect((await get('/v2/orders?status=open')).body).toEqual([]);
    expect((await get('/v2/account/activities/FILL')).body).toMatchObject([
      { activity_type: 'FILL', order_id: id, qty: '2', side: 'buy', cum_qty: '2', leaves_qty: '0' },
    ]);
    await stack.until('the position', async () => (await get('/v2/positions/AAPL')).status === 200);
    expect((await get('/v2/positions/AAPL')).body).toMatchObject({ qty: '2', qty_available: '2', side: 'long' });
  });

  it('is placed once for each client order id; another order under the same id is refused', async () => {
    const fields = { client_order_id: 'again', type: 'limit', limit_price: '1' };
    const [first, second] = await Promise.all([gateway.order(bot, fields), gateway.order(bot, fields)]);
    expect(first.body['id']).toBe(second.body['id']);
    expect((await gateway.order(bot, { ...fields, qty: '2' })).body).toMatchObject({
      code: 40010001,
      message: expect.stringContaining('client_order_id must be unique'),
    });
    // Another bot of the same user has ids of its own.
    const other = await gateway.order(silent, fields);
    expect(other.body['id']).not.toBe(first.body['id']);
    expect((await gateway.call(bot, 'DELETE', `/v2/orders/${String(first.body['id'])}`)).status).toBe(204);
    await untilStatus(first.body['id'], 'canceled');
    expect((await gateway.call(silent, 'DELETE', `/v2/orders/${String(other.body['id'])}`)).status).toBe(204);
    expect(await statusOf(other.body['id'], silent)).toBe('canceled');
  });

  it('of another bot is not found', async () => {
    const { body } = await gateway.order(bot, { type: 'limit', limit_price: '1', client_order_id: 'mine' });
    const path = `/v2/orders/${String(body['id'])}`;
    expect((await get(path, silent)).status).toBe(404);
    expect((await gateway.call(silent, 'DELETE', path)).status).toBe(404);
    expect((await gateway.call(silent, 'DELETE', '/v2/orders')).body).toEqual([]);
    expect((await gateway.call(bot, 'DELETE', '/v2/orders')).body).toEqual([{ id: body['id'], status: 200 }]);
    await untilStatus(body['id'], 'canceled');
    expect((await gateway.call(bot, 'DELETE', path)).body).toMatchObject({ code: 42210000 });
  });

  it('that the gate rejects is an error with every rule and its figures', async () => {
    const refused = await gateway.order(bot, { symbol: 'TSLA' });
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({
      code: 40310000,
      message: expect.stringContaining('SYMBOL_NOT_ALLOWED: TSLA is not on the allowlist'),
      countersign: { decision: 'REJECT' },
    });
    const large = await gateway.order(bot, { qty: '100000' });
    expect(large.body['message']).toContain('SIZE_EXCEEDED');
  });

  it('carries its protective stop, which is shown as its leg', async () => {
    const { rows } = await stack.pool.query<{ stop: string }>(
      `SELECT trim_scale(round(bid * 0.9, 2))::text AS stop FROM quotes WHERE symbol = 'MSFT'`,
    );
    const stop = rows[0]?.stop;
    const placed = await gateway.order(bot, {
      symbol: 'MSFT',
      order_class: 'oto',
      stop_loss: { stop_price: stop },
      client_order_id: 'protected',
    });
    expect(placed.body).toMatchObject({ order_class: 'oto' });
    await stack.until('the stop to work', async () => {
      const { legs } = (await get('/v2/orders:by_client_order_id?client_order_id=protected')).body;
      return Array.isArray(legs) && legs[0]?.status === 'new' && legs[0]?.stop_price === stop;
    });
    // The way out ends the stop first.
    expect((await gateway.call(bot, 'DELETE', '/v2/positions/MSFT')).body).toMatchObject({ side: 'sell', qty: '1' });
    await stack.until('MSFT to be sold', async () => (await get('/v2/positions/MSFT')).status === 404);
  });
});

describe('a bot that states no confidence', () => {
  it('is always reviewed; what a person approves is filled under the same id', async () => {
    const placed = await gateway.order(silent, { client_order_id: 'reviewed' });
    const { id } = placed.body;
    expect(placed.body).toMatchObject({
      status: 'accepted',
      countersign: { decision: 'REVIEW', approval_id: id, url: `http://127.0.0.1:3000/approvals/${String(id)}` },
    });
    expect((await get('/v2/orders', silent)).body).toMatchObject([{ id }]);
    await approve(String(id));
    await untilStatus(id, 'filled', silent);
    const sold = await gateway.order(silent, { side: 'sell', client_order_id: 'out' });
    expect(sold.body).toMatchObject({ countersign: { decision: 'APPROVE' } });
    await untilStatus(sold.body['id'], 'filled', silent);
  });

  it('may withdraw its request, and hears when a person rejects it', async () => {
    const [withdrawn, rejected] = [await gateway.order(silent), await gateway.order(silent, { qty: '2' })];
    expect((await gateway.call(silent, 'DELETE', `/v2/orders/${String(withdrawn.body['id'])}`)).status).toBe(204);
    await stack.commands.reject(TESTER, String(rejected.body['id']), 'not today');
    expect(await statusOf(withdrawn.body['id'], silent)).toBe('canceled');
    expect((await get(`/v2/orders/${String(rejected.body['id'])}`, silent)).body).toMatchObject({
      status: 'rejected',
      countersign: { reason: 'not today' },
    });
  });
});

describe('the settings of a bot', () => {
  it('keep its symbols, its size and its stop', async () => {
    const limited = await gateway.bot('limited', { confidence: 0.9, symbols: ['SPY', 'NVDA'], max_order_pct: 0.001 });
    expect((await gateway.order(limited)).body).toMatchObject({
      code: 40310000,
      message: 'BOT_SYMBOL: this bot may trade SPY, NVDA alone',
    });
    expect((await gateway.order(limited, { symbol: 'SPY' })).body['message']).toContain('SIZE_EXCEEDED');
    const stopped = await gateway.bot('stopped', { confidence: 0.9, stop_distance_pct: 0.05 });
    const { body } = await gateway.order(stopped, { symbol: 'NVDA', type: 'limit', limit_price: '10' });
    expect(body).toMatchObject({ order_class: 'oto' });
    const { rows } = await stack.pool.query<{ stop: string; strategy: string }>(
      `SELECT trim_scale(protective_stop_price)::text AS stop, strategy FROM orders WHERE id = $1`,
      [body['id']],
    );
    expect(rows).toEqual([{ stop: '9.5', strategy: 'bot:stopped' }]);
    await gateway.call(stopped, 'DELETE', '/v2/orders');
  });

  it('keep other addresses away, and its requests within their number', async () => {
    const elsewhere = await gateway.bot('elsewhere', { allow_from: ['10.0.0.0/8', '192.0.2.7'] });
    expect((await get('/v2/account', elsewhere)).body).toMatchObject({
      code: 40310000,
      message: 'this bot may not be used from 127.0.0.1',
    });
    const slow = await gateway.bot('slow', { requests_per_minute: 2, allow_from: ['127.0.0.0/8'] });
    const answers = [await get('/v2/clock', slow), await get('/v2/clock', slow), await get('/v2/clock', slow)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['1', '0', '0']);
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('who may', () => {
  const withoutSecret = { tokenId: '', keyId: 'cs_nobody', secret: '' };
  it.each([
    ['no token', () => withoutSecret, 401],
    ['a token that is unknown', () => ({ ...withoutSecret, secret: `cs_${'a'.repeat(43)}` }), 401],
    ['a key id that is not the token’s', () => ({ ...bot, keyId: 'cs_other1' }), 401],
  ])('%s is %s', async (_, keys, status) => {
    const answer = await get('/v2/account', keys());
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ code: 40110000 });
  });

  it('a token without the scope is refused by name; a revoked one within 5 s', async () => {
    const reader = await gateway.bot('reader', {}, ['orders:read']);
    expect((await get('/v2/orders', reader)).status).toBe(200);
    expect((await gateway.order(reader)).body).toMatchObject({
      code: 40310000,
      message: 'the token lacks the scope orders:write',
    });
    await gateway.revoke(reader);
    await stack.until('the token to end', async () => (await get('/v2/orders', reader)).status === 401, 5_000);
  });

  it('takes a bearer token and basic authentication as well', async () => {
    const basic = Buffer.from(`${bot.keyId}:${bot.secret}`).toString('base64');
    for (const authorization of [`Bearer ${bot.secret}`, `Basic ${basic}`]) {
      const answer = await fetch(`${gateway.url}/v2/clock`, { headers: { authorization } });
      expect(answer.status, authorization.slice(0, 6)).toBe(200);
    }
  });
});

describe('what Countersign does not do', () => {
  it.each([
    [{ notional: '100', qty: undefined }, 'notional orders (give qty) are not supported by Countersign'],
    [{ extended_hours: true }, 'extended_hours orders are not supported by Countersign'],
    [{ type: 'trailing_stop', trail_price: '1' }, 'trailing_stop orders are not supported by Countersign'],
    [{ time_in_force: 'opg' }, 'orders with time_in_force opg are not supported by Countersign'],
    [{ symbol: 'BTC/USD' }, 'crypto orders are not supported by Countersign'],
    [{ symbol: 'AAPL241213C00250000' }, 'option orders are not supported by Countersign'],
    [
      { side: 'sell', position_intent: 'sell_to_open' },
      'short sales (position_intent sell_to_open) are not supported by Countersign',
    ],
    [
      { order_class: 'bracket', take_profit: { limit_price: '1' }, stop_loss: { stop_price: '1' } },
      'take_profit, bracket and oco orders (give order_class oto with stop_loss) are not supported by Countersign',
    ],
  ])('is refused by name: %j', async (fields, message) => {
    expect(await gateway.order(bot, fields)).toMatchObject({ status: 422, body: { code: 42210000, message } });
  });

  it.each([
    [{ qty: 0 }, 'qty must be above 0 and within bounds'],
    [{ qty: undefined }, 'qty'],
    [{ side: 'hold' }, 'side must be one of buy, sell'],
    [{ type: undefined }, 'type is required'],
    [{ type: 'limit' }, 'limit_price is required for a LIMIT order'],
    [{ limit_price: 5 }, 'limit_price does not belong to a MARKET order'],
    [{ client_order_id: 'ä' }, 'client_order_id must be 1 to 128 printable ASCII characters'],
    [{ stop_loss: { stop_price: 1 } }, 'stop_loss requires order_class oto'],
  ])('a faulty order names its field: %j', async (fields, message) => {
    const answer = await gateway.order(bot, fields);
    expect(answer.status).toBe(422);
    expect(answer.body['message']).toContain(message);
  });

  it('and what is no order at all', async () => {
    expect(await gateway.call(bot, 'POST', '/v2/orders', '{"symbol"')).toMatchObject({ status: 400 });
    expect(await gateway.call(bot, 'POST', '/v2/orders', '[]')).toMatchObject({ status: 400 });
    expect((await gateway.call(bot, 'POST', '/v2/orders', `"${'x'.repeat(70_000)}"`)).status).toBe(413);
    expect((await gateway.call(bot, 'PATCH', `/v2/orders/${randomUUID()}`, {})).body['message']).toContain(
      'replacing orders',
    );
    expect((await get('/v2/watchlists')).body['message']).toBe('watchlists are not served by Countersign');
    expect((await get('/v2/nothing')).status).toBe(404);
  });
});

describe.skipIf(!haveShared)('answers against Alpaca’s OpenAPI (skipped without ../shared)', () => {
  it('hold for every path that is served', async () => {
    const contracts = [new Contract('trading-api.json'), new Contract('market-data-api.json')] as const;
    const order = await gateway.order(bot, { type: 'limit', limit_price: '1', client_order_id: 'contract' });
    const paths = [
      '/v2/account',
      '/v2/account/configurations',
      '/v2/account/portfolio/history',
      '/v2/clock',
      '/v2/calendar?start=2026-01-01&end=2026-02-01',
      '/v3/clock?markets=NYSE,NASDAQ',
      '/v3/calendar/NYSE?start=2026-01-01&end=2026-02-01',
      '/v2/assets',
      '/v2/assets/SPY',
      '/v2/orders?status=all&nested=true',
      `/v2/orders/${String(order.body['id'])}`,
      '/v2/orders:by_client_order_id?client_order_id=contract',
      '/v2/positions',
      '/v2/positions/AAPL',
      '/v2/stocks/quotes/latest?symbols=AAPL,SPY',
      '/v2/stocks/AAPL/quotes/latest',
      '/v2/stocks/bars/latest?symbols=AAPL',
      '/v2/stocks/bars?symbols=AAPL,SPY&timeframe=1Min&limit=3',
      '/v2/stocks/AAPL/bars?timeframe=1Min&limit=3',
      '/v2/stocks/snapshots?symbols=AAPL',
      '/v2/stocks/AAPL/snapshot',
    ];
    const faults: Record<string, readonly string[]> = {};
    for (const path of paths) {
      const answer = await get(path);
      const [bare = ''] = path.split('?');
      const found = contracts
        .map((contract) => contract.answerFaults('GET', bare, answer.status, answer.body))
        .find((each) => each === null || !each[0]?.includes('is not described'));
      if (answer.status !== 200 || found === undefined || (found ?? []).length > 0)
        faults[path] = [String(answer.status), ...(found ?? [])];
    }
    expect(faults).toEqual({});
    await gateway.call(bot, 'DELETE', '/v2/orders');
  });
});

/** A connection to a stream, with what came on it. */
async function connect(path: string, msgpack = false) {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}${path}`, {
    headers: msgpack ? { 'content-type': 'application/msgpack' } : {},
  });
  const messages: unknown[] = [];
  socket.on('message', (data: Buffer) => messages.push(msgpack ? decode(data) : JSON.parse(data.toString())));
  const closed = new Promise<number>((done) => socket.on('close', done));
  await new Promise((done) => socket.on('open', done));
  const send = (message: object) => socket.send(msgpack ? encode(message) : JSON.stringify(message));
  return { socket, messages, closed, send };
}

interface Update {
  readonly stream: string;
  readonly data: { readonly event?: string; readonly order?: { readonly client_order_id: string } };
}

describe('the streams', () => {
  // Symbols that no other test closes: an exit cancels what works against it.
  it.each([
    ['JSON', false, 'SPY'],
    ['msgpack', true, 'AMZN'],
  ])('tell a bot of its orders alone, in %s', async (_, msgpack, symbol) => {
    const prefix = `stream-${String(msgpack)}`;
    const stream = await connect('/stream', msgpack);
    stream.send({ action: 'auth', key: silent.keyId, secret: silent.secret });
    stream.send({ action: 'listen', data: { streams: ['trade_updates', 'account_updates'] } });
    await stack.until('the stream to listen', async () => stream.messages.length === 2);
    expect(stream.messages).toEqual([
      { stream: 'authorization', data: { status: 'authorized', action: 'auth' } },
      { stream: 'listening', data: { streams: ['trade_updates'] } },
    ]);
    await gateway.order(bot, { symbol, client_order_id: `${prefix}-other`, type: 'limit', limit_price: '1' });
    const { body } = await gateway.order(silent, { symbol, client_order_id: prefix });
    await approve(String(body['id']));
    await untilStatus(body['id'], 'filled', silent);
    const events = () =>
      stream.messages
        .slice(2)
        .map((each) => (each as Update).data)
        .map(({ event, order }) => `${event ?? ''} ${order?.client_order_id ?? ''}`);
    await stack.until('the fill on the stream', async () => events().includes(`fill ${prefix}`));
    expect(events()).toEqual(['accepted', 'pending_new', 'new', 'fill'].map((event) => `${event} ${prefix}`));
    stream.socket.close();
    await gateway.call(bot, 'DELETE', '/v2/orders');
  });

  it('refuse another’s keys, and end with the token', async () => {
    const stranger = await connect('/stream');
    stranger.send({ action: 'authenticate', data: { key_id: 'cs_nobody', secret_key: 'nothing' } });
    stranger.send({ action: 'listen', data: { streams: ['trade_updates'] } });
    await stack.until('the refusal', async () => stranger.messages.length === 2);
    expect(stranger.messages).toMatchObject([
      { data: { status: 'unauthorized' } },
      { data: { status: 'unauthorized', action: 'listen' } },
    ]);
    stranger.socket.close();
    const brief = await gateway.bot('brief');
    const stream = await connect('/v2/iex');
    stream.send({ action: 'auth', key: brief.keyId, secret: brief.secret });
    await stack.until('the stream to know it', async () => stream.messages.length === 2);
    await gateway.revoke(brief);
    expect(await stream.closed).toBe(1008);
  });

  it('carry quotes of the symbols that were asked for', async () => {
    const stream = await connect('/v2/iex');
    stream.send({ action: 'subscribe', quotes: ['SPY'] });
    stream.send({ action: 'auth', key: bot.keyId, secret: bot.secret });
    await stack.until('the sign-in', async () => stream.messages.length === 3);
    stream.send({ action: 'subscribe', quotes: ['SPY'], bars: ['SPY'] });
    const quotes = () =>
      stream.messages.flatMap((each) => each as { T: string; S?: string }[]).filter(({ T }) => T === 'q');
    await stack.until('two quotes', async () => quotes().length >= 2);
    expect(stream.messages.slice(0, 4)).toMatchObject([
      [{ T: 'success', msg: 'connected' }],
      [{ T: 'error', code: 401 }],
      [{ T: 'success', msg: 'authenticated' }],
      [{ T: 'subscription', quotes: ['SPY'], bars: ['SPY'], trades: [] }],
    ]);
    expect(new Set(quotes().map(({ S }) => S))).toEqual(new Set(['SPY']));
    stream.socket.close();
  });
});

describe('a person', () => {
  it('stops a bot: its token ends, its orders are cancelled, its requests rejected', async () => {
    const wild = await gateway.bot('wild', { confidence: 0.9 });
    const tame = await gateway.bot('tame');
    const resting = await gateway.order(wild, { symbol: 'NVDA', type: 'limit', limit_price: '2' });
    const waiting = await gateway.order(tame, { symbol: 'NVDA', type: 'limit', limit_price: '2' });
    expect(waiting.status).toBe(200);
    for (const [keys, cancelled] of [
      [wild, 1],
      [tame, 1],
    ] as const) {
      expect(await stack.commands.stopBot(TESTER, keys.tokenId, 'out of hand')).toEqual({ ok: true, cancelled });
      // At once, although the gateway still knows the token.
      expect(await gateway.order(keys, { symbol: 'NVDA' })).toMatchObject({ status: 401 });
    }
    const { rows } = await stack.pool.query<{ status: string }>(
      `SELECT status FROM approvals WHERE id = $1 UNION ALL
       SELECT CASE WHEN cancel_requested OR status = 'CANCELLED' THEN 'CANCELLED' ELSE status END FROM orders WHERE id = $2`,
      [waiting.body['id'], resting.body['id']],
    );
    expect(rows.map(({ status }) => status).sort()).toEqual(['CANCELLED', 'REJECTED']);
    const audited = await stack.pool.query(`SELECT after FROM audit_log WHERE action = 'bot.stop' AND target = $1`, [
      `token:${wild.tokenId}`,
    ]);
    expect(audited.rows).toEqual([{ after: { reason: 'out of hand' } }]);
    await stack.until('the order to end', async () => (await stack.status(String(resting.body['id']))) === 'CANCELLED');
    expect(await stack.commands.stopBot(TESTER, wild.tokenId, 'again')).toMatchObject({ code: 'ALREADY_DECIDED' });
    expect(await stack.commands.stopBot(TESTER, randomUUID(), 'none')).toMatchObject({ code: 'NOT_FOUND' });
  });
});
