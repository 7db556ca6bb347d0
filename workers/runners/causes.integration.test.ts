import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { runCli } from '@/cli/testing/run-cli';
import { Engine } from '@/test-support/engines';
import { Stack } from '../testing/stack';

// A worker meets sources and engines that do not let it in: the alert, the log and `countersign status` name the cause.

let stack: Stack;
let keysRefused: Server;
let crowded: WebSocketServer;

beforeAll(async () => {
  keysRefused = createServer((_, response) => {
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"unauthorized."}');
  }).listen(0, '127.0.0.1');
  crowded = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  crowded.on('connection', (socket) => {
    socket.send(JSON.stringify([{ T: 'success', msg: 'connected' }]));
    socket.on('message', () =>
      socket.send(JSON.stringify([{ T: 'error', code: 406, msg: 'connection limit exceeded' }])),
    );
  });
  await Promise.all([once(keysRefused, 'listening'), once(crowded, 'listening')]);
  stack = await Stack.start();
}, 180_000);

afterAll(async () => {
  await stack.stop();
  keysRefused.close();
  crowded.close();
});

const portOf = (server: { address(): AddressInfo | string | null }): number => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
};

async function statusSays(words: string): Promise<void> {
  vi.stubEnv('DATABASE_URL', stack.databaseUrl);
  try {
    let out = '';
    await stack
      .until(`status to say: ${words}`, async () => {
        const status = await runCli('status');
        out = status.out;
        return out.includes(words) && status.code === 1;
      })
      .catch((error: unknown) => {
        throw new Error(out, { cause: error });
      });
  } finally {
    vi.unstubAllEnvs();
  }
}

async function openAlerts(): Promise<readonly string[]> {
  const { rows } = await stack.pool.query<{ kind: string }>('SELECT kind FROM alerts WHERE resolved_at IS NULL');
  return rows.map(({ kind }) => kind);
}

test('keys refused at the start: the variable to set is named while the worker waits', {
  timeout: 180_000,
}, async () => {
  const worker = stack.worker({
    BROKER_URL: `http://127.0.0.1:${portOf(keysRefused)}`,
    BROKER_KEY_ID: 'PKTEST',
    BROKER_SECRET_KEY: '',
  });
  await statusSays('CRITICAL alert Broker');
  await statusSays('the broker refuses the keys: set BROKER_SECRET_KEY, then restart the worker');
  await stack.endWorkers('SIGTERM');
  const output = (await worker).output();
  expect(output).toContain('waiting for the broker: the broker refuses the keys: set BROKER_SECRET_KEY');
});

test('a market data stream refused with 406, and engines that do not answer', { timeout: 180_000 }, async () => {
  const [nats, redis] = await Promise.all([Engine.prepare('nats-server'), Engine.prepare('redis-server')]);
  try {
    const worker = await stack.worker({
      MARKET_STREAM_URL: `ws://127.0.0.1:${portOf(crowded)}`,
      NATS_URL: nats.url,
      REDIS_URL: redis.url,
    });
    await statusSays('WARNING alert Market data stream since');
    await statusSays(
      'the market data stream refused: connection limit exceeded (406): too many connections: another program uses the same keys',
    );
    await statusSays('NATS does not answer (');
    await statusSays('Redis does not answer (');
    expect(worker.output()).toContain('connection limit exceeded (406)');
    await stack.endWorkers('SIGTERM');
    await stack.worker();
    await stack.until('the alerts to close', async () => {
      const open = await openAlerts();
      return !['BROKER', 'MARKET_STREAM', 'ENGINE'].some((kind) => open.includes(kind));
    });
  } finally {
    await Promise.all([nats.remove(), redis.remove()]);
  }
});
