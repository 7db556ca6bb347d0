import { once } from 'node:events';
import { type WebSocket, WebSocketServer } from 'ws';

/** More than this waits on the way: the receiver is slower. */
const MAX_BUFFERED_BYTES = 256 * 1024;

export interface SentQuote {
  readonly symbol: string;
  /** Epoch ms. */
  readonly atMs: number;
  /** Dollars. */
  readonly bid: number;
}

/** Names that can be symbols: the five that the paper broker trades, then others. */
export function symbolNames(count: number): string[] {
  const others = Array.from({ length: Math.max(0, count - 5) }, (_, n) => `Q${n}`);
  return ['AAPL', 'AMZN', 'MSFT', 'NVDA', 'SPY', ...others].slice(0, count);
}

/** A message of the market data stream, as Alpaca writes it. */
export const frameOf = (quotes: readonly SentQuote[]): string =>
  JSON.stringify(
    quotes.map(({ symbol, atMs, bid }) => ({
      T: 'q',
      S: symbol,
      t: new Date(atMs).toISOString(),
      bx: 'V',
      bp: bid,
      bs: 100,
      ax: 'V',
      ap: Number((bid + 0.02).toFixed(2)),
      as: 200,
      c: ['R'],
      z: 'C',
    })),
  );

/** A market data stream that says what the bench wants, when it wants. */
export class QuoteSource {
  private readonly ready: Promise<WebSocket>;

  private constructor(
    private readonly server: WebSocketServer,
    readonly url: string,
  ) {
    this.ready = new Promise((subscribed) => {
      server.on('connection', (socket) => {
        socket.on('message', (data) => {
          const { action }: { action?: string } = JSON.parse(String(data));
          if (action === 'auth') socket.send('[{"T":"success","msg":"authenticated"}]');
          if (action !== 'subscribe') return;
          socket.send('[{"T":"subscription"}]');
          subscribed(socket);
        });
      });
    });
  }

  static async start(): Promise<QuoteSource> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return new QuoteSource(server, `ws://127.0.0.1:${port}/v2/iex`);
  }

  /** Sends to the worker, once it has subscribed; waits while too much is on its way. */
  async send(frame: string): Promise<void> {
    const socket = await this.ready;
    socket.send(frame);
    while (socket.bufferedAmount > MAX_BUFFERED_BYTES) await new Promise((next) => setImmediate(next));
  }

  async stop(): Promise<void> {
    for (const client of this.server.clients) client.terminate();
    await new Promise((done) => this.server.close(done));
  }
}

/** The time now, later than the last one given: no two quotes of a symbol share a millisecond. */
export class Ticks {
  private lastMs = 0;

  async next(): Promise<number> {
    while (Date.now() <= this.lastMs) await new Promise((next) => setImmediate(next));
    this.lastMs = Date.now();
    return this.lastMs;
  }
}
