import type { Server } from 'node:http';
import { WebSocketServer } from 'ws';
import type { MarketStream } from './market-stream';
import type { TradingStream } from './trading-stream';

const MARKET_PATHS = new Set(['/v2/iex', '/v2/sip', '/v2/delayed_sip', '/v2/test']);
const PING_EVERY_MS = 30_000;

/** The websockets of a server, by path; any other path is refused with 404. Returns what closes them all. */
export function attachSockets(server: Server, trading: TradingStream, market: MarketStream): () => void {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024 * 1024 });
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://simulator');
    if (url.pathname !== '/stream' && !MARKET_PATHS.has(url.pathname)) {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      // A broken connection closes of itself; without a listener its error would end the process.
      client.on('error', () => client.terminate());
      if (url.pathname === '/stream') trading.connect(client, url.searchParams);
      else market.connect(client, request.headers);
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
    for (const client of sockets.clients) client.close(1001, 'simulator is stopping');
    sockets.close();
  };
}
