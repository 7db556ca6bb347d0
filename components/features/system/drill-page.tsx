'use client';

import { useQuery } from '@tanstack/react-query';
import { prepareReport } from '@/components/features/report/prepare-report';
import { ReportView } from '@/components/features/report/report-view';
import { NONE } from '@/components/format/number';
import { DRILL_STATUS } from '@/components/status/execution';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { DrillDetail } from '@/components/trpc/types';
import { StatusBadge } from '@/components/ui/badge';
import { Moment } from '@/components/ui/moment';
import { Fact, PageHeader, Panel } from '@/components/ui/panel';
import { ErrorState } from '@/components/ui/states';
import { Trail } from '@/components/ui/trail';
import { formatCount, formatMs } from './drill-times';

const REFRESH_MS = 1_000;

/** One kill drill: its measurements and its stored record. */
export function DrillPage({ initial }: { readonly initial: DrillDetail }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.trading.drill.queryOptions(
      { id: initial.row.id },
      {
        initialData: initial,
        refetchInterval: (asked) => (asked.state.data?.row.finishedAt === null ? REFRESH_MS : false),
      },
    ),
  );
  const { row, report } = query.data;
  return (
    <>
      <Trail href="/system" title="System" id={row.id} />
      <PageHeader
        title={
          <span className="num flex flex-wrap items-center gap-2">
            Kill drill, {row.orders} orders in {row.symbol}
            <span data-testid="drill-status" data-status={row.status}>
              <StatusBadge display={DRILL_STATUS[row.status]} />
            </span>
          </span>
        }
      />
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      <div className="flex flex-col gap-3">
        <Measured detail={query.data} />
        <ReportView tables={prepareReport(report)} />
      </div>
    </>
  );
}

function Measured({ detail: { row } }: { readonly detail: DrillDetail }) {
  const moment = (iso: string | null) =>
    iso === null ? (
      NONE
    ) : (
      <>
        <Moment iso={iso} /> ET
      </>
    );
  return (
    <Panel title="Measured" testId="drill-measured">
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3 sm:grid-cols-4 xl:grid-cols-6">
        <Fact label="Open orders at halt">{formatCount(row.working)}</Fact>
        <Fact label="Acknowledged after">{formatMs(row.acknowledgedMs)}</Fact>
        <Fact label="Verified after">{formatMs(row.verifiedMs)}</Fact>
        <Fact label="Cancelled">{formatCount(row.cancelled)}</Fact>
        <Fact label="Filled">{formatCount(row.filled)}</Fact>
        <Fact label="Fills after the halt">{formatCount(row.fillsAfterHalt)}</Fact>
        <Fact label="Account">{row.environment}</Fact>
        <Fact label="Requested by">{row.requestedBy}</Fact>
        <Fact label="Requested">{moment(row.requestedAt)}</Fact>
        <Fact label="Started">{moment(row.startedAt)}</Fact>
        <Fact label="Finished">{moment(row.finishedAt)}</Fact>
      </dl>
      {row.fault !== null && (
        <p className="border-t border-border bg-danger-bg px-3 py-2 text-danger">Failed: {row.fault}</p>
      )}
    </Panel>
  );
}
