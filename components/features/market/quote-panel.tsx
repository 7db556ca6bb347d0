'use client';

import { useLiveQuote } from '@/components/features/quote-line';
import { formatPrice, formatQty, formatSignedPct, NONE } from '@/components/format/number';
import { formatDuration } from '@/components/format/time';
import type { MarketDetail } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { cx } from '@/components/ui/cx';
import { Link } from '@/components/ui/link';
import { Fact, Panel } from '@/components/ui/panel';
import { changeOf, middle, spreadBps } from './view';

/** The newest quote; grey and marked once stale. */
export function QuotePanel({ detail: { row } }: { readonly detail: MarketDetail }) {
  const quote = useLiveQuote(row.symbol, row.quote);
  const bps = quote === null ? null : spreadBps(quote);
  const stale = quote?.stale === true;
  const change = changeOf(quote === null ? null : middle(quote), row.previousClose);
  return (
    <Panel
      title={row.symbol}
      testId="quote-panel"
      aside={
        <span className="flex items-center gap-2">
          {stale && <Badge tone="danger">stale: not tradable</Badge>}
          {quote === null && <Badge tone="warn">no quote yet</Badge>}
          {!row.allowed && <Badge tone="warn">not on the allowlist</Badge>}
          {row.held !== '0' && (
            <Link href="/portfolio" className="num text-12 text-primary underline">
              position {formatQty(row.held)}
            </Link>
          )}
        </span>
      }
    >
      <dl className={cx('grid grid-cols-3 gap-x-4 gap-y-2 p-3 sm:grid-cols-6', stale && 'text-muted')}>
        <Fact label="Bid">{quote === null ? NONE : formatPrice(quote.bid)}</Fact>
        <Fact label="Ask">{quote === null ? NONE : formatPrice(quote.ask)}</Fact>
        <Fact label="Spread">{bps === null ? NONE : `${bps.toFixed(1)} bp`}</Fact>
        <Fact label="Day change">{change === null ? NONE : formatSignedPct(change)}</Fact>
        <Fact label="Last close">{formatPrice(row.close)}</Fact>
        <Fact label="Age">
          <span className={cx(stale && 'font-medium text-danger')}>
            {quote === null ? NONE : formatDuration(quote.age)}
          </span>
        </Fact>
      </dl>
    </Panel>
  );
}
