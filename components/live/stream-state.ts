'use client';

import { useSyncExternalStore } from 'react';
import { useNow } from './now';

export type StreamState = 'connecting' | 'live' | 'down';

/** Shorter interruptions, such as a reconnection, are not shown as an outage. */
const BRIEF_MS = 2_000;

let state: StreamState = 'connecting';
/** When the stream went down, epoch ms by this browser's clock; null while it is up. */
let downSince: number | null = null;
const stateListeners = new Set<() => void>();

/** Called by the event stream only. */
export function setStreamState(next: StreamState): void {
  if (state === next) return;
  state = next;
  downSince = next === 'down' ? Date.now() : null;
  for (const listener of stateListeners) listener();
}

function subscribeState(listener: () => void): () => void {
  stateListeners.add(listener);
  return () => stateListeners.delete(listener);
}

export function useStreamState(): StreamState {
  return useSyncExternalStore(
    subscribeState,
    () => state,
    () => 'connecting',
  );
}

/** Since when this page has had no updates, epoch ms by this browser's clock; null while it has them. */
export function useCutOffSince(): number | null {
  useNow();
  const since = useSyncExternalStore(
    subscribeState,
    () => downSince,
    () => null,
  );
  return since !== null && Date.now() - since >= BRIEF_MS ? since : null;
}
