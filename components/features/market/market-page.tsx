'use client';

import { useQuery } from '@tanstack/react-query';
import { useQueryStates } from 'nuqs';
import { useKeys } from '@/components/shell/keys';
import { useStatus } from '@/components/shell/use-status';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { MarketRow } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { Link } from '@/components/ui/link';
import { PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState, ErrorState } from '@/components/ui/states';
import { SymbolList } from './symbol-list';
import { type SymbolInitial, SymbolPanels } from './symbol-panels';
import { marketParams } from './view';

interface MarketPageProps {
  readonly initial: MarketRow[];
  /** Data of the symbol shown first; null where there is none. */
  readonly detail: SymbolInitial | null;
}

/** Symbols on the left; the chosen one's chart, quote and features on the right. */
export function MarketPage({ initial, detail }: MarketPageProps) {
  const trpc = useTRPC();
  const { status } = useStatus();
  const query = useQuery(trpc.market.list.queryOptions(undefined, { initialData: initial }));
  const [view, setView] = useQueryStates(marketParams);
  const rows = query.data;
  const symbol = rows.some((row) => row.symbol === view.symbol) ? view.symbol : (rows[0]?.symbol ?? '');
  const unknown = view.symbol !== '' && rows.length > 0 && symbol !== view.symbol;
  const choose = (next: string) => void setView({ symbol: next });
  const move = (step: number) => {
    const index = rows.findIndex((row) => row.symbol === symbol);
    const next = rows[Math.min(rows.length - 1, Math.max(0, index + step))];
    if (next !== undefined) choose(next.symbol);
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  return (
    <>
      <PageHeader
        title="Market"
        aside={
          <span className="flex flex-wrap items-center gap-3 text-12">
            <Badge title="Where market data comes from">
              {status.environment} · {status.market?.source ?? 'no source yet'}
            </Badge>
            <Link href="/market/events" className="text-primary underline">
              Events
            </Link>
          </span>
        }
      />
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      {unknown && (
        <p className="mb-3 rounded-md border border-border bg-warn-bg px-3 py-2 text-warn" data-testid="unknown-symbol">
          There is no market data of {view.symbol}: it is not on the policy's allowlist, not held and not quoted.
          Showing {symbol} instead.
        </p>
      )}
      {rows.length === 0 ? (
        <Panel title="Symbols">
          <EmptyState title="No symbols yet">
            Symbols come from the active policy's allowlist, from positions and from quotes.
          </EmptyState>
        </Panel>
      ) : (
        <div className="grid gap-3 lg:grid-cols-[288px_minmax(0,1fr)]">
          <SymbolList rows={rows} current={symbol} onChoose={choose} />
          <div className="min-h-[720px] min-w-0">
            <SymbolPanels
              key={symbol}
              symbol={symbol}
              range={view.range}
              onRange={(range) => void setView({ symbol, range })}
              initial={detail?.symbol === symbol ? detail : null}
            />
          </div>
        </div>
      )}
    </>
  );
}
