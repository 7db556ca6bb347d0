'use client';

import { useEffect, useRef } from 'react';
import { preferences } from './preferences';

const SEQUENCE_MS = 1_200;

/** True where a key press belongs to what has the focus. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) ||
    target.closest('dialog') !== null
  );
}

/**
 * Single keys and `g x` pairs. Nothing happens while typing, in a dialog, with a modifier, or when keys are switched
 * off. A handler only ever opens or moves; none acts.
 */
export function useKeys(handlers: Readonly<Record<string, () => void>>): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    let prefix: { key: string; at: number } | null = null;
    const onKey = (event: KeyboardEvent) => {
      if (
        event.defaultPrevented ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        isTyping(event.target) ||
        !preferences().keys
      )
        return;
      const combined =
        prefix !== null && event.timeStamp - prefix.at < SEQUENCE_MS ? `${prefix.key} ${event.key}` : event.key;
      prefix = event.key === 'g' ? { key: 'g', at: event.timeStamp } : null;
      const handler = latest.current[combined];
      if (handler === undefined) return;
      event.preventDefault();
      handler();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
