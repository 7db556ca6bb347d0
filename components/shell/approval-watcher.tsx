'use client';

import { usePathname } from 'next/navigation';
import { useEffect, useRef } from 'react';
import { alertHref, kindLabel } from '@/components/features/alerts/kinds';
import { formatAmount, formatQty } from '@/components/format/number';
import type { Approval, Status } from '@/components/trpc/types';
import { type Alert, raiseAlert } from './alerts';
import { chime } from './chime';
import { preferences } from './preferences';

function describe(approval: Approval): string {
  return `${approval.side} ${formatQty(approval.qty)} ${approval.symbol} · ${formatAmount(approval.notional)}`;
}

function alertOf(approval: Approval): Alert {
  const { id, createdAt } = approval;
  return { id, title: 'Approval waiting', detail: describe(approval), href: `/approvals/${id}`, at: createdAt };
}

/** Announces a new approval in the alerts and, if enabled, by desktop notification and sound. */
function announce(approval: Approval): void {
  const alert = alertOf(approval);
  const { detail, href } = alert;
  if (!raiseAlert(alert)) return;
  const { notify, sound } = preferences();
  if (sound) chime();
  if (!notify || !('Notification' in window) || Notification.permission !== 'granted') return;
  const notification = new Notification('Approval waiting', {
    body: detail,
    tag: approval.id,
    requireInteraction: true,
  });
  notification.onclick = () => {
    window.focus();
    window.location.assign(href);
  };
}

const COUNTED = /^\(\d+\) /;

/** Puts the number waiting in front of the tab's title, and keeps it there when a page sets its own. */
function useTitleCount(count: number): void {
  const pathname = usePathname();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page brings another title element
  useEffect(() => {
    const apply = () => {
      const plain = document.title.replace(COUNTED, '');
      const wanted = count > 0 ? `(${count}) ${plain}` : plain;
      if (document.title !== wanted) document.title = wanted;
    };
    apply();
    const observer = new MutationObserver(apply);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => observer.disconnect();
  }, [count, pathname]);
}

/** Announces new approvals; those that were pending at the start stay silent. */
export function ApprovalWatcher({ pending }: { readonly pending: readonly Approval[] }) {
  const known = useRef<Set<string> | null>(null);
  useTitleCount(pending.length);
  useEffect(() => {
    const before = known.current;
    known.current = new Set([...(before ?? []), ...pending.map((approval) => approval.id)]);
    for (const approval of pending) {
      if (before === null) raiseAlert(alertOf(approval), true);
      else if (!before.has(approval.id)) announce(approval);
    }
  }, [pending]);
  return null;
}

/** Adds new server alerts to the list and plays the sound if enabled. */
export function AlertWatcher({ newest }: { readonly newest: Status['alerts']['newest'] }) {
  useEffect(() => {
    if (newest === null) return;
    const { id, kind, message, openedAt } = newest;
    const isNew = raiseAlert({ id, title: kindLabel(kind), detail: message, href: alertHref(kind), at: openedAt });
    if (isNew && preferences().sound) chime();
  }, [newest]);
  return null;
}
