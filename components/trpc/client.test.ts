import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { TRPCClientError } from '@trpc/client';
import { afterEach, describe, expect, it } from 'vitest';
import { messageOf } from './client';
import { createApiClient } from './http';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

async function clientOf(listener: RequestListener, queryMs: number, mutationMs: number) {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return createApiClient(`http://127.0.0.1:${port}`, { queryMs, mutationMs });
}

const json =
  (body: unknown, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

const refused = (code: string, message: string) => [
  { error: { message, code: -32_000, data: { code, httpStatus: 403 } } },
];

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => null,
    (error: unknown) => error,
  );

describe('requests to the server', () => {
  it('end with an error when the server accepts them and never answers', async () => {
    const client = await clientOf(() => undefined, 50, 60_000);
    const error = await failureOf(client.system.status.query());
    expect(error).toBeInstanceOf(TRPCClientError);
    expect(messageOf(error)).toMatch(/did not answer in time/);
  });

  it('end with an error when the body stops half-way', async () => {
    const client = await clientOf((_request, response) => response.writeHead(200).write('[{"result"'), 50, 60_000);
    expect(messageOf(await failureOf(client.system.status.query()))).toMatch(/did not answer in time/);
  });

  it('wait longer for an action than for a query', async () => {
    const client = await clientOf(() => undefined, 60_000, 50);
    expect(messageOf(await failureOf(client.trading.halt.mutate({ reason: '' })))).toMatch(
      /check whether it took effect/,
    );
  });

  it('end when the caller no longer wants the answer', async () => {
    const client = await clientOf(() => undefined, 60_000, 60_000);
    const abort = new AbortController();
    const failure = failureOf(client.system.status.query(undefined, { signal: abort.signal }));
    abort.abort();
    expect(await failure).toBeInstanceOf(TRPCClientError);
  });
});

describe('messageOf', () => {
  it("shows the server's own words", async () => {
    const client = await clientOf(json(refused('FORBIDDEN', 'This needs the role admin.'), 403), 5_000, 5_000);
    expect(messageOf(await failureOf(client.system.status.query()))).toBe('This needs the role admin.');
  });

  it('asks to sign in when the session has ended', async () => {
    const client = await clientOf(json(refused('UNAUTHORIZED', 'words'), 401), 5_000, 5_000);
    expect(messageOf(await failureOf(client.system.status.query()))).toMatch(/Sign in again/);
  });

  it('does not show what a failed connection said', async () => {
    const client = await clientOf(() => undefined, 5_000, 5_000);
    server?.close();
    server?.closeAllConnections();
    expect(messageOf(await failureOf(client.system.status.query()))).toMatch(/cannot be reached/);
    expect(messageOf(new Error('ECONNREFUSED 10.0.0.7'))).toMatch(/cannot be reached/);
  });
});
