'use client';

/** Names of the server's messages. Pages add two: `lost` (the connection ended) and `join` (a new page requests a heartbeat). */
const EVENTS = ['hello', 'beat', 'outbox', 'quote', 'feed'] as const;
export type StreamEvent = (typeof EVENTS)[number] | 'lost';

interface Relayed {
  readonly name: StreamEvent | 'join';
  readonly data: string;
}

/** Heartbeats come every 2 s. After two missed ones the connection is dead, or the leading page hangs. */
const SILENCE_MS = 5_000;
const RETRY_MS = 1_500;
const SHARED = 'countersign.stream';

function isRelayed(value: unknown): value is Relayed {
  return typeof value === 'object' && value !== null && 'name' in value && 'data' in value;
}

export interface SourceOwner {
  /** Address to connect to, read at each connection. */
  readonly url: () => string;
  readonly deliver: (name: StreamEvent, data: string) => void;
  /** A current heartbeat for a page that has just joined; null while disconnected. */
  readonly beat: () => string | null;
}

/**
 * One connection for all pages of this browser: a browser opens at most six to a server, so a seventh page would hang,
 * including its KILL button. The page that holds the lock leads and relays everything; when it closes, the next one leads. A
 * page that receives nothing opens a connection of its own.
 */
export class SharedSource {
  private source: EventSource | null = null;
  private channel: BroadcastChannel | null = null;
  private leave: (() => void) | null = null;
  private leading = false;
  private stopped = false;
  private watchdog: ReturnType<typeof setTimeout> | null = null;
  private retry: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly owner: SourceOwner) {}

  start(): void {
    if (!('locks' in navigator) || !('BroadcastChannel' in window)) {
      this.connect();
      return;
    }
    this.channel = new BroadcastChannel(SHARED);
    this.channel.onmessage = (event) => this.onRelayed(event.data);
    this.channel.postMessage({ name: 'join', data: '' } satisfies Relayed);
    this.watch();
    const waiting = new AbortController();
    this.leave = () => waiting.abort();
    navigator.locks
      .request(SHARED, { signal: waiting.signal }, () => this.lead())
      .catch(() => {
        // Aborted: the page is closing.
      });
  }

  stop(): void {
    this.stopped = true;
    this.close();
    this.leave?.();
    this.channel?.close();
    for (const timer of [this.watchdog, this.retry]) if (timer !== null) clearTimeout(timer);
  }

  /** Reconnects at once. A page that only receives relayed messages has nothing to do. */
  reconnect(): void {
    if (this.source !== null || this.leading) this.connect();
  }

  /** Leads until this page closes: the lock is held until the promise settles. */
  private lead(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    this.leading = true;
    if (this.source === null) this.connect();
    return new Promise((resolve) => {
      this.leave = resolve;
    });
  }

  private connect(): void {
    if (this.stopped) return;
    this.close();
    const source = new EventSource(this.owner.url());
    this.source = source;
    for (const name of EVENTS) source.addEventListener(name, (event) => this.received(name, event.data));
    source.onerror = () => this.lost();
    this.watch();
  }

  private close(): void {
    this.source?.close();
    this.source = null;
  }

  private lost(): void {
    this.close();
    this.received('lost', '');
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), RETRY_MS);
  }

  private received(name: StreamEvent, data: unknown): void {
    const text = typeof data === 'string' ? data : '';
    this.watch();
    if (this.leading) this.channel?.postMessage({ name, data: text } satisfies Relayed);
    this.owner.deliver(name, text);
  }

  private onRelayed(message: unknown): void {
    if (!isRelayed(message)) return;
    if (message.name === 'join') {
      const beat = this.leading ? this.owner.beat() : null;
      if (beat !== null) this.channel?.postMessage({ name: 'beat', data: beat } satisfies Relayed);
      return;
    }
    // A page with its own connection has already received it.
    if (this.source !== null) return;
    this.watch();
    this.owner.deliver(message.name, message.data);
  }

  private watch(): void {
    if (this.watchdog !== null) clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.lost(), SILENCE_MS);
  }
}
