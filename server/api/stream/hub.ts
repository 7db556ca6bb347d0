import type { FeedListener, OutboxFeed } from '@/server/application/ports/outbox-feed';
import type { OutboxMessage } from '@/server/contracts/console/stream';
import { quoteFrame } from './quote-frame';

const encoder = new TextEncoder();

/** Quotes of one symbol within this time are one message: the newest. */
const QUOTE_EVERY_MS = 50;

export type Frame = Uint8Array<ArrayBuffer>;

/** One message of the stream, as bytes: made once, however many consoles listen. */
export function frame(event: string, data: string, id?: string): Frame {
  return encoder.encode(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`);
}

export function outboxFrame(message: OutboxMessage): Frame {
  return frame('outbox', JSON.stringify(message), message.seq);
}

/** Fans the feed out to the streams of this process. */
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

  /** Adds a stream; the answer takes it away. The first one wakes the feed, which then stays awake. */
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
