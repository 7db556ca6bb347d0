'use client';

import { useSyncExternalStore } from 'react';

/** The number of alerts not seen yet. */
let unseen = 0;
const listeners = new Set<() => void>();

export function setUnseen(count: number): void {
  unseen = count;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useUnseen(): number {
  return useSyncExternalStore(
    subscribe,
    () => unseen,
    () => 0,
  );
}

export function unseenCount(): number {
  return unseen;
}
