import type { WebSocket } from 'ws';
import type { MarketReads } from '@/server/application/history/market-reads';
import type { FeedListener, OutboxFeed } from '@/server/application/ports/outbox-feed';
import type { BarListBody, MarketQuoteBody } from '@/server/contracts/market';
import { presentBar, presentQuote } from '../alpaca/present-market';
import { type Authenticate, BotSocket, type Message } from './socket';

const CHANNELS = ['quotes', 'bars'] as const;
type Channel = (typeof CHANNELS)[number];
/** Channels of Alpaca's that Countersign stores nothing of. */
const SILENT_CHANNELS = ['trades', 'updatedBars', 'dailyBars', 'statuses', 'lulds', 'corrections', 'cancelErrors'];

interface Client {
  readonly socket: BotSocket;
  readonly subscribed: Readonly<Record<Channel, Set<string>>>;
}

interface Parts {
  readonly feed: OutboxFeed;
  readonly market: Pick<MarketReads, 'quote' | 'bars'>;
  readonly onFault: (error: unknown) => void;
}

/** The market data stream (`/v2/iex` and the other feeds): quotes and minute bars as they are stored. */
export class MarketStream {
  private readonly clients = new Set<Client>();
  private leave: (() => void) | null = null;
  private queue: Promise<void> = Promise.resolve();
  private readonly changed = new Set<string>();

  constructor(private readonly parts: Parts) {}

  connect(socket: WebSocket, headers: Readonly<Record<string, unknown>>, verify: Authenticate): void {
    const msgpack = headers['content-type'] === 'application/msgpack';
    const bot = new BotSocket(socket, { msgpack, binary: false }, verify);
    const client: Client = { socket: bot, subscribed: { quotes: new Set(), bars: new Set() } };
    this.clients.add(client);
    this.leave ??= this.parts.feed.subscribe(this.listener);
    socket.on('close', () => this.clients.delete(client));
    socket.on('message', (data) => bot.follow(() => this.onMessage(client, bot.read(data)), this.parts.onFault));
    bot.send([{ T: 'success', msg: 'connected' }]);
    if (headers['apca-api-key-id'] !== undefined)
      bot.follow(
        () => this.authenticate(client, headers['apca-api-key-id'], headers['apca-api-secret-key']),
        this.parts.onFault,
      );
  }

  close(): void {
    this.leave?.();
  }

  private readonly listener: FeedListener = {
    outbox: (messages) => {
      for (const { topic, subject } of messages)
        if (topic === 'market.bar.closed' && this.wants('bars', subject))
          this.queue = this.queue.then(() => this.tellBar(subject)).catch(this.parts.onFault);
    },
    quote: (payload) => {
      const symbol = symbolOf(payload);
      if (symbol === null || !this.wants('quotes', symbol) || this.changed.has(symbol)) return;
      // The newest quote is read when its turn comes: several in between are one.
      this.changed.add(symbol);
      this.queue = this.queue.then(() => this.tellQuote(symbol)).catch(this.parts.onFault);
    },
    connected: () => undefined,
  };

  private async tellQuote(symbol: string): Promise<void> {
    this.changed.delete(symbol);
    const quote: MarketQuoteBody | null = await this.parts.market.quote(symbol);
    if (quote !== null) this.publish('quotes', symbol, { T: 'q', S: symbol, ...presentQuote(quote) }, quote.quoted_at);
  }

  private async tellBar(symbol: string): Promise<void> {
    const page: BarListBody | null = await this.parts.market.bars(symbol, { timeframe: '1Min', limit: 1 });
    const bar = page?.bars.at(-1);
    if (bar !== undefined) this.publish('bars', symbol, { T: 'b', S: symbol, ...presentBar(bar) }, bar.start);
  }

  private wants(channel: Channel, symbol: string): boolean {
    return [...this.clients].some(({ subscribed }) => subscribed[channel].has(symbol) || subscribed[channel].has('*'));
  }

  private publish(channel: Channel, symbol: string, frame: object, at: string): void {
    for (const { socket, subscribed } of this.clients) {
      const wanted = subscribed[channel];
      if (!wanted.has(symbol) && !wanted.has('*')) continue;
      socket.send([{ ...frame, t: socket.hasTimes ? new Date(at) : at }]);
    }
  }

  private async onMessage(client: Client, message: Message | null): Promise<void> {
    const action = message?.['action'];
    if (message === null) this.fail(client, 400, 'invalid syntax');
    else if (action === 'auth') await this.authenticate(client, message['key'], message['secret']);
    else if (client.socket.bot === null) this.fail(client, 401, 'not authenticated');
    else if (action === 'subscribe' || action === 'unsubscribe') this.subscribe(client, message);
    else this.fail(client, 400, 'invalid syntax');
  }

  private fail({ socket }: Client, code: number, msg: string): void {
    socket.send([{ T: 'error', code, msg }]);
  }

  private async authenticate(client: Client, key: unknown, secret: unknown): Promise<void> {
    const { socket } = client;
    if (socket.bot !== null) return this.fail(client, 403, 'already authenticated');
    if (!(await socket.authenticate(key, secret))) return this.fail(client, 402, 'auth failed');
    socket.send([{ T: 'success', msg: 'authenticated' }]);
  }

  private subscribe(client: Client, message: Message): void {
    if (client.socket.bot?.scopes.has('market:read') !== true) {
      this.fail(client, 409, 'insufficient subscription');
      return;
    }
    for (const channel of CHANNELS) {
      const symbols = message[channel];
      if (!Array.isArray(symbols)) continue;
      for (const symbol of symbols) {
        if (typeof symbol !== 'string') continue;
        if (message['action'] === 'subscribe') client.subscribed[channel].add(symbol.toUpperCase());
        else client.subscribed[channel].delete(symbol.toUpperCase());
      }
    }
    const subscribed = Object.fromEntries(CHANNELS.map((channel) => [channel, [...client.subscribed[channel]]]));
    const silent = Object.fromEntries(SILENT_CHANNELS.map((channel) => [channel, []]));
    client.socket.send([{ T: 'subscription', ...subscribed, ...silent }]);
  }
}

/** The symbol of an announced quote. */
function symbolOf(payload: string): string | null {
  try {
    const { symbol }: { symbol?: unknown } = JSON.parse(payload);
    return typeof symbol === 'string' ? symbol : null;
  } catch {
    return null;
  }
}
