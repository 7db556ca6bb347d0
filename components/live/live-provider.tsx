'use client';

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { ConsoleStream } from './stream';

/** Keeps the page live: one stream as long as the console is open. `since` is the newest event the page already shows. */
export function LiveProvider({ since, children }: { readonly since: string; readonly children: ReactNode }) {
  const client = useQueryClient();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a later render's `since` must not reopen the stream
  useEffect(() => {
    const stream = new ConsoleStream(client, since);
    stream.start();
    return () => stream.stop();
  }, [client]);
  return children;
}
