import { createClient } from '@redis/client';
import type { QuoteStore, StoredQuote } from '@/server/application/ports/quote-store';
import type { Quote } from '@/server/domain/exchange/types';
import { fromValue, toValue } from './parse';
import { keepNewest } from './script';

/** The gate's quotes are at most so much older than the newest. */
const CONFLATE_MS = 250;
/** A quote that came longer ago may have been overtaken in Postgres while Redis was away: both are asked then. */
const FRESH_MS = 2_000;
const BATCH = 200;
const COMMAND_LIMIT_MS = 1_000;
const CONNECT_LIMIT_MS = 2_000;
const MAX_BACKOFF_MS = 1_000;
const RETRY_MS = 250;

export interface RedisQuoteOptions {
  readonly url: string;
  /** Postgres, which has every symbol, a little later. */
  readonly behind: QuoteStore;
  /** Keeps the keys of several databases apart. */
  readonly deployment: () => Promise<string>;
  readonly nowMs: () => number;
  readonly onState: (what: string) => void;
}

const connectionOf = (url: string) =>
  createClient({
    url,
    scripts: { keepNewest },
    // What cannot be said at once is not worth saying later.
    disableOfflineQueue: true,
    commandOptions: { timeout: COMMAND_LIMIT_MS },
    socket: {
      connectTimeout: CONNECT_LIMIT_MS,
      reconnectStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 10), MAX_BACKOFF_MS),
    },
  });

class RedisQuoteStore implements QuoteStore {
  readonly conflateMs = CONFLATE_MS;
  private readonly client: ReturnType<typeof connectionOf>;
  /** Newest of each symbol seen by this process: a Redis that comes back empty or old gets them all. */
  private readonly known = new Map<string, StoredQuote>();
  private readonly waiting = new Map<string, StoredQuote>();
  private sending = false;
  private prefix: string | null = null;
  private stored = 0;
  private skipped = 0;
  private lastState = '';
  private fault = 'not connected yet';

  constructor(private readonly options: RedisQuoteOptions) {
    this.client = connectionOf(options.url);
    this.client.on('error', (error: unknown) => {
      this.fault = error instanceof Error && error.message !== '' ? error.message : 'no connection';
      this.tell('Redis is away: quotes are read from Postgres');
    });
    this.client.on('ready', () => {
      this.tell('connected to Redis');
      for (const [symbol, quote] of this.known) this.waiting.set(symbol, quote);
      this.send();
    });
    this.client.connect().catch(() => undefined);
  }

  offer(quote: Quote, receivedAtMs: number): void {
    const stored = { ...quote, receivedAtMs };
    this.known.set(quote.symbol, stored);
    if (!this.client.isReady) return;
    if (this.waiting.has(quote.symbol)) this.skipped += 1;
    this.waiting.set(quote.symbol, stored);
    this.send();
  }

  async latest(symbols: readonly string[]): Promise<ReadonlyMap<string, StoredQuote>> {
    const found = await this.read(symbols);
    const sinceMs = this.options.nowMs() - FRESH_MS;
    const doubtful = symbols.filter((symbol) => (found.get(symbol)?.receivedAtMs ?? 0) < sinceMs);
    if (doubtful.length === 0) return found;
    for (const [symbol, quote] of await this.options.behind.latest(doubtful)) {
      if (quote.atMs > (found.get(symbol)?.atMs ?? Number.NEGATIVE_INFINITY)) found.set(symbol, quote);
    }
    return found;
  }

  health(): ReturnType<QuoteStore['health']> {
    const { isReady } = this.client;
    const fault = isReady ? '' : this.fault;
    return {
      engine: 'redis',
      state: isReady ? 'connected' : 'away',
      fault,
      stored: this.stored,
      skipped: this.skipped,
    };
  }

  async close(): Promise<void> {
    if (this.client.isOpen) this.client.destroy();
    await this.options.behind.close();
  }

  private async read(symbols: readonly string[]): Promise<Map<string, StoredQuote>> {
    if (symbols.length === 0 || !this.client.isReady) return new Map();
    try {
      const prefix = await this.keyPrefix();
      const values = await this.client.mGet(symbols.map((symbol) => `${prefix}quote:${symbol}`));
      const quotes = values.flatMap((value) => (value === null ? [] : [fromValue(value)]));
      return new Map(quotes.flatMap((quote) => (quote === null ? [] : [[quote.symbol, quote] as const])));
    } catch {
      return new Map();
    }
  }

  private send(): void {
    if (this.sending) return;
    this.sending = true;
    void this.drain().finally(() => {
      this.sending = false;
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.size > 0 && this.client.isReady) {
      const batch = [...this.waiting.values()].slice(0, BATCH);
      for (const { symbol } of batch) this.waiting.delete(symbol);
      try {
        const prefix = await this.keyPrefix();
        const entries = batch.map((quote) => [`${prefix}quote:${quote.symbol}`, toValue(quote)] as const);
        this.stored += await this.client.keepNewest(`${prefix}quotes`, entries);
      } catch {
        // The next quote of the symbol is better than this one; after a reconnection all of them are sent.
        await new Promise((wake) => setTimeout(wake, RETRY_MS));
      }
    }
  }

  private async keyPrefix(): Promise<string> {
    this.prefix ??= `countersign:${await this.options.deployment()}:`;
    return this.prefix;
  }

  private tell(what: string): void {
    if (what !== this.lastState) this.options.onState(what);
    this.lastState = what;
  }
}

/** Every quote in Redis, where only a newer one takes an older one's place, in front of Postgres. */
export function createRedisQuoteStore(options: RedisQuoteOptions): QuoteStore {
  return new RedisQuoteStore(options);
}
