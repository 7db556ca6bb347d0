'use client';

import type { QueryClient } from '@tanstack/react-query';
import type { Order, OrderDetail, RouterInputs, RouterOutputs } from '@/components/trpc/types';
import type { BeatMessage, OutboxMessage } from '@/server/contracts/console/stream';
import { serverNowMs, syncClock } from './now';
import { withOrder } from './order-cache';
import { putQuote } from './quotes';
import { SharedSource, type StreamEvent } from './shared-source';
import { setStreamState } from './stream-state';
import { type QueryPath, staleQueries } from './topics';

/** A burst of events is one refetch; the first is at once. */
const REFETCH_EVERY_MS = 250;
/** An event that brought its own row is on screen already: the rest of the page follows a little later. */
const REFETCH_AFTER_ROW_MS = 500;
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

/** The console's stream: applies what comes, asks anew for what it made stale. */
export class ConsoleStream {
  private readonly source: SharedSource;
  private stale = new Map<string, QueryPath>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private connectedBefore = false;
  /** False while the server itself has no connection to the database's events. */
  private feedUp = true;

  constructor(
    private readonly client: QueryClient,
    private lastSeq: string,
  ) {
    this.source = new SharedSource({
      url: () => `/api/stream?since=${this.lastSeq}`,
      deliver: (name, data) => this.handlers[name](data),
      beat: () => (this.feedUp ? JSON.stringify({ serverTime: new Date(serverNowMs()).toISOString() }) : null),
    });
  }

  start(): void {
    document.addEventListener('visibilitychange', this.onVisibility);
    window.addEventListener('online', this.onOnline);
    this.source.start();
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.onVisibility);
    window.removeEventListener('online', this.onOnline);
    this.source.stop();
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private readonly handlers: Record<StreamEvent, (data: string) => void> = {
    hello: (data) => this.onHello(JSON.parse(data)),
    beat: (data) => this.onBeat(JSON.parse(data)),
    outbox: (data) => this.onOutbox(JSON.parse(data)),
    quote: (data) => putQuote(JSON.parse(data)),
    feed: (data) => {
      this.feedUp = data === 'up';
      setStreamState(this.feedUp ? 'live' : 'down');
      // What was committed while the server could not listen comes by itself; clocks and prices do not.
      if (this.feedUp) this.refetchAll();
    },
    lost: () => {
      setStreamState('down');
      this.connectedBefore = true;
    },
  };

  private onHello(hello: BeatMessage & { readonly complete: boolean }): void {
    this.feedUp = true;
    // After a gap, what no event tells of may have changed too: all is asked again.
    if (this.connectedBefore || !hello.complete) this.refetchAll();
    this.connectedBefore = true;
    this.onBeat(hello);
  }

  private onBeat(beat: BeatMessage): void {
    syncClock(beat.serverTime);
    setStreamState(this.feedUp ? 'live' : 'down');
    // A page that joined another's connection has had no hello: what it shows may be older than its first beat.
    if (!this.connectedBefore) this.refetchAll();
    this.connectedBefore = true;
    this.markStale([['system', 'status']]);
  }

  private onOutbox(message: OutboxMessage): void {
    if (BigInt(message.seq) > BigInt(this.lastSeq)) this.lastSeq = message.seq;
    if (message.order !== undefined) putOrder(this.client, message.order);
    this.markStale(staleQueries(message.topic), message.order !== undefined);
  }

  private readonly onOnline = (): void => this.source.reconnect();

  private readonly onVisibility = (): void => {
    if (document.visibilityState !== 'visible') return;
    void this.client.refetchQueries({ type: 'active', stale: true });
  };

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
