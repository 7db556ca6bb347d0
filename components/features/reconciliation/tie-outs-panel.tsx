'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMayOperate } from '@/components/shell/session';
import { TIE_OUT_KIND, TIE_OUT_STATUS } from '@/components/status/execution';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { TieOutRow } from '@/components/trpc/types';
import { StatusBadge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import { EmptyState, ErrorState } from '@/components/ui/states';
import { type ReconciliationView, TIE_OUT_FILTERS } from './view';

interface TieOutsPanelProps {
  readonly rows: readonly TieOutRow[] | undefined;
  readonly view: ReconciliationView;
  readonly onView: (view: Partial<ReconciliationView>) => void;
}

const COLUMNS: readonly Column<TieOutRow>[] = [
  {
    id: 'day',
    header: 'Trading day',
    width: 112,
    cell: (row) => (
      <Link href={`/reconciliation/tie-outs/${row.id}`} className="num text-primary hover:underline">
        {row.tradingDay}
      </Link>
    ),
  },
  { id: 'result', header: 'Result', width: 112, cell: (row) => <StatusBadge display={TIE_OUT_STATUS[row.status]} /> },
  { id: 'trigger', header: 'Trigger', width: 112, cell: (row) => TIE_OUT_KIND[row.kind] },
  { id: 'by', header: 'Requested by', width: 192, cell: (row) => row.requestedBy, title: (row) => row.requestedBy },
  {
    id: 'finished',
    header: 'Finished (ET)',
    width: 128,
    cell: (row) => (row.finishedAt === null ? null : <Moment iso={row.finishedAt} />),
  },
  {
    id: 'fault',
    header: 'Reason for failure',
    width: 288,
    className: 'text-muted',
    cell: (row) => row.fault,
    title: (row) => row.fault ?? undefined,
  },
];

/** Comparisons of both sides at the end of each day, and those requested by hand. */
export function TieOutsPanel({ rows, view, onView }: TieOutsPanelProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const may = useMayOperate();
  const request = useMutation(trpc.reconciliation.requestTieOut.mutationOptions());
  const refused = request.data !== undefined && !request.data.ok ? request.data.message : null;
  const problem = request.isError ? messageOf(request.error) : refused;
  const ask = async () => {
    await request.mutateAsync().catch(() => undefined);
    void client.invalidateQueries({ queryKey: [['reconciliation']] });
  };
  return (
    <Panel
      title="Tie-outs"
      testId="tie-outs"
      aside={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <SelectField
            label="Show"
            value={view.tieouts}
            options={TIE_OUT_FILTERS}
            onChange={(tieouts) => onView({ tieouts })}
          />
          <Button
            size="small"
            disabled={!may || request.isPending}
            title={may ? undefined : 'Needs the role operator'}
            onClick={() => void ask()}
            data-testid="tie-out-now"
          >
            {request.isPending ? 'Requesting…' : 'Tie out now'}
          </Button>
        </span>
      }
    >
      {problem !== null && <ErrorState message={problem} />}
      <Table
        label="Tie-outs"
        columns={COLUMNS}
        rows={rows}
        rowKey={(row) => row.id}
        rowProps={(row) => ({ 'data-testid': 'tie-out-row', 'data-status': row.status })}
        loadingRows={3}
        maxHeight="max-h-[420px]"
        testId="tie-outs-table"
        empty={
          <EmptyState title={view.tieouts === 'ALL' ? 'No tie-outs yet' : 'No matching tie-outs'}>
            A tie-out compares positions, cash, fees and open breaks on both sides at the end of each trading day.
          </EmptyState>
        }
      />
    </Panel>
  );
}
