import { STATUS_CODES } from 'node:http';
import type { MarketStream, MarketStreamEvents } from '@/server/application/ports/market-data';
import type { AlpacaSettings } from './client';
import { readItem } from './market-read';
import { parseBar, parseQuote, parseTrade } from './parse';
import { barSchema, marketFrameSchema, marketMessageSchema, quoteSchema, tradeSchema } from './schema';
import { keepConnected } from './socket';

type Send = (message: unknown) => void;
type Message = Readonly<Record<string, unknown>> & { readonly T: string; readonly S?: unknown };

const channels = (symbols: readonly string[]) => ({
  quotes: symbols,
  trades: symbols,
  bars: symbols,
  updatedBars: symbols,
});

const CHECK_KEYS = 'check BROKER_KEY_ID and BROKER_SECRET_KEY';
/** What to do about the codes with which the source refuses a connection. */
const ADVICE: Readonly<Record<number, string>> = {
  401: CHECK_KEYS,
  402: CHECK_KEYS,
  403: CHECK_KEYS,
  404: 'the source got no keys in time: check the network',
  405: 'the market data plan allows fewer symbols: allow fewer in the policy, or change the plan',
  406: 'too many connections: another program uses the same keys; stop it, or change the market data plan',
  407: 'this process reads too slowly: check its processor and network',
  409: 'the market data plan does not include this feed: check MARKET_STREAM_URL',
  429: 'too many connection attempts: wait, or stop other programs that use the same keys',
};

/** A refusal of the source in words, with its code and what to do about it. */
function refusal(code: number, words: string): string {
  const advice = ADVICE[code];
  return `the market data stream refused: ${words} (${code})${advice === undefined ? '' : `: ${advice}`}`;
}

/** One subscription, on one connection after another. */
class Subscription {
  private wanted: readonly string[];
  /** What the source was asked for on this connection. */
  private asked: readonly string[] = [];
  /** Null while nobody has let us in. */
  private send: Send | null = null;
  private reported = false;

  constructor(
    symbols: readonly string[],
    private readonly settings: AlpacaSettings,
    private readonly events: MarketStreamEvents,
  ) {
    this.wanted = symbols;
  }

  want(symbols: readonly string[]): void {
    this.wanted = symbols;
    if (this.send !== null) this.ask(this.send);
  }

  closed(reason: string): void {
    this.send = null;
    this.reported = false;
    this.asked = [];
    const status = /^Unexpected server response: (\d{3})$/.exec(reason)?.[1];
    this.events.disconnected(
      status === undefined ? reason : refusal(Number(status), STATUS_CODES[status] ?? 'no such status'),
    );
  }

  /** @throws Error when the source will not have us: the connection is made again */
  take(body: unknown, send: Send, ready: () => void): void {
    const frame = marketFrameSchema.safeParse(body);
    if (!frame.success) this.unreadable('a frame that is no list');
    for (const each of frame.success ? frame.data : []) {
      const message = marketMessageSchema.safeParse(each);
      if (message.success) this.one(message.data, send, ready);
      else this.unreadable('a message without a type');
    }
  }

  unreadable(detail: string): void {
    this.events.refused({ reason: 'unreadable', symbol: null, atMs: null, detail });
  }

  private one(message: Message, send: Send, ready: () => void): void {
    const { events } = this;
    const { T: type, S: symbol } = message;
    if (type === 'q') pass(readItem(quoteSchema, symbol, message, parseQuote, events.refused), events.quote);
    else if (type === 't') pass(readItem(tradeSchema, symbol, message, parseTrade, events.refused), events.trade);
    else if (type === 'b' || type === 'u')
      pass(readItem(barSchema, symbol, message, parseBar, events.refused), events.bar);
    else if (type === 'success' && message['msg'] === 'authenticated') this.begin(send, ready);
    else if (type === 'subscription') this.subscribed(ready);
    else if (type === 'error') throw new Error(refusal(Number(message['code']), String(message['msg'])));
    // Statuses, corrections and whatever else comes later are not asked for.
  }

  private begin(send: Send, ready: () => void): void {
    this.send = send;
    this.ask(send);
    // There is no answer to a subscription to nothing.
    if (this.asked.length === 0) this.subscribed(ready);
  }

  private subscribed(ready: () => void): void {
    ready();
    if (this.reported) return;
    this.reported = true;
    this.events.connected();
  }

  private ask(send: Send): void {
    const gone = this.asked.filter((symbol) => !this.wanted.includes(symbol));
    const added = this.wanted.filter((symbol) => !this.asked.includes(symbol));
    if (gone.length > 0) send({ action: 'unsubscribe', ...channels(gone) });
    if (added.length > 0) send({ action: 'subscribe', ...channels(added) });
    this.asked = [...this.wanted];
  }

  hello(send: Send): void {
    send({ action: 'auth', key: this.settings.keyId, secret: this.settings.secretKey });
  }
}

function pass<T>(value: T | null, to: (value: T) => void): void {
  if (value !== null) to(value);
}

/** Quotes, trades and closed 1-minute bars: connect, authenticate, subscribe, and again after each break. */
export function createMarketStream(
  settings: AlpacaSettings,
  symbols: readonly string[],
  events: MarketStreamEvents,
): MarketStream {
  const subscription = new Subscription(symbols, settings, events);
  const socket = keepConnected(settings.marketStreamUrl, {
    open: (send) => subscription.hello(send),
    message: (body, send, ready) => subscription.take(body, send, ready),
    garbled: (reason) => subscription.unreadable(reason),
    closed: (reason) => subscription.closed(reason),
  });
  return {
    subscribe: (wanted) => subscription.want(wanted),
    restart: (reason) => socket.restart(reason),
    close: () => socket.close(),
  };
}
