'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { type ShellDialog, useShellActions } from './actions';
import { useKeys } from './keys';
import { NAV } from './nav-items';

/** ⌘K or Ctrl K: the palette; with Shift the Halt dialog. Wherever the focus is, in another dialog too. */
function useChords(open: (dialog: ShellDialog) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      open(event.shiftKey ? 'kill' : 'palette');
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [open]);
}

/** The keys of every page: help, palette, and going from page to page. */
export function useShellKeys(): void {
  const router = useRouter();
  const { open } = useShellActions();
  useChords(open);
  useKeys({
    '?': () => open('help'),
    ...Object.fromEntries(
      NAV.flatMap((item) => (item.key === undefined ? [] : [[`g ${item.key}`, () => router.push(item.href)]])),
    ),
  });
}
