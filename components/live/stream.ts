'use client';

import type { QueryClient } from '@tanstack/react-query';
import { refreshHeldRow } from '@/components/table/use-row-feed';
import type { Order, OrderDetail, QueryName, RouterInputs, RouterOutputs } from '@/components/trpc/types';
import type { BeatMessage, StreamedEvent } from '@/server/contracts/console/stream';
import { serverNowMs, syncClock } from './now';
import { withOrder } from './order-cache';
import { putQuote } from './quotes';
import { SharedSource, type StreamEvent } from './shared-source';
import { setStreamState } from './stream-state';

/** A burst of events is one refetch; the first is at once. */
const REFETCH_EVERY_MS = 250;
/** The row that an event brought is on screen at once; the rest of the page follows a little later. */
const REFETCH_AFTER_ROW_MS = 500;
/** The status is refetched this often even without an event: ages and counts in it change on their own. */
const STATUS_EVERY_MS = 10_000;
/** Refetched even while the page is hidden: a new approval must be noticed. */
const REFETCHED_WHEN_HIDDEN: readonly QueryName[] = ['approvals.list', 'system.status'];

/** The key under which TanStack Query holds every input of a query. */
const keyOf = (query: QueryName) => [query.split('.')];

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
  refreshHeldRow(client, 'orders', order, ({ id }) => id);
  client.setQueriesData<OrderDetail>({ queryKey: [['orders', 'get'], { input: { id: order.id } }] }, (detail) =>
    detail === undefined ? undefined : { ...detail, order },
  );
}

/** The console's event stream: applies what arrives and refetches what became stale. */
export class ConsoleStream {
  private readonly source: SharedSource;
  private readonly stale = new Set<QueryName>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private connectedBefore = false;
  private statusReadAtMs = 0;
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
      // The server sends the events it missed; clocks and prices have to be refetched.
      if (this.feedUp) this.refetchAll();
    },
    lost: () => {
      setStreamState('down');
      this.connectedBefore = true;
    },
  };

  private onHello(hello: BeatMessage & { readonly complete: boolean }): void {
    this.feedUp = true;
    // After a gap, data without an event may have changed too.
    if (this.connectedBefore || !hello.complete) this.refetchAll();
    this.connectedBefore = true;
    this.onBeat(hello);
  }

  private onBeat(beat: BeatMessage): void {
    syncClock(beat.serverTime);
    setStreamState(this.feedUp ? 'live' : 'down');
    // A page that shares another's connection gets no hello: its data may be older than its first beat.
    if (!this.connectedBefore) this.refetchAll();
    this.connectedBefore = true;
    if (Date.now() - this.statusReadAtMs < STATUS_EVERY_MS) return;
    this.statusReadAtMs = Date.now();
    this.markStale(['system.status']);
  }

  private onOutbox(message: StreamedEvent): void {
    if (BigInt(message.seq) > BigInt(this.lastSeq)) this.lastSeq = message.seq;
    if (message.order !== undefined) putOrder(this.client, message.order);
    this.markStale(message.stale, message.order !== undefined);
  }

  private readonly onOnline = (): void => this.source.reconnect();

  private readonly onVisibility = (): void => {
    if (document.visibilityState !== 'visible') return;
    void this.client.refetchQueries({ type: 'active', stale: true });
  };

  private markStale(queries: readonly QueryName[], later = false): void {
    for (const query of queries) this.stale.add(query);
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
    const queries = [...this.stale];
    this.stale.clear();
    for (const query of queries)
      void this.client.invalidateQueries({ queryKey: keyOf(query), refetchType: hidden ? 'none' : 'active' });
    if (!hidden) return;
    for (const query of REFETCHED_WHEN_HIDDEN)
      void this.client.refetchQueries({ queryKey: keyOf(query), type: 'active', stale: true });
  }

  private refetchAll(): void {
    void this.client.invalidateQueries({ refetchType: document.visibilityState === 'hidden' ? 'none' : 'active' });
  }
}
