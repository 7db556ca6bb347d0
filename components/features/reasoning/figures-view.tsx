'use client';

import { type ReactNode, useState } from 'react';
import { prepareReasoning, type ReasoningSlot } from '@/components/charts/prepare-reasoning';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { Button } from '@/components/ui/button';
import { Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';
import { useLoaded } from '@/components/ui/use-loaded';
import type { ReasoningOverview } from '@/server/contracts/console/reasoning';

/** Recharts is as large as the rest of the page, so it is loaded after the first paint. */
const loadCharts = () => import('@/components/charts/reasoning-charts');

/** Cost, latency and failures over the range, as charts or as a table. */
export function FiguresView({ overview }: { readonly overview: ReasoningOverview }) {
  const [asTable, setAsTable] = useState(false);
  const slots = prepareReasoning(overview);
  const charts = useLoaded(loadCharts);
  const empty = overview.points.length === 0;
  return (
    <Panel
      title="Cost, time and failures"
      testId="reasoning-charts"
      aside={
        <Button
          size="small"
          disabled={empty}
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
          data-testid="reasoning-table-toggle"
        >
          {asTable ? 'Charts' : 'Table'}
        </Button>
      }
    >
      {empty && (
        <EmptyState title="No memos in this range">A memo is requested for each signal of a strategy.</EmptyState>
      )}
      {!empty && asTable && <SlotTable slots={slots} />}
      {!empty && !asTable && (
        <div className="grid gap-3 p-2 lg:grid-cols-3">
          <Chart title="Cost">{charts !== null && <charts.CostChart slots={slots} />}</Chart>
          <Chart title="Latency">{charts !== null && <charts.LatencyChart slots={slots} />}</Chart>
          <Chart title="Outcomes">{charts !== null && <charts.OutcomeChart slots={slots} />}</Chart>
        </div>
      )}
    </Panel>
  );
}

function Chart({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0">
      <h3 className="px-1 text-12 font-medium text-muted">{title}</h3>
      <figure aria-label={`${title}; the Table button shows the figures`} className="h-44">
        {children}
      </figure>
    </div>
  );
}

const COLUMNS: readonly Column<ReasoningSlot>[] = [
  { id: 'from', header: 'From (ET)', width: 120, cell: ({ atMs }) => <Moment iso={new Date(atMs).toISOString()} /> },
  { id: 'memos', header: 'Memos', width: 72, figure: true, cell: ({ ok }) => ok },
  { id: 'failed', header: 'Failed', width: 72, figure: true, cell: ({ failed }) => failed },
  { id: 'disabled', header: 'Not requested', width: 104, figure: true, cell: ({ disabled }) => disabled },
  { id: 'tokens', header: 'Tokens', width: 96, figure: true, cell: ({ tokens }) => tokens.toLocaleString('en-US') },
  { id: 'cost', header: 'Cost, $', width: 88, figure: true, cell: ({ cost }) => cost.toFixed(4) },
  { id: 'p50', header: 'Median, s', width: 88, figure: true, cell: ({ p50 }) => p50?.toFixed(2) },
  { id: 'p95', header: 'p95, s', width: 88, figure: true, cell: ({ p95 }) => p95?.toFixed(2) },
];

function SlotTable({ slots }: { readonly slots: readonly ReasoningSlot[] }) {
  return (
    <Table
      label="Cost, time and failures"
      columns={COLUMNS}
      rows={slots.filter(({ ok, failed, disabled }) => ok + failed + disabled > 0).toReversed()}
      rowKey={({ atMs }) => String(atMs)}
      maxHeight="max-h-80"
    />
  );
}
