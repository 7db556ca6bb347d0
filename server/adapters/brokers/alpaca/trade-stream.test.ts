import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { StreamHandle } from '@/server/application/ports/broker';
import { BrokerHealthMonitor } from './health';
import { alpacaSettings } from './settings';
import { createTradeStream } from './trade-stream';

let server: WebSocketServer;
let handle: StreamHandle;
let monitor: BrokerHealthMonitor;
/** What our side received, in order. */
let received: string[];
/** Resolves the next time that something arrives. */
let wake: () => void;
let letIn: boolean;
let port: number;

beforeEach(async () => {
  received = [];
  wake = () => undefined;
  letIn = true;
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const { action }: { action: string } = JSON.parse(String(data));
      if (action === 'auth') say(socket, 'authorization', { status: letIn ? 'authorized' : 'unauthorized', action });
      else if (action === 'listen') say(socket, 'listening', { streams: ['trade_updates'] });
    });
  });
  monitor = new BrokerHealthMonitor();
});

afterEach(async () => {
  await handle.close();
  for (const client of server.clients) client.terminate();
  await new Promise((done) => server.close(done));
});

function note(line: string): void {
  received.push(line);
  wake();
}

function start(): void {
  const settings = alpacaSettings({ SIMULATOR_PORT: port });
  handle = createTradeStream(settings, monitor).start({
    update: ({ event, order, fill }) => note(`${event} ${order.status} ${fill === null ? '-' : 'filled'}`),
    connected: () => note('connected'),
    disconnected: (reason) => note(`away: ${reason}`),
    unreadable: (reason) => note(`unreadable: ${reason}`),
  });
}

async function until(count: number): Promise<void> {
  while (received.length < count) {
    await new Promise<void>((done) => {
      wake = done;
    });
  }
}

/** Alpaca's trading stream sends binary frames. */
const say = (socket: WebSocket, stream: string, data: unknown) =>
  socket.send(Buffer.from(JSON.stringify({ stream, data })));
const toAll = (stream: string, data: unknown) => {
  for (const client of server.clients) say(client, stream, data);
};

const order = (status: string) => ({
  id: 'b1',
  client_order_id: 'c1',
  symbol: 'AAPL',
  side: 'buy',
  qty: '1',
  filled_qty: '0',
  type: 'market',
  time_in_force: 'day',
  status,
});

describe('the stream of trade updates', () => {
  test('is let in, and reads binary and text frames', async () => {
    start();
    await until(1);
    toAll('trade_updates', { event: 'new', order: order('new') });
    for (const client of server.clients)
      client.send(
        JSON.stringify({
          stream: 'trade_updates',
          data: { event: 'fill', qty: '1', price: '2', order: order('filled') },
        }),
      );
    await until(3);
    expect(received).toEqual(['connected', 'ACCEPTED ACCEPTED -', 'FILL FILLED filled']);
    expect(
      monitor.snapshot({ breaker: 'CLOSED', tokensLeft: null, requestsUsed: 0, requestsPerMinute: 0 }).stream,
    ).toBe('CONNECTED');
  });

  test('survives events, statuses and streams that nobody knows', async () => {
    start();
    await until(1);
    toAll('trade_updates', { event: 'teleported', order: order('beamed'), position_qty: '3' });
    toAll('weather', 'rain');
    toAll('trade_updates', { event: 'fill', order: order('filled') });
    toAll('trade_updates', { event: 'new', order: order('new') });
    await until(4);
    expect(received).toEqual([
      'connected',
      'OTHER UNKNOWN -',
      'unreadable: a fill without quantity or price',
      'ACCEPTED ACCEPTED -',
    ]);
  });

  test('connects again after a break, and says each time that there may be a gap', async () => {
    start();
    await until(1);
    for (const client of server.clients) client.terminate();
    await until(3);
    expect(received[1]).toMatch(/^away: /);
    expect(received[2]).toBe('connected');
  });

  test('a refusal of the keys is known for what it is', async () => {
    letIn = false;
    start();
    await until(1);
    expect(received[0]).toBe('away: the broker refused the stream: check the API keys');
    const { state } = monitor.snapshot({ breaker: 'CLOSED', tokensLeft: null, requestsUsed: 0, requestsPerMinute: 0 });
    expect(state).toBe('KEYS_REFUSED');
  });

  test('a frame that is no JSON ends the connection, not the process', async () => {
    start();
    await until(1);
    for (const client of server.clients) client.send('<html>');
    await until(3);
    expect(received[2]).toBe('connected');
  });
});
