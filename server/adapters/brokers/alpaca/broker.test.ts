import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Broker } from '@/server/application/ports/broker';
import { parseUnits } from '@/server/kernel/money';
import { createAlpacaBroker } from './broker';
import { createHttpClient, type HttpClient } from './client';
import { alpacaSettings } from './settings';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let http: HttpClient;
let broker: Broker;
let handler: Handler;
let seen: string[];

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    request.resume();
    request.on('end', () => handler(request, response));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  http = createHttpClient(alpacaSettings({ SIMULATOR_PORT: port }));
  broker = createAlpacaBroker(http);
});

afterEach(async () => {
  await http.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Handler => {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
};

const order = (n: number, submitted: string) => ({
  id: `b${n}`,
  client_order_id: `c${n}`,
  symbol: 'AAPL',
  side: 'buy',
  qty: '1',
  filled_qty: '0',
  type: 'market',
  time_in_force: 'day',
  status: 'new',
  submitted_at: submitted,
});

const submit = (timeoutMs = 1_000) =>
  broker.submit(
    {
      clientOrderId: 'c1',
      symbol: 'AAPL',
      side: 'BUY',
      qty: parseUnits('1'),
      orderType: 'MARKET',
      limitPrice: null,
      stopPrice: null,
      timeInForce: 'DAY',
    },
    { timeoutMs },
  );

describe('a send', () => {
  test.each<[string, Handler, object]>([
    ['accepted', answer(200, order(1, '2026-01-05T14:30:00Z')), { kind: 'accepted' }],
    [
      'refused',
      answer(403, { code: 40310000, message: 'insufficient buying power' }),
      { kind: 'refused', status: 403, code: '40310000' },
    ],
    [
      'a client order id used before',
      answer(422, { code: 40010001, message: 'client_order_id must be unique' }),
      { kind: 'duplicate' },
    ],
    ['a page of what stands between', answer(403, '<html>blocked</html>'), { kind: 'uncertain' }],
    ['a 422 without the code of a refusal', answer(422, { message: 'bad request' }), { kind: 'uncertain' }],
    ['a 404 of a gateway', answer(404, { message: 'no route' }), { kind: 'uncertain' }],
    ['keys refused', answer(403, { message: 'forbidden.' }), { kind: 'not_sent' }],
    [
      'too many requests',
      answer(429, { message: 'slow' }, { 'retry-after': '3' }),
      { kind: 'rate_limited', retryAfterMs: 3_000 },
    ],
    ['5xx', answer(503, '<html>busy</html>'), { kind: 'uncertain' }],
    ['an unreadable body', answer(200, 'not json'), { kind: 'uncertain' }],
    ['a body that is no order', answer(200, { id: 1 }), { kind: 'uncertain' }],
    ['a connection that breaks', (request) => request.socket.destroy(), { kind: 'uncertain' }],
  ])('%s', async (_name, given, outcome) => {
    handler = given;
    expect(await submit()).toMatchObject(outcome);
    expect(seen).toEqual(['POST /v2/orders']);
  });

  test('that is forbidden while other requests are answered is a refusal of the order, not of the keys', async () => {
    handler = answer(200, { timestamp: '2026-01-05T14:30:00Z', is_open: true });
    await broker.clock();
    handler = answer(403, { message: 'forbidden.' });
    expect(await submit()).toMatchObject({ kind: 'refused', status: 403, message: 'forbidden.' });
  });

  test('that is not answered in time is uncertain and is not repeated', async () => {
    handler = () => undefined;
    expect(await submit(100)).toEqual({ kind: 'uncertain', cause: 'no answer within 100 ms' });
    expect(seen).toHaveLength(1);
  });
});

describe('a look-up', () => {
  test('finds nothing only when the broker itself says so', async () => {
    handler = answer(404, { code: 40410000, message: 'order not found' });
    expect(await broker.orderByClientId('c1')).toBeNull();
    handler = answer(404, '<html>no route</html>');
    await expect(broker.orderByClientId('c1')).rejects.toThrow('an HTML page');
    handler = answer(500, { message: 'broken' });
    await expect(broker.orderByClientId('c1')).rejects.toThrow('broken');
  });
});

describe('a cancel', () => {
  test.each<[number, string]>([
    [204, 'taken'],
    [422, 'too_late'],
    [404, 'not_found'],
    [500, 'uncertain'],
  ])('%i means %s', async (status, kind) => {
    handler =
      status === 204
        ? (_request, response) => response.writeHead(204).end()
        : answer(status, { code: 1, message: 'm' });
    expect((await broker.cancel('b1')).kind).toBe(kind);
  });
});

test('orders come page by page, and orders of one instant are not lost between pages', async () => {
  const at = '2026-01-05T14:30:00.000Z';
  const all = Array.from({ length: 502 }, (_, n) => order(n, n < 499 ? '2026-01-05T14:29:00.000Z' : at));
  handler = (request, response) => {
    const after = Date.parse(new URL(request.url ?? '', 'http://x').searchParams.get('after') ?? '');
    const page = all.filter((each) => Date.parse(each.submitted_at) > after).slice(0, 500);
    response.end(JSON.stringify(page));
  };
  expect(await broker.openOrders()).toHaveLength(502);
});

test('activities come page by page until a page is short', async () => {
  const activity = (n: number) => ({ id: `20260105143000000::${n}`, activity_type: 'FEE', net_amount: '-1' });
  const all = Array.from({ length: 150 }, (_, n) => activity(n));
  handler = (request, response) => {
    const token = new URL(request.url ?? '', 'http://x').searchParams.get('page_token');
    const from = token === null ? 0 : all.findIndex(({ id }) => id === token) + 1;
    response.end(JSON.stringify(all.slice(from, from + 100)));
  };
  expect(await broker.activitiesAfter(0)).toHaveLength(150);
});
