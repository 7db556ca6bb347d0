'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useQueryStates } from 'nuqs';
import { useState } from 'react';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { BreakRow, Reconciliation, RouterOutputs, TieOutRow } from '@/components/trpc/types';
import { lazyDialog } from '@/components/ui/lazy-dialog';
import { PageHeader } from '@/components/ui/panel';
import { ErrorState } from '@/components/ui/states';
import { sameView } from '@/components/url-state';
import { BreaksPanel } from './breaks-panel';
import { HeldPanel } from './held-panel';
import { OpeningsPanel } from './openings-panel';
import { OrderLinesPanel } from './order-lines-panel';
import { RoundPanel } from './round-panel';
import { TieOutsPanel } from './tie-outs-panel';
import { breaksInput, type ReconciliationView, reconciliationParams, tieOutsInput } from './view';

const ResolveDialog = lazyDialog(async () => (await import('./resolve-dialog')).ResolveDialog);

const REFRESH_MS = 5_000;

interface ReconciliationPageProps {
  readonly initial: Reconciliation;
  readonly breaks: RouterOutputs['reconciliation']['breaks'];
  readonly tieOuts: readonly TieOutRow[];
  /** The view that the lists answer. */
  readonly initialView: ReconciliationView;
}

/** Our books next to the broker's. The address holds the view of the lists. */
export function ReconciliationPage({ initial, breaks, tieOuts, initialView }: ReconciliationPageProps) {
  const trpc = useTRPC();
  const [view, setView] = useQueryStates(reconciliationParams);
  const same = sameView(view, initialView);
  const query = useQuery(
    trpc.reconciliation.get.queryOptions(undefined, { initialData: initial, refetchInterval: REFRESH_MS }),
  );
  const breakList = useQuery(
    trpc.reconciliation.breaks.queryOptions(breaksInput(view), {
      placeholderData: keepPreviousData,
      ...(same ? { initialData: breaks } : {}),
    }),
  );
  const tieOutList = useQuery(
    trpc.reconciliation.tieOuts.queryOptions(tieOutsInput(view), {
      placeholderData: keepPreviousData,
      refetchInterval: REFRESH_MS,
      ...(same ? { initialData: [...tieOuts] } : {}),
    }),
  );
  // The row itself, so that the dialog keeps it when the list behind it is refetched.
  const [chosen, setChosen] = useState<BreakRow | null>(null);
  const show = (next: Partial<ReconciliationView>) => void setView(next);
  const failed = [query, breakList, tieOutList].find((each) => each.isError);
  return (
    <>
      <PageHeader title="Reconciliation" />
      {failed !== undefined && <ErrorState message={messageOf(failed.error)} onRetry={() => void failed.refetch()} />}
      <div className="flex flex-col gap-3">
        <RoundPanel reconciliation={query.data} />
        <OpeningsPanel reconciliation={query.data} />
        <BreaksPanel list={breakList.data} view={view} onView={show} onResolve={setChosen} />
        <div className="grid items-start gap-3 2xl:grid-cols-2">
          <HeldPanel reconciliation={query.data} />
          <OrderLinesPanel reconciliation={query.data} />
        </div>
        <TieOutsPanel rows={tieOutList.data} view={view} onView={show} />
      </div>
      <ResolveDialog chosen={chosen} onClose={() => setChosen(null)} />
    </>
  );
}
