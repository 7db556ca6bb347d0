'use client';

import type { QueryClient } from '@tanstack/react-query';
import type { Order, OrderDetail, RouterInputs, RouterOutputs } from '@/components/trpc/types';
import type { BeatMessage, OutboxMessage, QuoteMessage } from '@/server/contracts/console/stream';
import { syncClock } from './now';
import { withOrder } from './order-cache';
import { putQuote } from './quotes';
import { setStreamState } from './stream-state';
import { type QueryPath, staleQueries } from './topics';

/** Beats come every 10 s: two missed and a bit more is a dead connection. */
const SILENCE_MS = 25_000;
/** A burst of events is one refetch; the first is at once. */
const REFETCH_EVERY_MS = 250;
/** An event that brought its own row is on screen already: the rest of the page follows a little later. */
const REFETCH_AFTER_ROW_MS = 500;
const RETRY_MS = 1_500;
/** Asked again even while the page is hidden: a new approval must be heard. */
const HEARD_WHEN_HIDDEN: readonly QueryPath[] = [
  ['approvals', 'list'],
  ['system', 'status'],
];

interface ListKeyTail {
  readonly input?: RouterInputs['orders']['list'];
}

/** Puts an order's row into every list and detail that is on screen. */
function putOrder(client: QueryClient, order: Order): void {
  const lists = client.getQueriesData<RouterOutputs['orders']['list']>({ queryKey: [['orders', 'list']] });
  for (const [key, list] of lists) {
    if (list === undefined) continue;
    const tail = key[1] as ListKeyTail | undefined;
    client.setQueryData(key, withOrder(list, tail?.input ?? {}, order));
  }
  client.setQueriesData<OrderDetail>({ queryKey: [['orders', 'get'], { input: { id: order.id } }] }, (detail) =>
    detail === undefined ? undefined : { ...detail, order },
  );
}

/** The console's one stream: keeps the connection, applies what comes, asks anew for what it made stale. */
export class ConsoleStream {
  private source: EventSource | null = null;
  private stale = new Map<string, QueryPath>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private watchdog: ReturnType<typeof setTimeout> | null = null;
  private retry: ReturnType<typeof setTimeout> | null = null;
  private connectedBefore = false;

  constructor(
    private readonly client: QueryClient,
    private lastSeq: string,
  ) {}

  start(): void {
    document.addEventListener('visibilitychange', this.onVisibility);
    window.addEventListener('online', this.reconnect);
    this.connect();
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.onVisibility);
    window.removeEventListener('online', this.reconnect);
    this.close();
    for (const timer of [this.timer, this.retry]) if (timer !== null) clearTimeout(timer);
    this.timer = null;
    this.retry = null;
  }

  private connect(): void {
    this.close();
    setStreamState(this.connectedBefore ? 'down' : 'connecting');
    const source = new EventSource(`/api/stream?since=${this.lastSeq}`);
    this.source = source;
    source.addEventListener('hello', (event) =>
      this.onHello(JSON.parse(event.data) as BeatMessage & { complete: boolean }),
    );
    source.addEventListener('beat', (event) => this.onBeat(JSON.parse(event.data) as BeatMessage));
    source.addEventListener('outbox', (event) => this.onOutbox(JSON.parse(event.data) as OutboxMessage));
    source.addEventListener('quote', (event) => putQuote(JSON.parse(event.data) as QuoteMessage));
    source.addEventListener('feed', (event) => setStreamState(event.data === 'up' ? 'live' : 'down'));
    source.onerror = this.onError;
    this.watch();
  }

  private close(): void {
    this.source?.close();
    this.source = null;
    if (this.watchdog !== null) clearTimeout(this.watchdog);
    this.watchdog = null;
  }

  private onHello(hello: BeatMessage & { complete: boolean }): void {
    this.onBeat(hello);
    // Quotes, clocks and what no event tells of may have changed meanwhile: after a gap all is asked again.
    if (this.connectedBefore || !hello.complete) this.refetchAll();
    this.connectedBefore = true;
  }

  private onBeat(beat: BeatMessage): void {
    syncClock(beat.serverTime);
    setStreamState('live');
    this.watch();
    this.markStale([['system', 'status']]);
  }

  private onOutbox(message: OutboxMessage): void {
    if (BigInt(message.seq) > BigInt(this.lastSeq)) this.lastSeq = message.seq;
    if (message.order !== undefined) putOrder(this.client, message.order);
    this.markStale(staleQueries(message.topic), message.order !== undefined);
  }

  private readonly onError = (): void => {
    setStreamState('down');
    this.close();
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), RETRY_MS);
  };

  private readonly reconnect = (): void => this.connect();

  private readonly onVisibility = (): void => {
    if (document.visibilityState !== 'visible') return;
    void this.client.refetchQueries({ type: 'active', stale: true });
  };

  private watch(): void {
    if (this.watchdog !== null) clearTimeout(this.watchdog);
    this.watchdog = setTimeout(this.onError, SILENCE_MS);
  }

  private markStale(paths: readonly QueryPath[], later = false): void {
    for (const path of paths) this.stale.set(path.join('.'), path);
    if (this.stale.size === 0 || this.timer !== null) return;
    if (!later) this.refetchStale();
    this.timer = setTimeout(
      () => {
        this.timer = null;
        this.markStale([]);
      },
      later ? REFETCH_AFTER_ROW_MS : REFETCH_EVERY_MS,
    );
  }

  private refetchStale(): void {
    const hidden = document.visibilityState === 'hidden';
    const paths = [...this.stale.values()];
    this.stale.clear();
    for (const path of paths)
      void this.client.invalidateQueries({ queryKey: [path], refetchType: hidden ? 'none' : 'active' });
    if (!hidden) return;
    for (const path of HEARD_WHEN_HIDDEN)
      void this.client.refetchQueries({ queryKey: [path], type: 'active', stale: true });
  }

  private refetchAll(): void {
    void this.client.invalidateQueries({ refetchType: document.visibilityState === 'hidden' ? 'none' : 'active' });
  }
}
