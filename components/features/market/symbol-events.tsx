'use client';

import { EVENT_KIND } from '@/components/features/events/kinds';
import { marketNowMs } from '@/components/live/market-clock';
import { useNow } from '@/components/live/now';
import { useStatus } from '@/components/shell/use-status';
import type { MarketDetail } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';

const SHOWN = 5;

/** The next events that block new positions in this symbol. */
export function SymbolEvents({ detail }: { readonly detail: MarketDetail }) {
  const { status } = useStatus();
  const marketMs = marketNowMs(status.market, useNow());
  const upcoming = detail.events.filter((event) => Date.parse(event.endsAt) > marketMs);
  return (
    <Panel
      title="Events"
      aside={
        <Link href={`/market/events?symbol=${detail.row.symbol}`} className="text-12 text-primary underline">
          all
        </Link>
      }
    >
      {upcoming.length === 0 ? (
        <p className="px-3 py-2 text-muted">No upcoming events.</p>
      ) : (
        <ul>
          {upcoming.slice(0, SHOWN).map((event) => (
            <li
              key={event.id}
              className="flex flex-wrap items-center gap-2 border-b border-border px-3 py-1.5 last:border-b-0"
            >
              <Badge>{EVENT_KIND[event.kind]}</Badge>
              <span className="min-w-0 flex-1 truncate">{event.title}</span>
              {Date.parse(event.startsAt) <= marketMs ? (
                <Badge tone="danger">blackout now</Badge>
              ) : (
                <Moment iso={event.startsAt} className="text-12 text-muted" />
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
