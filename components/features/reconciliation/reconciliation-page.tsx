'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { BreakRow, Reconciliation, RouterOutputs, TieOutRow } from '@/components/trpc/types';
import { PageHeader, Panel } from '@/components/ui/panel';
import { ErrorState, LoadingRows } from '@/components/ui/states';
import { useLoaded } from '@/components/ui/use-loaded';
import { BreaksPanel } from './breaks-panel';
import { RoundPanel } from './round-panel';
import { breaksInput, type ReconciliationView, readView, tieOutsInput, writeView } from './view';

const REFRESH_MS = 5_000;

const loadResolver = () => import('./resolve-dialog');
const loadOpenings = () => import('./openings-panel');
const loadLower = () => import('./lower-panels');

interface ReconciliationPageProps {
  readonly initial: Reconciliation;
  readonly breaks: RouterOutputs['reconciliation']['breaks'];
  readonly tieOuts: readonly TieOutRow[];
  /** The view that the lists answer. */
  readonly initialView: ReconciliationView;
}

/** Our books beside the broker's. The lists' view is the page's address. */
export function ReconciliationPage({ initial, breaks, tieOuts, initialView }: ReconciliationPageProps) {
  const trpc = useTRPC();
  const view = readView(new URLSearchParams(useSearchParams()));
  const same = writeView(view) === writeView(initialView);
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
  // The break itself: the dialog stays whole while the list behind it is read anew.
  const [chosen, setChosen] = useState<BreakRow | null>(null);
  const resolver = useLoaded(loadResolver);
  const openings = useLoaded(loadOpenings);
  const lower = useLoaded(loadLower);
  const show = (next: ReconciliationView) => window.history.replaceState(null, '', writeView(next));
  const failed = [query, breakList, tieOutList].find((each) => each.isError);
  return (
    <>
      <PageHeader title="Reconciliation" />
      {failed !== undefined && <ErrorState message={messageOf(failed.error)} onRetry={() => void failed.refetch()} />}
      <div className="flex flex-col gap-3">
        <RoundPanel reconciliation={query.data} />
        {openings !== null && <openings.OpeningsPanel reconciliation={query.data} />}
        {openings === null && query.data.openings.length > 0 && (
          <Panel title="Opening balances">
            <LoadingRows rows={9} />
          </Panel>
        )}
        <BreaksPanel list={breakList.data} view={view} onView={show} onResolve={setChosen} />
        {lower === null ? (
          <LoadingRows rows={8} />
        ) : (
          <lower.LowerPanels reconciliation={query.data} tieOuts={tieOutList.data} view={view} onView={show} />
        )}
      </div>
      {resolver !== null && <resolver.ResolveDialog chosen={chosen} onClose={() => setChosen(null)} />}
    </>
  );
}
