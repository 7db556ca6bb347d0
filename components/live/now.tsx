'use client';

import { createContext, type ReactNode, useCallback, useContext, useSyncExternalStore } from 'react';

/** Offset to the server's clock as of the last heartbeat: ages and countdowns must not depend on a wrong local clock. */
let offsetMs = 0;
let tickMs: number | null = null;
let timer: ReturnType<typeof setInterval> | null = null;
const listeners = new Set<() => void>();

/** Sets the offset from the server's current time. */
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

/** Provides the time of the server's render: the first client render must show the same ages. */
export function NowProvider({ renderedAt, children }: { readonly renderedAt: number; readonly children: ReactNode }) {
  return <RenderedAt value={renderedAt}>{children}</RenderedAt>;
}

/** The server's current time in epoch milliseconds, updated once a second. */
export function useNow(): number {
  const renderedAt = useContext(RenderedAt);
  const snapshot = useCallback(() => {
    tickMs ??= Math.max(renderedAt, serverNowMs());
    return tickMs;
  }, [renderedAt]);
  return useSyncExternalStore(subscribe, snapshot, () => renderedAt);
}
