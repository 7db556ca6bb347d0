'use client';

import { useSyncExternalStore } from 'react';

/** Choices kept in this browser. */
export interface Preferences {
  readonly notify: boolean;
  readonly sound: boolean;
  readonly keys: boolean;
}

const DEFAULTS: Preferences = { notify: false, sound: false, keys: true };
const KEY = 'countersign.preferences';

let current: Preferences | null = null;
const listeners = new Set<() => void>();

function load(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return DEFAULTS;
    const flag = (name: keyof Preferences) => {
      const value = Object.entries(stored).find(([key]) => key === name)?.[1];
      return typeof value === 'boolean' ? value : DEFAULTS[name];
    };
    return { notify: flag('notify'), sound: flag('sound'), keys: flag('keys') };
  } catch {
    return DEFAULTS;
  }
}

export function preferences(): Preferences {
  current ??= load();
  return current;
}

export function setPreference(name: keyof Preferences, value: boolean): void {
  current = { ...preferences(), [name]: value };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Private windows may refuse storage: the choice then lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences, () => DEFAULTS);
}
