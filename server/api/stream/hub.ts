import type { FeedListener, OutboxFeed } from '@/server/application/ports/outbox-feed';
import type { OutboxMessage, StreamedEvent } from '@/server/contracts/console/stream';
import { staleQueries } from '@/server/contracts/events';
import { quoteFrame } from './quote-frame';

const encoder = new TextEncoder();

/** Within this time only the newest quote of a symbol is sent. */
const QUOTE_EVERY_MS = 50;

export type Frame = Uint8Array<ArrayBuffer>;

/** One message of the stream as bytes, encoded once for all consoles. */
export function frame(event: string, data: string, id?: string): Frame {
  return encoder.encode(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`);
}

export function outboxFrame(message: OutboxMessage): Frame {
  const event: StreamedEvent = { ...message, stale: staleQueries(message.topic) };
  return frame('outbox', JSON.stringify(event), message.seq);
}

/** Distributes the feed to the streams of this process. */
export class StreamHub {
  private readonly sinks = new Set<(frame: Frame) => void>();
  private readonly quotes = new Map<string, Frame>();
  private quoteTimer: ReturnType<typeof setTimeout> | null = null;
  private leave: (() => void) | null = null;
  private feedUp = false;

  constructor(private readonly feed: OutboxFeed) {}

  get size(): number {
    return this.sinks.size;
  }

  get connected(): boolean {
    return this.feedUp;
  }

  /** Adds a stream and returns its removal. The first one starts the feed, which then keeps running. */
  add(sink: (frame: Frame) => void): () => void {
    this.sinks.add(sink);
    this.leave ??= this.feed.subscribe(this.listener);
    return () => this.sinks.delete(sink);
  }

  private readonly listener: FeedListener = {
    outbox: (messages) => {
      for (const message of messages) this.send(outboxFrame(message));
    },
    quote: (payload) => this.quote(payload),
    connected: (up) => {
      this.feedUp = up;
      this.send(frame('feed', up ? 'up' : 'down'));
    },
  };

  private quote(payload: string): void {
    const quote = quoteFrame(payload);
    if (quote === null) return;
    this.quotes.set(quote.symbol, frame('quote', quote.data));
    this.quoteTimer ??= setTimeout(() => {
      this.quoteTimer = null;
      for (const pending of this.quotes.values()) this.send(pending);
      this.quotes.clear();
    }, QUOTE_EVERY_MS);
  }

  private send(bytes: Frame): void {
    for (const sink of this.sinks) sink(bytes);
  }
}
