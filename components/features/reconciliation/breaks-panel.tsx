'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { NONE } from '@/components/format/number';
import { useMayOperate } from '@/components/shell/session';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { CsvButton, RowCount, SymbolFilter, Toolbar } from '@/components/table/toolbar';
import { useTRPC } from '@/components/trpc/client';
import type { BreakRow, RouterOutputs } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { ShortId } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { Ago, Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';
import { causeLabel, symbolLabel } from './causes';
import { prepareSides } from './prepare-sides';
import { BREAK_STATES, breaksInput, type ReconciliationView } from './view';

const CSV_ROWS = 5_000;

/** The first figure that differs, else the first figure; the break's own page shows all. */
function headline(row: BreakRow): readonly [ours: string, theirs: string] {
  const sides = prepareSides(row.ours, row.theirs);
  const first = sides.find((side) => side.differs) ?? sides[0];
  return first === undefined ? [NONE, NONE] : [first.ours, first.theirs];
}

const COLUMNS: readonly Column<BreakRow>[] = [
  {
    id: 'symbol',
    header: 'Symbol',
    width: 96,
    className: 'font-semibold',
    cell: (row) => symbolLabel(row.symbol),
    csv: { id: (row) => row.id, symbol: (row) => row.symbol },
  },
  {
    id: 'cause',
    header: 'Cause',
    width: 176,
    cell: (row) => (
      <Link href={`/reconciliation/breaks/${row.id}`} className="text-primary hover:underline">
        {causeLabel(row.cause)}
      </Link>
    ),
    csv: { cause: (row) => row.cause },
  },
  {
    id: 'ours',
    header: 'Ours',
    width: 160,
    figure: true,
    cell: (row) => headline(row)[0],
    title: (row) => headline(row)[0],
    csv: { ours: (row) => JSON.stringify(row.ours) },
  },
  {
    id: 'theirs',
    header: 'Broker',
    width: 160,
    figure: true,
    cell: (row) => headline(row)[1],
    title: (row) => headline(row)[1],
    csv: { theirs: (row) => JSON.stringify(row.theirs) },
  },
  {
    id: 'age',
    header: 'Age',
    width: 264,
    cell: (row) =>
      row.resolvedAt === null ? (
        <Ago iso={row.openedAt} suffix="" />
      ) : (
        <span className="text-muted">
          <Badge>resolved</Badge> <Moment iso={row.resolvedAt} /> by {row.resolvedBy ?? NONE}
        </span>
      ),
    csv: {
      opened_at: (row) => row.openedAt,
      resolved_at: (row) => row.resolvedAt,
      resolved_by: (row) => row.resolvedBy,
      reason: (row) => row.reason,
    },
  },
  {
    id: 'order',
    header: 'Order',
    width: 96,
    cell: (row) =>
      row.orderId === null ? null : (
        <Link href={`/orders/${row.orderId}`} className="text-primary hover:underline">
          <ShortId id={row.orderId} />
        </Link>
      ),
    csv: { order_id: (row) => row.orderId },
  },
];

interface BreaksPanelProps {
  readonly list: RouterOutputs['reconciliation']['breaks'] | undefined;
  readonly view: ReconciliationView;
  readonly onView: (view: Partial<ReconciliationView>) => void;
  readonly onResolve: (row: BreakRow) => void;
}

/** Differences that reconciliation could not explain, by age, for a person to resolve. */
export function BreaksPanel({ list, view, onView, onResolve }: BreaksPanelProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const may = useMayOperate();
  const columns = useMemo<readonly Column<BreakRow>[]>(
    () => [
      ...COLUMNS,
      {
        id: 'actions',
        header: 'Actions',
        headerHidden: true,
        width: 112,
        align: 'right',
        cell: (row) =>
          row.resolvedAt === null ? (
            <Button
              size="small"
              disabled={!may}
              title={may ? undefined : 'Needs the role operator'}
              onClick={() => onResolve(row)}
              data-testid={`resolve-${row.id}`}
            >
              Resolve…
            </Button>
          ) : (
            <span />
          ),
      },
    ],
    [may, onResolve],
  );
  const loadAll = async () => {
    const input = { ...breaksInput(view), limit: CSV_ROWS };
    return (await client.fetchQuery(trpc.reconciliation.breaks.queryOptions(input, { staleTime: 0 }))).rows;
  };
  const total = list?.total ?? 0;
  return (
    <Panel
      title="Breaks"
      testId="breaks"
      aside={
        <Toolbar>
          <RowCount shown={list?.rows.length ?? 0} total={total} />
          <SelectField
            label="Show"
            value={view.breaks}
            options={BREAK_STATES}
            onChange={(breaks) => onView({ breaks })}
          />
          <SymbolFilter value={view.symbol} onChange={(symbol) => onView({ symbol })} testId="filter-break-symbol" />
          <CsvButton name="breaks" columns={COLUMNS} load={loadAll} disabled={total === 0} />
        </Toolbar>
      }
    >
      <Table
        label="Breaks"
        columns={columns}
        rows={list?.rows}
        rowKey={(row) => row.id}
        rowProps={(row) => ({ 'data-testid': 'break-row', 'data-break-id': row.id })}
        loadingRows={3}
        maxHeight="max-h-[480px]"
        testId="breaks-table"
        empty={<NoBreaks view={view} />}
      />
    </Panel>
  );
}

function NoBreaks({ view }: { readonly view: ReconciliationView }) {
  if (view.symbol !== '') return <EmptyState title="No matching breaks">Change the filter to see others.</EmptyState>;
  if (view.breaks === 'open') {
    return <EmptyState title="No open breaks">Our orders, fills and positions match the broker's.</EmptyState>;
  }
  return <EmptyState title="No breaks yet">Both sides have always agreed.</EmptyState>;
}
