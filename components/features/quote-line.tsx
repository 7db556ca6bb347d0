'use client';

import { formatPrice, NONE } from '@/components/format/number';
import { formatDuration } from '@/components/format/time';
import { quoteAgeSeconds } from '@/components/live/market-clock';
import { useNow } from '@/components/live/now';
import { newerQuote, useQuote } from '@/components/live/quotes';
import { useStatus } from '@/components/shell/use-status';
import { cx } from '@/components/ui/cx';

interface ReadQuote {
  readonly bid: string;
  readonly ask: string;
  readonly quotedAt: string;
}

/** Newest known quote of a symbol, its age in market seconds, and whether that is past the limit. */
export function useLiveQuote(symbol: string, read: ReadQuote | null) {
  const { status } = useStatus();
  const now = useNow();
  const quote = newerQuote(read, useQuote(symbol));
  if (quote === null) return null;
  const age = quoteAgeSeconds(status.market, quote.quotedAt, now);
  return { bid: quote.bid, ask: quote.ask, age, stale: age > status.maxDataAgeSeconds };
}

/** Bid and ask with their age; grey once stale. */
export function QuoteLine({ symbol, read }: { readonly symbol: string; readonly read: ReadQuote | null }) {
  const quote = useLiveQuote(symbol, read);
  if (quote === null) return <span className="text-muted">{NONE} no quote yet</span>;
  return (
    <span className={cx('num whitespace-nowrap', quote.stale && 'text-muted')} data-testid="quote">
      {formatPrice(quote.bid)} <span className="text-muted">/</span> {formatPrice(quote.ask)}{' '}
      <span className={cx('text-12', quote.stale ? 'font-medium text-danger' : 'text-muted')}>
        {quote.stale ? 'stale, ' : ''}
        {formatDuration(quote.age)} old
      </span>
    </span>
  );
}
