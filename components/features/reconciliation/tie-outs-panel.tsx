'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { NONE } from '@/components/format/number';
import { useMayOperate } from '@/components/shell/session';
import { TIE_OUT_KIND, TIE_OUT_STATUS } from '@/components/status/execution';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { TieOutRow } from '@/components/trpc/types';
import { StatusBadge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState, ErrorState, LoadingRows } from '@/components/ui/states';
import { type ReconciliationView, TIE_OUT_FILTERS } from './view';

interface TieOutsPanelProps {
  readonly rows: readonly TieOutRow[] | undefined;
  readonly view: ReconciliationView;
  readonly onView: (view: ReconciliationView) => void;
}

/** The end of each day, compared on both sides and kept; and the same whenever somebody asks. */
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
            value={view.tieOuts}
            options={TIE_OUT_FILTERS}
            onChange={(tieOuts) => onView({ ...view, tieOuts })}
          />
          <Button
            size="small"
            disabled={!may || request.isPending}
            title={may ? undefined : 'Needs the role operator'}
            onClick={() => void ask()}
            data-testid="tie-out-now"
          >
            {request.isPending ? 'Asking…' : 'Tie out now'}
          </Button>
        </span>
      }
    >
      {problem !== null && <ErrorState message={problem} />}
      {rows === undefined && <LoadingRows rows={3} />}
      {rows !== undefined && rows.length === 0 && (
        <EmptyState title={view.tieOuts === 'ALL' ? 'No tie-out yet' : 'No tie-out matches'}>
          One is made at the end of each trading day: positions, cash, fees and open breaks on both sides.
        </EmptyState>
      )}
      {rows !== undefined && rows.length > 0 && <TieOutTable rows={rows} />}
    </Panel>
  );
}

function TieOutTable({ rows }: { readonly rows: readonly TieOutRow[] }) {
  return (
    <ScrollBox label="Tie-outs" className="max-h-[420px]">
      <table className="table" data-testid="tie-outs-table">
        <thead>
          <tr>
            <th scope="col">Trading day</th>
            <th scope="col">Result</th>
            <th scope="col">Made</th>
            <th scope="col">By</th>
            <th scope="col">Finished (ET)</th>
            <th scope="col">Why it failed</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} data-testid="tie-out-row" data-status={row.status}>
              <td>
                <Link href={`/reconciliation/tie-outs/${row.id}`} className="num text-primary hover:underline">
                  {row.tradingDay}
                </Link>
              </td>
              <td>
                <StatusBadge display={TIE_OUT_STATUS[row.status]} />
              </td>
              <td>{TIE_OUT_KIND[row.kind]}</td>
              <td>{row.requestedBy}</td>
              <td>{row.finishedAt === null ? NONE : <Moment iso={row.finishedAt} />}</td>
              <td className="max-w-72 truncate text-muted" title={row.fault ?? undefined}>
                {row.fault ?? NONE}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
