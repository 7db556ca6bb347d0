'use client';

import { formatQty } from '@/components/format/number';
import type { MarketRow } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { Ago } from '@/components/ui/moment';
import { Fact, Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';

type Health = NonNullable<MarketRow['health']>;
type Fault = keyof Health['refused'];

const FAULTS: Record<Fault, string> = {
  future: 'more than 2 s ahead of the market clock',
  out_of_order: 'older than the last one',
  duplicate: 'duplicate',
  crossed: 'bid above ask',
  empty: 'price zero or missing',
  no_clock: 'market clock unknown',
  bad_symbol: 'invalid symbol',
  bad_bar: 'inconsistent bar',
  unreadable: 'unreadable',
  not_wanted: 'not subscribed',
};

/** Market data of the symbol: accepted, rejected with the reason, and missing. */
export function IntakePanel({ row: { health } }: { readonly row: MarketRow }) {
  if (health === null) {
    return (
      <Panel title="Market data">
        <EmptyState title="No market data yet">The worker reports accepted and rejected data here.</EmptyState>
      </Panel>
    );
  }
  const refused = (Object.keys(FAULTS) as Fault[]).filter((fault) => (health.refused[fault] ?? 0) > 0);
  return (
    <Panel
      title="Market data"
      testId="intake-panel"
      aside={
        <span className="flex items-center gap-2 text-12 text-muted">
          {!health.subscribed && <Badge tone="warn">not subscribed</Badge>}
          {health.staleSince !== null && <Badge tone="danger">stale</Badge>}
          {health.missing > 0 && <Badge tone="warn">{health.missing} minutes missing</Badge>}
          <span>
            counted over <Ago iso={health.since} suffix="" />
          </span>
        </span>
      }
    >
      <dl className="grid grid-cols-3 gap-x-4 gap-y-2 p-3">
        <Fact label="Quotes">{formatQty(String(health.quotes))}</Fact>
        <Fact label="Trades">{formatQty(String(health.trades))}</Fact>
        <Fact label="Bars">{formatQty(String(health.bars))}</Fact>
        <Fact label="Re-requested">{formatQty(String(health.gaps))}</Fact>
        <Fact label="Without trades">{formatQty(String(health.empty))}</Fact>
        <Fact label="Corrected">{formatQty(String(health.corrected))}</Fact>
      </dl>
      <div className="border-t border-border px-3 py-2 text-12" data-testid="refused-quotes">
        <span className="text-muted">Rejected: </span>
        {refused.length === 0 ? (
          <span>none</span>
        ) : (
          <ul className="mt-1 flex flex-col gap-0.5">
            {refused.map((fault) => (
              <li key={fault} className="flex justify-between gap-3">
                <span>{FAULTS[fault]}</span>
                <span className="num font-medium">{formatQty(String(health.refused[fault]))}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  );
}
