'use client';

import { useSyncExternalStore } from 'react';

/** Something that wanted attention; the bell keeps the newest. */
export interface Alert {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly href: string;
  readonly at: string;
}

interface AlertBook {
  readonly alerts: readonly Alert[];
  readonly unseen: number;
}

const KEY = 'countersign.alerts';
const KEPT = 30;
const EMPTY: AlertBook = { alerts: [], unseen: 0 };

let book: AlertBook | null = null;
const listeners = new Set<() => void>();

function isAlert(value: unknown): value is Alert {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Partial<Record<keyof Alert, unknown>> = value;
  return [fields.id, fields.title, fields.detail, fields.href, fields.at].every((field) => typeof field === 'string');
}

function load(): AlertBook {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
    return { alerts: Array.isArray(stored) ? stored.filter(isAlert).slice(0, KEPT) : [], unseen: 0 };
  } catch {
    return EMPTY;
  }
}

function read(): AlertBook {
  book ??= load();
  return book;
}

function write(next: AlertBook): void {
  book = next;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(next.alerts));
  } catch {
    // Without storage the bell forgets at a reload.
  }
  for (const listener of listeners) listener();
}

/** Adds an alert once; one that was there before the page came counts as seen. Answers true when it is new. */
export function raiseAlert(alert: Alert, seen = false): boolean {
  const { alerts, unseen } = read();
  if (alerts.some((known) => known.id === alert.id)) return false;
  write({ alerts: [alert, ...alerts].slice(0, KEPT), unseen: unseen + (seen ? 0 : 1) });
  return true;
}

export function markAlertsSeen(): void {
  if (read().unseen > 0) write({ alerts: read().alerts, unseen: 0 });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useAlerts(): AlertBook {
  return useSyncExternalStore(subscribe, read, () => EMPTY);
}
