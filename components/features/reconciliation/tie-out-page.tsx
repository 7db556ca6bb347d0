'use client';

import { useQuery } from '@tanstack/react-query';
import { prepareReport, reportRows } from '@/components/features/report/prepare-report';
import { ReportView } from '@/components/features/report/report-view';
import { NONE } from '@/components/format/number';
import { TIE_OUT_KIND, TIE_OUT_STATUS } from '@/components/status/execution';
import { downloadText } from '@/components/table/download';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { TieOutDetail } from '@/components/trpc/types';
import { StatusBadge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Moment } from '@/components/ui/moment';
import { Fact, PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState, ErrorState } from '@/components/ui/states';
import { Trail } from '@/components/ui/trail';
import { toCsv } from '@/server/kernel/csv';

const REFRESH_MS = 2_000;

/** One stored comparison of both sides. */
export function TieOutPage({ initial }: { readonly initial: TieOutDetail }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.reconciliation.tieOut.queryOptions(
      { id: initial.row.id },
      {
        initialData: initial,
        refetchInterval: (asked) => (asked.state.data?.row.status === 'WAITING' ? REFRESH_MS : false),
      },
    ),
  );
  const { row, report } = query.data;
  const tables = prepareReport(report);
  const saveCsv = () => {
    const [header = [], ...rest] = reportRows(tables);
    downloadText(`tie-out-${row.tradingDay}.csv`, toCsv(header, rest));
  };
  return (
    <>
      <Trail href="/reconciliation" title="Reconciliation" id={row.id} />
      <PageHeader
        title={
          <span className="num flex flex-wrap items-center gap-2">
            Tie-out of {row.tradingDay}
            <span data-testid="tie-out-status" data-status={row.status}>
              <StatusBadge display={TIE_OUT_STATUS[row.status]} />
            </span>
          </span>
        }
        aside={
          <Button disabled={tables.length === 0} onClick={saveCsv} data-testid="tie-out-csv">
            CSV
          </Button>
        }
      />
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      <div className="flex flex-col gap-3">
        <Panel title="Comparison">
          <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3 sm:grid-cols-4">
            <Fact label="Trigger">{TIE_OUT_KIND[row.kind]}</Fact>
            <Fact label="Requested by">{row.requestedBy}</Fact>
            <Fact label="Requested">
              <Moment iso={row.createdAt} /> ET
            </Fact>
            <Fact label="Finished">
              {row.finishedAt === null ? (
                NONE
              ) : (
                <>
                  <Moment iso={row.finishedAt} /> ET
                </>
              )}
            </Fact>
          </dl>
          {row.fault !== null && (
            <p className="border-t border-border bg-danger-bg px-3 py-2 text-danger">Failed: {row.fault}</p>
          )}
        </Panel>
        {tables.length === 0 ? (
          <Panel title="Report">
            <EmptyState title={row.status === 'WAITING' ? 'Comparison in progress' : 'No report'}>
              {row.status === 'WAITING'
                ? 'The report appears here when it is done.'
                : 'The comparison failed before it compared anything.'}
            </EmptyState>
          </Panel>
        ) : (
          <ReportView tables={tables} />
        )}
      </div>
    </>
  );
}
