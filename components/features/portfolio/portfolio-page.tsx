'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { CurvePanel } from '@/components/charts/curve-panel';
import { formatAmount, formatPct } from '@/components/format/number';
import { useShellActions } from '@/components/shell/actions';
import { useMayOperate } from '@/components/shell/session';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { Curve, Portfolio } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Pnl } from '@/components/ui/figures';
import { lazyDialog } from '@/components/ui/lazy-dialog';
import { Ago } from '@/components/ui/moment';
import { Fact, PageHeader, Panel } from '@/components/ui/panel';
import { ErrorState } from '@/components/ui/states';
import { ExitsPanel } from './exits-panel';
import { PositionsTable } from './positions-table';

const CloseDialog = lazyDialog(async () => (await import('./close-dialog')).CloseDialog);

interface PortfolioPageProps {
  readonly initial: Portfolio;
  readonly curve: Curve;
}

export function PortfolioPage({ initial, curve }: PortfolioPageProps) {
  const trpc = useTRPC();
  const { open } = useShellActions();
  const may = useMayOperate();
  const [closing, setClosing] = useState<string | null>(null);
  const query = useQuery(trpc.portfolio.get.queryOptions(undefined, { initialData: initial }));
  const portfolio = query.data;
  return (
    <>
      <PageHeader
        title="Portfolio"
        aside={
          <Button variant="danger" disabled={!may} onClick={() => open('kill')} data-testid="flatten">
            Flatten all…
          </Button>
        }
      />
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      <div className="flex flex-col gap-3">
        <Summary portfolio={portfolio} />
        <Panel
          title="Positions"
          aside={
            portfolio.reconciledAt !== null && (
              <span className="text-12 text-muted">
                reconciled <Ago iso={portfolio.reconciledAt} />
              </span>
            )
          }
        >
          <PositionsTable positions={portfolio.positions} onClose={setClosing} />
        </Panel>
        <ExitsPanel exits={portfolio.exits} />
        <CurvePanel initial={curve} initialRange="1d" drawdown />
      </div>
      <CloseDialog portfolio={portfolio} symbol={closing} onClose={() => setClosing(null)} />
    </>
  );
}

function Summary({ portfolio }: { readonly portfolio: Portfolio }) {
  return (
    <section aria-label="Account" className="rounded-md border border-border bg-surface">
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 p-3 sm:grid-cols-4 xl:grid-cols-9">
        <Fact label="Equity">
          <span className="text-16 font-semibold" data-testid="equity">
            {formatAmount(portfolio.equity)}
          </span>
        </Fact>
        <Fact label="Day P&L" className="xl:col-span-2">
          <Pnl value={portfolio.dayPnl} pct={portfolio.dayPnlPct} className="text-14 font-semibold" />
        </Fact>
        <Fact label="Unrealised">
          <Pnl value={portfolio.unrealisedPnl} />
        </Fact>
        <Fact label="Realised">
          <Pnl value={portfolio.realisedPnl} />
        </Fact>
        <Fact label="Cash">{formatAmount(portfolio.cash)}</Fact>
        <Fact label="Buying power">{formatAmount(portfolio.buyingPower)}</Fact>
        <Fact label="Gross exposure">{formatPct(portfolio.grossExposure)}</Fact>
        <Fact label="Drawdown">{formatPct(portfolio.drawdownPct)}</Fact>
      </dl>
    </section>
  );
}
