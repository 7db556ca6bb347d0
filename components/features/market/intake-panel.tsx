'use client';

import { formatQty, NONE } from '@/components/format/number';
import type { MarketRow } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { Ago } from '@/components/ui/moment';
import { Fact, Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';

type Health = NonNullable<MarketRow['health']>;
type Fault = keyof Health['refused'];

const FAULTS: Record<Fault, string> = {
  future: 'more than 2 s ahead of the market',
  out_of_order: 'older than what was known',
  duplicate: 'the same again',
  crossed: 'bid above ask',
  empty: 'a price of zero, or none',
  no_clock: "the market's clock was not known",
  bad_symbol: 'no symbol',
  bad_bar: 'a bar that contradicts itself',
  unreadable: 'not to be read',
  not_wanted: 'not subscribed to',
};

/** How market data of the symbol comes in: what was taken, what was refused and why, what is missing. */
export function IntakePanel({ row: { health } }: { readonly row: MarketRow }) {
  if (health === null) {
    return (
      <Panel title="Market data">
        <EmptyState title="Nothing has come in yet">
          The worker says here what it took in and what it refused.
        </EmptyState>
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
          {health.missing > 0 && <Badge tone="warn">{health.missing} minutes owed</Badge>}
          <span>
            counted for <Ago iso={health.since} suffix="" />
          </span>
        </span>
      }
    >
      <dl className="grid grid-cols-3 gap-x-4 gap-y-2 p-3">
        <Fact label="Quotes">{formatQty(String(health.quotes))}</Fact>
        <Fact label="Trades">{formatQty(String(health.trades))}</Fact>
        <Fact label="Bars">{formatQty(String(health.bars))}</Fact>
        <Fact label="Asked for again">{formatQty(String(health.gaps))}</Fact>
        <Fact label="Without a trade">{formatQty(String(health.empty))}</Fact>
        <Fact label="Corrected">{formatQty(String(health.corrected))}</Fact>
      </dl>
      <div className="border-t border-border px-3 py-2 text-12" data-testid="refused-quotes">
        <span className="text-muted">Refused: </span>
        {refused.length === 0 ? (
          <span>{NONE} nothing</span>
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
