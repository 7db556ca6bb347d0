'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSession } from '@/components/shell/session';
import { useStatus } from '@/components/shell/use-status';
import { DRILL_STATUS } from '@/components/status/execution';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { DrillRow } from '@/components/trpc/types';
import { StatusBadge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { lazyDialog } from '@/components/ui/lazy-dialog';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import { EmptyState, ErrorState } from '@/components/ui/states';
import { formatCount, formatMs } from './drill-times';

const DrillDialog = lazyDialog(async () => (await import('./drill-dialog')).DrillDialog);

const REFRESH_MS = 1_000;

const isRunning = (row: DrillRow) => row.finishedAt === null;

const COLUMNS: readonly Column<DrillRow>[] = [
  {
    id: 'requested',
    header: 'Requested (ET)',
    width: 128,
    cell: (row) => (
      <Link href={`/system/drills/${row.id}`} className="text-primary hover:underline">
        <Moment iso={row.requestedAt} />
      </Link>
    ),
  },
  { id: 'result', header: 'Result', width: 112, cell: (row) => <StatusBadge display={DRILL_STATUS[row.status]} /> },
  {
    id: 'symbol',
    header: 'Symbol',
    width: 112,
    className: 'font-semibold',
    cell: (row) => (
      <>
        {row.symbol} <span className="font-normal text-muted">{row.environment}</span>
      </>
    ),
  },
  {
    id: 'working',
    header: 'Open orders',
    width: 104,
    figure: true,
    cell: (row) => (
      <>
        {formatCount(row.working)} <span className="text-muted">of {row.orders}</span>
      </>
    ),
  },
  { id: 'acknowledged', header: 'Acknowledged', width: 112, figure: true, cell: (row) => formatMs(row.acknowledgedMs) },
  { id: 'verified', header: 'Verified', width: 96, figure: true, cell: (row) => formatMs(row.verifiedMs) },
  { id: 'cancelled', header: 'Cancelled', width: 88, figure: true, cell: (row) => formatCount(row.cancelled) },
  { id: 'filled', header: 'Filled', width: 72, figure: true, cell: (row) => formatCount(row.filled) },
  {
    id: 'after',
    header: 'Fills after halt',
    width: 112,
    figure: true,
    className: (row) => ((row.fillsAfterHalt ?? 0) > 0 ? 'font-semibold text-danger' : undefined),
    cell: (row) => formatCount(row.fillsAfterHalt),
  },
  { id: 'by', header: 'Requested by', width: 176, cell: (row) => row.requestedBy, title: (row) => row.requestedBy },
];

/** Kill drills with their measurements, and the button that starts one. */
export function DrillsPanel({ initial }: { readonly initial: readonly DrillRow[] }) {
  const trpc = useTRPC();
  const [starting, setStarting] = useState(false);
  const query = useQuery(
    trpc.trading.drills.queryOptions(
      {},
      {
        initialData: [...initial],
        // A finished drill does not change any more.
        refetchInterval: (asked) => (asked.state.data?.some(isRunning) === true ? REFRESH_MS : false),
      },
    ),
  );
  const rows = query.data;
  return (
    <Panel
      title="Kill drills"
      testId="drills"
      className="xl:col-span-2"
      aside={<StartButton running={rows.some(isRunning)} onStart={() => setStarting(true)} />}
    >
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      <Table
        label="Kill drills"
        columns={COLUMNS}
        rows={rows}
        rowKey={(row) => row.id}
        rowProps={(row) => ({ 'data-testid': 'drill-row', 'data-status': row.status })}
        maxHeight="max-h-[420px]"
        testId="drills-table"
        empty={
          <EmptyState title="No kill drills yet">
            A drill places orders far from the market, halts, and measures the time until no order is open any more.
          </EmptyState>
        }
      />
      <DrillDialog open={starting} onClose={() => setStarting(false)} />
    </Panel>
  );
}

/** Why a drill cannot start now; null when it can. */
function useObstacle(running: boolean): string | null {
  const { status } = useStatus();
  const { role } = useSession();
  if (role !== 'ADMIN') return 'Needs the role administrator';
  if (running) return 'A drill is running';
  if (status.environment === 'LIVE') return 'Never on a live account';
  return status.trading.state === 'ACTIVE' ? null : 'Trading must be active';
}

function StartButton({ running, onStart }: { readonly running: boolean; readonly onStart: () => void }) {
  const obstacle = useObstacle(running);
  return (
    <span className="flex flex-wrap items-center gap-2">
      {obstacle !== null && <span className="text-12 text-muted">{obstacle}</span>}
      <Button size="small" disabled={obstacle !== null} onClick={onStart} data-testid="start-drill">
        Start a drill…
      </Button>
    </span>
  );
}
