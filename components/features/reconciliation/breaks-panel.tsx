'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { NONE } from '@/components/format/number';
import { useMayOperate } from '@/components/shell/session';
import { useTRPC } from '@/components/trpc/client';
import type { BreakRow, RouterOutputs } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { ShortId } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { Ago, Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState, LoadingRows } from '@/components/ui/states';
import { causeLabel, symbolLabel } from './causes';
import { prepareSides } from './prepare-sides';
import { BREAK_STATES, breaksInput, type ReconciliationView } from './view';

const CSV_ROWS = 5_000;

interface BreaksPanelProps {
  readonly list: RouterOutputs['reconciliation']['breaks'] | undefined;
  readonly view: ReconciliationView;
  readonly onView: (view: ReconciliationView) => void;
  readonly onResolve: (row: BreakRow) => void;
}

/** What the reconciliation could not explain, by age; each to be answered for by a person. */
export function BreaksPanel({ list, view, onView, onResolve }: BreaksPanelProps) {
  return (
    <Panel
      title="Breaks"
      testId="breaks"
      aside={<Toolbar view={view} onView={onView} shown={list?.rows.length ?? 0} total={list?.total ?? 0} />}
    >
      {list === undefined && <LoadingRows rows={3} />}
      {list !== undefined && list.rows.length === 0 && <NoBreak view={view} />}
      {list !== undefined && list.rows.length > 0 && (
        <ScrollBox label="Breaks" className="max-h-[480px]">
          <table className="table" data-testid="breaks-table">
            <thead>
              <tr>
                <th scope="col">Symbol</th>
                <th scope="col">Cause</th>
                <th scope="col" className="right">
                  Ours
                </th>
                <th scope="col" className="right">
                  Broker's
                </th>
                <th scope="col">Open for</th>
                <th scope="col">Order</th>
                <th scope="col">
                  <span className="sr-only">Act</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.rows.map((row) => (
                <BreakLine key={row.id} row={row} onResolve={() => onResolve(row)} />
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </Panel>
  );
}

function NoBreak({ view }: { readonly view: ReconciliationView }) {
  if (view.symbol !== '') return <EmptyState title="No break matches">Change the filter to see others.</EmptyState>;
  if (view.state === 'open')
    return <EmptyState title="The books agree">Our orders, fills and positions are the broker's.</EmptyState>;
  return <EmptyState title="There has been no break">Both sides have always agreed.</EmptyState>;
}

/** The first figure that differs, or the first there is: the whole is one click away. */
function headline(row: BreakRow): readonly [string, string] {
  const sides = prepareSides(row.ours, row.theirs);
  const first = sides.find((side) => side.differs) ?? sides[0];
  return first === undefined ? [NONE, NONE] : [first.ours, first.theirs];
}

function BreakLine({ row, onResolve }: { readonly row: BreakRow; readonly onResolve: () => void }) {
  const may = useMayOperate();
  const [ours, theirs] = headline(row);
  return (
    <tr data-testid="break-row" data-break-id={row.id}>
      <td className="font-semibold">{symbolLabel(row.symbol)}</td>
      <td>
        <Link href={`/reconciliation/breaks/${row.id}`} className="text-primary hover:underline">
          {causeLabel(row.cause)}
        </Link>
      </td>
      <td className="num right max-w-48 truncate" title={ours}>
        {ours}
      </td>
      <td className="num right max-w-48 truncate" title={theirs}>
        {theirs}
      </td>
      <td>
        {row.resolvedAt === null ? (
          <Ago iso={row.openedAt} suffix="" />
        ) : (
          <span className="text-muted">
            <Badge>resolved</Badge> <Moment iso={row.resolvedAt} /> by {row.resolvedBy ?? NONE}
          </span>
        )}
      </td>
      <td>
        {row.orderId === null ? (
          NONE
        ) : (
          <Link href={`/orders/${row.orderId}`} className="text-primary hover:underline">
            <ShortId id={row.orderId} />
          </Link>
        )}
      </td>
      <td className="right">
        {row.resolvedAt === null && (
          <Button
            size="small"
            disabled={!may}
            title={may ? undefined : 'Needs the role operator'}
            onClick={onResolve}
            data-testid={`resolve-${row.id}`}
          >
            Resolve…
          </Button>
        )}
      </td>
    </tr>
  );
}

interface ToolbarProps {
  readonly view: ReconciliationView;
  readonly onView: (view: ReconciliationView) => void;
  readonly shown: number;
  readonly total: number;
}

function Toolbar({ view, onView, shown, total }: ToolbarProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [saving, setSaving] = useState(false);
  const saveCsv = async () => {
    setSaving(true);
    try {
      const input = { ...breaksInput(view), limit: CSV_ROWS };
      const all = await client.fetchQuery(trpc.reconciliation.breaks.queryOptions(input, { staleTime: 0 }));
      const { breaksCsv, downloadText } = await import('./breaks-csv');
      downloadText('breaks.csv', breaksCsv(all.rows));
    } finally {
      setSaving(false);
    }
  };
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="num text-12 text-muted">{shown < total ? `${shown} of ${total}` : `${total}`}</span>
      <SelectField
        label="Show"
        value={view.state}
        options={BREAK_STATES}
        onChange={(state) => onView({ ...view, state })}
      />
      <label className="inline-flex items-center gap-1.5 text-12 text-muted">
        Symbol
        <input
          value={view.symbol}
          maxLength={12}
          onChange={(event) => onView({ ...view, symbol: event.target.value.toUpperCase() })}
          className="h-7 w-20 rounded-sm border border-control bg-surface px-1.5 text-12 text-text"
          data-testid="filter-break-symbol"
        />
      </label>
      <Button size="small" disabled={saving || total === 0} onClick={() => void saveCsv()}>
        {saving ? 'Saving…' : 'CSV'}
      </Button>
    </span>
  );
}
