'use client';

import { useSyncExternalStore } from 'react';

/** An alert of this browser session. */
export interface Alert {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly href: string;
  readonly at: string;
}

const KEY = 'countersign.alerts';
const KEPT = 30;
const NONE: readonly Alert[] = [];

let alerts: readonly Alert[] | null = null;
/** Alerts raised since the list was last opened. */
let unseen = 0;
const listeners = new Set<() => void>();

function isAlert(value: unknown): value is Alert {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Partial<Record<keyof Alert, unknown>> = value;
  return [fields.id, fields.title, fields.detail, fields.href, fields.at].every((field) => typeof field === 'string');
}

function read(): readonly Alert[] {
  if (alerts !== null) return alerts;
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
    alerts = Array.isArray(stored) ? stored.filter(isAlert).slice(0, KEPT) : NONE;
  } catch {
    alerts = NONE;
  }
  return alerts;
}

/** Adds an alert once. @param seen true for one that existed before the page was opened. @returns whether it is new */
export function raiseAlert(alert: Alert, seen = false): boolean {
  if (read().some((known) => known.id === alert.id)) return false;
  alerts = [alert, ...read()].slice(0, KEPT);
  try {
    sessionStorage.setItem(KEY, JSON.stringify(alerts));
  } catch {
    // Without storage the alerts are lost on reload.
  }
  if (!seen) unseen += 1;
  notifyListeners();
  return true;
}

export function markAlertsSeen(): void {
  unseen = 0;
  notifyListeners();
}

function notifyListeners(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useAlerts(): readonly Alert[] {
  return useSyncExternalStore(subscribe, read, () => NONE);
}

/** The number of alerts raised since the list was last opened. */
export function useUnseenCount(): number {
  return useSyncExternalStore(
    subscribe,
    () => unseen,
    () => 0,
  );
}
