import type { Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createAdaptorServer } from '@hono/node-server';
import { WebSocketServer } from 'ws';
import type { OutboxFeed } from '@/server/application/ports/outbox-feed';
import { createGatewayApp } from './app';
import { authenticate, plainAddress } from './authenticate';
import type { GatewayServices } from './context';
import { ApiError } from './errors';
import { MarketStream } from './stream/market-stream';
import type { Authenticate } from './stream/socket';
import { TradeUpdates } from './stream/trade-updates';

const MARKET_PATHS = new Set(['/v2/iex', '/v2/sip', '/v2/delayed_sip', '/v2/test']);
const PING_EVERY_MS = 30_000;
/** Requests that are under way when the gateway is closed have this long. */
const CLOSE_WITHIN_MS = 3_000;
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Connections to the streams, of all bots together. */
const MAX_CONNECTIONS = 500;

export interface GatewayAddress {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Certificate and key in PEM; null for plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
}

export interface RunningGateway {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the API and both streams. @throws the error of listening, such as EADDRINUSE */
export async function startGateway(
  services: GatewayServices & { readonly feed: OutboxFeed },
  { host, port, tls }: GatewayAddress,
): Promise<RunningGateway> {
  const app = createGatewayApp(services);
  const secure = tls === null ? {} : { createServer: createTlsServer, serverOptions: tls };
  const server = createAdaptorServer({ fetch: app.fetch, ...secure }) as Server;
  // Longer than any client keeps an idle connection, so that none is closed under a request.
  server.keepAliveTimeout = 120_000;
  server.headersTimeout = 125_000;
  const closeStreams = attachStreams(server, services);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: async () => {
      closeStreams();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
      await closed;
      clearTimeout(late);
    },
  };
}

const refused = (status: string): string => `HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;

/** The websockets of a server, by path; any other path is refused with 404. @returns what closes them all */
function attachStreams(server: Server, services: GatewayServices & { readonly feed: OutboxFeed }): () => void {
  const { feed, orders, market, consoleAddress } = services;
  const onFault = (error: unknown) => services.onFault(error, 'stream');
  const verifyFrom =
    (address: string): Authenticate =>
    async (keyId, secret) => {
      if (typeof secret !== 'string' || (keyId !== undefined && typeof keyId !== 'string')) return null;
      try {
        return await authenticate(services, { keyId: keyId ?? null, secret }, address, 'stream');
      } catch (error) {
        if (error instanceof ApiError) return null;
        throw error;
      }
    };
  const updates = new TradeUpdates({ feed, orders, console: { address: consoleAddress }, onFault });
  const prices = new MarketStream({ feed, market, onFault });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
  server.on('upgrade', (request, socket, head) => {
    const { pathname } = new URL(request.url ?? '/', 'http://gateway');
    if (pathname !== '/stream' && !MARKET_PATHS.has(pathname)) {
      socket.end(refused('404 Not Found'));
      return;
    }
    if (sockets.clients.size >= MAX_CONNECTIONS) {
      socket.end(refused('503 Service Unavailable'));
      return;
    }
    const verify = verifyFrom(plainAddress(request.socket.remoteAddress ?? ''));
    sockets.handleUpgrade(request, socket, head, (client) => {
      // A broken connection closes of itself; without a listener its error would end the process.
      client.on('error', () => client.terminate());
      (pathname === '/stream' ? updates : prices).connect(client, request.headers, verify);
    });
  });
  const silent = new WeakSet();
  const timer = setInterval(() => {
    for (const client of sockets.clients) {
      if (silent.has(client)) client.terminate();
      else {
        silent.add(client);
        client.once('pong', () => silent.delete(client));
        client.ping();
      }
    }
  }, PING_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    updates.close();
    prices.close();
    for (const client of sockets.clients) client.close(1001, 'the gateway is stopping');
    sockets.close();
  };
}
