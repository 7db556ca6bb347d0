'use client';

import { useSyncExternalStore } from 'react';
import type { QuoteMessage } from '@/server/contracts/console/stream';

/** Newest quote a symbol, as the stream brought it. Outside React: twenty updates a second touch only who shows them. */
const quotes = new Map<string, QuoteMessage>();
const listeners = new Map<string, Set<() => void>>();
let newest: QuoteMessage | null = null;
const newestListeners = new Set<() => void>();
const changed = new Set<string>();
let scheduled = false;

function flush(): void {
  scheduled = false;
  for (const symbol of changed) for (const listener of listeners.get(symbol) ?? []) listener();
  for (const listener of newestListeners) listener();
  changed.clear();
}

/** Takes a quote in. Drawn with the next frame; while the page is hidden there are no frames, so nothing is drawn. */
export function putQuote(quote: QuoteMessage): void {
  const known = quotes.get(quote.symbol);
  if (known !== undefined && known.quotedAt > quote.quotedAt) return;
  quotes.set(quote.symbol, quote);
  if (newest === null || newest.receivedAt <= quote.receivedAt) newest = quote;
  changed.add(quote.symbol);
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(flush);
}

/** The stream's newest quote of a symbol; null until one came. */
export function useQuote(symbol: string): QuoteMessage | null {
  const subscribe = (listener: () => void) => {
    const set = listeners.get(symbol) ?? new Set();
    set.add(listener);
    listeners.set(symbol, set);
    return () => {
      set.delete(listener);
    };
  };
  return useSyncExternalStore(
    subscribe,
    () => quotes.get(symbol) ?? null,
    () => null,
  );
}

function subscribeNewest(listener: () => void): () => void {
  newestListeners.add(listener);
  return () => newestListeners.delete(listener);
}

/** The newest quote of any symbol. */
export function useNewestQuote(): QuoteMessage | null {
  return useSyncExternalStore(
    subscribeNewest,
    () => newest,
    () => null,
  );
}

/** Of the stream's quote and the one that was read, the newer. */
export function newerQuote<T extends { readonly quotedAt: string }>(
  read: T | null,
  streamed: QuoteMessage | null,
): T | QuoteMessage | null {
  if (streamed === null) return read;
  if (read === null) return streamed;
  return read.quotedAt > streamed.quotedAt ? read : streamed;
}
