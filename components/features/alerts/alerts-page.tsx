'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { downloadText, toCsv } from '@/components/table/csv';
import { NONE } from '@/components/format/number';
import { formatDuration } from '@/components/format/time';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { AlertRow, RouterOutputs } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { Ago, Moment } from '@/components/ui/moment';
import { PageHeader, Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState, ErrorState, LoadingRows } from '@/components/ui/states';
import { kindLabel } from './kinds';
import { ALERT_STATES, type AlertsView, readView, writeView } from './view';

interface AlertsPageProps {
  readonly initial: RouterOutputs['system']['alerts'];
  /** The view that `initial` answers. */
  readonly initialView: AlertsView;
}

/** What the machine wanted a person to look at, and until when. An alert ends when its cause does. */
export function AlertsPage({ initial, initialView }: AlertsPageProps) {
  const trpc = useTRPC();
  const view = readView(new URLSearchParams(useSearchParams()));
  const query = useQuery(
    trpc.system.alerts.queryOptions(view, {
      placeholderData: keepPreviousData,
      ...(view.state === initialView.state ? { initialData: initial } : {}),
    }),
  );
  const rows = query.data?.rows ?? [];
  return (
    <>
      <PageHeader title="Alerts" />
      <Panel
        title={ALERT_STATES[view.state]}
        testId="alerts"
        aside={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="num text-12 text-muted">
              {rows.length < (query.data?.total ?? 0) ? `${rows.length} of ${query.data?.total}` : rows.length}
            </span>
            <SelectField
              label="Show"
              value={view.state}
              options={ALERT_STATES}
              onChange={(state) => window.history.replaceState(null, '', writeView({ state }))}
            />
            <Button size="small" disabled={rows.length === 0} onClick={() => downloadText('alerts.csv', csvOf(rows))}>
              CSV
            </Button>
          </span>
        }
      >
        {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
        {query.isPending && <LoadingRows />}
        {query.data !== undefined && rows.length === 0 && (
          <EmptyState title={view.state === 'open' ? 'No alert is open' : 'No alert yet'}>
            A broker that does not answer, a worker that stops, or reconciliation that fails is told of here.
          </EmptyState>
        )}
        {rows.length > 0 && <AlertsTable rows={rows} />}
      </Panel>
    </>
  );
}

function AlertsTable({ rows }: { readonly rows: readonly AlertRow[] }) {
  return (
    <ScrollBox label="Alerts" className="max-h-[calc(100dvh-196px)]">
      <table className="table" data-testid="alerts-table">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Kind</th>
            <th scope="col" className="hidden sm:table-cell">
              What
            </th>
            <th scope="col" className="hidden sm:table-cell">
              About
            </th>
            <th scope="col">Since (ET)</th>
            <th scope="col" className="right">
              Lasted
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} data-testid="alert-row">
              <td>{row.resolvedAt === null ? <Badge tone="danger">! open</Badge> : <Badge>✓ over</Badge>}</td>
              <td className="font-medium max-sm:whitespace-normal!">
                {kindLabel(row.kind)}
                <span className="mb-1 block text-12 font-normal break-words text-muted sm:hidden">
                  {row.message} ({row.subject})
                </span>
              </td>
              <td className="hidden min-w-60 whitespace-normal! sm:table-cell">{row.message}</td>
              <td className="hidden sm:table-cell">{row.subject}</td>
              <td>
                <Moment iso={row.openedAt} />
              </td>
              <td className="num right">
                {row.resolvedAt === null ? <Ago iso={row.openedAt} suffix="" /> : lasted(row.openedAt, row.resolvedAt)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function lasted(from: string, to: string): string {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1_000;
  return Number.isFinite(seconds) ? formatDuration(seconds) : NONE;
}

function csvOf(rows: readonly AlertRow[]): string {
  return toCsv(
    ['id', 'kind', 'subject', 'message', 'opened_at', 'resolved_at'],
    rows.map((row) => [row.id, row.kind, row.subject, row.message, row.openedAt, row.resolvedAt ?? '']),
  );
}
