import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { MarketStream } from '@/server/application/ports/market-data';
import { createMarketStream } from './market-stream';
import { alpacaSettings } from './settings';

const T = '2026-03-16T14:30:00.123456789Z';

let server: WebSocketServer;
let stream: MarketStream;
/** What our side received, in order, and what the source was asked. */
let received: string[];
let asked: string[];
let wake: () => void;
let port: number;

beforeEach(async () => {
  received = [];
  asked = [];
  wake = () => undefined;
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  server.on('connection', (socket) => {
    say(socket, { T: 'success', msg: 'connected' });
    socket.on('message', (data) => {
      const { action, quotes, trades, bars, updatedBars } = JSON.parse(String(data));
      if (action === 'auth') return say(socket, { T: 'success', msg: 'authenticated' });
      expect([trades, bars, updatedBars]).toEqual([quotes, quotes, quotes]);
      note(asked, `${action} ${quotes.join()}`);
      say(socket, { T: 'subscription', quotes });
    });
  });
});

afterEach(async () => {
  await stream.close();
  for (const client of server.clients) client.terminate();
  await new Promise((done) => server.close(done));
});

const say = (socket: WebSocket, ...messages: unknown[]) => socket.send(JSON.stringify(messages));
const toAll = (...messages: unknown[]) => {
  for (const client of server.clients) say(client, ...messages);
};

function note(list: string[], line: string): void {
  list.push(line);
  wake();
}

async function until(list: string[], count: number): Promise<void> {
  while (list.length < count) {
    await new Promise<void>((done) => {
      wake = done;
    });
  }
}

function open(symbols: string[]): void {
  stream = createMarketStream(alpacaSettings({ SIMULATOR_PORT: port }), symbols, {
    quote: ({ symbol, bid, atMs }) => note(received, `quote ${symbol} ${bid} ${new Date(atMs).toISOString()}`),
    trade: ({ symbol, price, size }) => note(received, `trade ${symbol} ${price} ${size}`),
    bar: ({ symbol, close }) => note(received, `bar ${symbol} ${close}`),
    connected: () => note(received, 'connected'),
    disconnected: (reason) => note(received, `away: ${reason}`),
    refused: ({ reason, symbol }) => note(received, `${reason} ${symbol}`),
  });
}

const quote = (S: unknown, over: object = {}) => ({ T: 'q', S, t: T, bp: 1, bs: 2, ap: 1.5, as: 3, ...over });

describe('the market data stream', () => {
  test('tells quotes, trades, bars and corrected bars; what nobody knows survives, what cannot be read is counted', async () => {
    open(['AAPL', 'SPY']);
    await until(received, 1);
    for (const client of server.clients) client.send('{no json');
    toAll({ T: 'status', S: 'AAPL', sc: 'H' }, { T: 'zz', S: { of: 2031 } }, quote('aapl'));
    toAll({ T: 't', S: 'SPY', t: T, p: 2, s: 10, i: 1 }, { T: 'b', S: 'SPY', t: T, o: 1, h: 1, l: 1, c: 1, v: 1 });
    toAll(
      { T: 'u', S: 'SPY', t: T, o: 1, h: 1, l: 1, c: 3, v: 1 },
      7,
      quote('NO SUCH'),
      quote(5),
      quote('SPY', { bp: null }),
    );
    for (const client of server.clients) client.send('{"T":"q"}');
    await until(received, 11);
    expect(received).toEqual([
      'connected',
      'unreadable null',
      'quote AAPL 1000000000000 2026-03-16T14:30:00.123Z',
      'trade SPY 2000000000000 10000000000000',
      'bar SPY 1000000000000',
      'bar SPY 3000000000000',
      'unreadable null',
      'bad_symbol null',
      'bad_symbol null',
      'unreadable SPY',
      'unreadable null',
    ]);
  });

  test('subscribes to what is wanted: changed while it runs, and again after each break', async () => {
    open(['AAPL', 'SPY']);
    await until(received, 1);
    stream.subscribe(['SPY', 'MSFT']);
    await until(asked, 3);
    for (const client of server.clients) client.terminate();
    await until(received, 3);
    stream.restart('silent: to be made again');
    await until(received, 5);
    expect(asked).toEqual([
      'subscribe AAPL,SPY',
      'unsubscribe AAPL',
      'subscribe MSFT',
      'subscribe SPY,MSFT',
      'subscribe SPY,MSFT',
    ]);
    expect(received).toEqual([
      'connected',
      'away: closed with code 1006',
      'connected',
      'away: silent: to be made again',
      'connected',
    ]);
  });

  test('with nothing to subscribe to it is connected and waits', async () => {
    open([]);
    await until(received, 1);
    stream.subscribe(['SPY']);
    await until(asked, 1);
    expect([received, asked]).toEqual([['connected'], ['subscribe SPY']]);
  });

  test('a refusal of the source ends the connection, with its words', async () => {
    open(['SPY']);
    await until(received, 1);
    toAll({ T: 'error', code: 405, msg: 'symbol limit exceeded' });
    await until(received, 2);
    expect(received[1]).toBe(
      'away: the market data stream refused: symbol limit exceeded (405): the market data plan allows fewer symbols: allow fewer in the policy, or change the plan',
    );
  });

  test.each([
    [406, 'connection limit exceeded', 'too many connections: another program uses the same keys'],
    [402, 'auth failed', 'check BROKER_KEY_ID and BROKER_SECRET_KEY'],
    [409, 'insufficient subscription', 'the market data plan does not include this feed: check MARKET_STREAM_URL'],
  ])('refusal %i (%s) says what to do', async (code, msg, advice) => {
    open(['SPY']);
    await until(received, 1);
    toAll({ T: 'error', code, msg });
    await until(received, 2);
    expect(received[1]).toContain(`the market data stream refused: ${msg} (${code}): ${advice}`);
  });

  test('a status instead of a websocket is a refusal too', async () => {
    const http = createServer();
    http.on('upgrade', (_, socket) => socket.end('HTTP/1.1 406 Not Acceptable\r\n\r\n'));
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const address = http.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
    open(['SPY']);
    await until(received, 1);
    http.close();
    expect(received[0]).toContain('the market data stream refused: Not Acceptable (406): too many connections');
  });
});
