'use client';

import { useSyncExternalStore } from 'react';

export type StreamState = 'connecting' | 'live' | 'down';

let state: StreamState = 'connecting';
const stateListeners = new Set<() => void>();

/** Called by the event stream only. */
export function setStreamState(next: StreamState): void {
  if (state === next) return;
  state = next;
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
