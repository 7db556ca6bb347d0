'use client';

import { useSyncExternalStore } from 'react';
import type { QuoteMessage } from '@/server/contracts/console/stream';

/** The stream's newest quote per symbol. Kept outside React: only components that show a quote render at its updates. */
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

/** Stores a quote and renders it with the next animation frame; a hidden page has no frames and renders nothing. */
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

/** The stream's newest quote of a symbol; null before the first. */
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

/** The newer of the stream's quote and the one that a query returned. */
export function newerQuote<T extends { readonly quotedAt: string }>(
  read: T | null,
  streamed: QuoteMessage | null,
): T | QuoteMessage | null {
  if (streamed === null) return read;
  if (read === null) return streamed;
  return read.quotedAt > streamed.quotedAt ? read : streamed;
}
