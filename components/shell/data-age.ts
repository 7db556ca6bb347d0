'use client';

import { quoteAgeSeconds } from '@/components/live/market-clock';
import { useNow } from '@/components/live/now';
import { useNewestQuote } from '@/components/live/quotes';
import type { Status } from '@/components/trpc/types';

/** Age of the newest quote in market seconds; null when there is none. */
export function useDataAge(status: Status): number | null {
  const now = useNow();
  const streamed = useNewestQuote();
  const read = status.newestQuote;
  const quotedAt =
    streamed !== null && (read === null || streamed.receivedAt > read.receivedAt)
      ? streamed.quotedAt
      : (read?.quotedAt ?? null);
  return quotedAt === null ? null : quoteAgeSeconds(status.market, quotedAt, now);
}
