import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Broker } from '@/server/application/ports/broker';
import { parseUnits } from '@/server/kernel/money';
import { createAlpacaBroker } from './broker';
import { createHttpClient, type HttpClient } from './client';
import { alpacaSettings } from './settings';

let server: Server;
let http: HttpClient;
let broker: Broker;
let answer: (response: ServerResponse) => void;
let seen: string[];

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    seen.push(`${request.method} ${(request.url ?? '').replace(/\?.*/, '')}`);
    request.resume();
    request.on('end', () => answer(response));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  http = createHttpClient(
    alpacaSettings({ SIMULATOR_PORT: typeof address === 'object' && address !== null ? address.port : 0 }),
  );
  broker = createAlpacaBroker(http);
});

afterEach(async () => {
  await http.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const status = (code: number, body: string, headers: Record<string, string> = {}) => {
  return (response: ServerResponse) => response.writeHead(code, headers).end(body);
};

const submit = () =>
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
    { timeoutMs: 1_000 },
  );

test('a broker that does not answer gets no order and no query, but cancels and look-ups', async () => {
  answer = status(503, 'busy');
  for (let n = 0; n < 5; n++) await expect(broker.account()).rejects.toMatchObject({ kind: 'uncertain' });
  expect(http.health()).toMatchObject({ breaker: 'OPEN', state: 'UNREACHABLE' });
  seen = [];
  await expect(broker.account()).rejects.toMatchObject({ kind: 'not_sent' });
  expect(await submit()).toMatchObject({ kind: 'not_sent' });
  expect(seen).toEqual([]);
  expect((await broker.cancel('b1')).kind).toBe('uncertain');
  await expect(broker.orderByClientId('c1')).rejects.toMatchObject({ kind: 'uncertain' });
  await expect(broker.cancelAll()).rejects.toMatchObject({ kind: 'uncertain' });
  expect(seen).toEqual(['DELETE /v2/orders/b1', 'GET /v2/orders:by_client_order_id', 'DELETE /v2/orders']);
  answer = status(404, '{"code":40410000,"message":"order not found"}');
  expect(await broker.orderByClientId('c1')).toBeNull();
  expect(http.health().breaker).toBe('CLOSED');
});

test('after a 429 nothing leaves until the time is over, and a caller that cannot wait gets an error', async () => {
  answer = status(429, '{"message":"too many requests."}', { 'retry-after': '30' });
  expect(await submit()).toEqual({ kind: 'rate_limited', retryAfterMs: 30_000 });
  expect(http.health().state).toBe('RATE_LIMITED');
  seen = [];
  expect(await submit()).toMatchObject({ kind: 'rate_limited' });
  expect((await broker.cancel('b1')).kind).toBe('rate_limited');
  await expect(broker.positions()).rejects.toMatchObject({ kind: 'rate_limited' });
  expect(seen).toEqual([]);
});

test('an order whose sender slept past its time while it waited for its place does not leave', async () => {
  answer = status(429, '{}', { 'retry-after': '0.2' });
  await expect(broker.account()).rejects.toMatchObject({ kind: 'rate_limited' });
  seen = [];
  answer = status(200, '{}');
  const sending = submit();
  // A process that stands still: nothing of it runs, and its place comes when it goes on.
  const untilMs = performance.now() + 1_100;
  while (performance.now() < untilMs);
  expect(await sending).toMatchObject({ kind: 'not_sent' });
  expect(seen).toEqual([]);
});

test('long words of the broker are cut, on one line', async () => {
  answer = status(422, JSON.stringify({ code: 40010001, message: `no\n${'x'.repeat(5_000)}` }));
  const outcome = await submit();
  expect(outcome).toMatchObject({ kind: 'refused', message: expect.stringMatching(/^no x{297}$/) });
});

test('the limit that answers name is kept to', async () => {
  answer = status(200, '[]', { 'x-ratelimit-limit': '8', 'x-ratelimit-remaining': '7' });
  expect(http.announcedLimit()).toBeNull();
  await broker.positions();
  expect(http.announcedLimit()).toBe(8);
  expect(http.health()).toMatchObject({ requestsPerMinute: 8, tokensLeft: 2 });
  for (let n = 0; n < 2; n++) await broker.positions();
  await expect(broker.positions()).rejects.toMatchObject({ kind: 'rate_limited' });
  expect(seen).toHaveLength(3);
});

test('keys that are refused keep an order here', async () => {
  answer = status(401, '{"code":40110000,"message":"request is not authorized"}');
  expect(await submit()).toMatchObject({ kind: 'not_sent', cause: 'the broker refuses the keys' });
  expect(http.health()).toMatchObject({ state: 'KEYS_REFUSED' });
  expect(JSON.stringify(http.health())).not.toContain('simulator');
});
