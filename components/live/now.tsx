'use client';

import { createContext, type ReactNode, useCallback, useContext, useSyncExternalStore } from 'react';

/** The server's clock, by the last beat: ages and countdowns must not follow a wrong clock of this computer. */
let offsetMs = 0;
let tickMs: number | null = null;
let timer: ReturnType<typeof setInterval> | null = null;
const listeners = new Set<() => void>();

/** Corrects the clock by what the server said just now. */
export function syncClock(serverTime: string): void {
  offsetMs = Date.parse(serverTime) - Date.now();
}

export function serverNowMs(): number {
  return Date.now() + offsetMs;
}

function tick(): void {
  tickMs = serverNowMs();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

const RenderedAt = createContext(0);

/** When the server rendered the page: the first client render must show the same ages. */
export function NowProvider({ renderedAt, children }: { readonly renderedAt: number; readonly children: ReactNode }) {
  return <RenderedAt value={renderedAt}>{children}</RenderedAt>;
}

/** Now by the server's clock, in epoch milliseconds, once a second. */
export function useNow(): number {
  const renderedAt = useContext(RenderedAt);
  const snapshot = useCallback(() => {
    tickMs ??= Math.max(renderedAt, serverNowMs());
    return tickMs;
  }, [renderedAt]);
  return useSyncExternalStore(subscribe, snapshot, () => renderedAt);
}
