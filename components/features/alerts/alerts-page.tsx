'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useQueryStates } from 'nuqs';
import { NONE } from '@/components/format/number';
import { formatDuration } from '@/components/format/time';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { CsvButton, RowCount, Toolbar } from '@/components/table/toolbar';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { AlertRow, RouterOutputs } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { SelectField } from '@/components/ui/field';
import { Ago, Moment } from '@/components/ui/moment';
import { PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';
import { alertInfo } from '@/server/contracts/alerts';
import { Acknowledge } from './acknowledge';
import { kindLabel } from './kinds';
import { ALERT_STATES, type AlertsView, alertsParams } from './view';

const COLUMNS: readonly Column<AlertRow>[] = [
  {
    id: 'state',
    header: 'State',
    width: 128,
    cell: (row) => <AlertState row={row} />,
    csv: { id: (row) => row.id },
  },
  {
    id: 'kind',
    header: 'Alert',
    width: 176,
    className: 'font-medium max-sm:whitespace-normal!',
    cell: (row) => (
      <>
        {kindLabel(row.kind)}
        <span className="mb-1 block text-12 font-normal break-words text-muted sm:hidden">
          {row.message} ({row.subject})
        </span>
      </>
    ),
    csv: { kind: (row) => row.kind, subject: (row) => row.subject },
  },
  {
    id: 'message',
    header: 'Message',
    width: 320,
    hideOnPhone: true,
    wrap: true,
    cell: (row) => (
      <>
        {row.message}
        {row.resolvedAt === null && <span className="block text-12 text-muted">{alertInfo(row.kind).action}</span>}
      </>
    ),
    csv: {
      message: (row) => row.message,
      severity: (row) => alertInfo(row.kind).severity,
      action: (row) => alertInfo(row.kind).action,
    },
  },
  { id: 'subject', header: 'Subject', width: 128, hideOnPhone: true, cell: (row) => row.subject },
  {
    id: 'since',
    header: 'Since (ET)',
    width: 120,
    cell: (row) => <Moment iso={row.openedAt} />,
    csv: { opened_at: (row) => row.openedAt, resolved_at: (row) => row.resolvedAt },
  },
  {
    id: 'lasted',
    header: 'Duration',
    width: 88,
    figure: true,
    cell: (row) =>
      row.resolvedAt === null ? <Ago iso={row.openedAt} suffix="" /> : durationText(row.openedAt, row.resolvedAt),
  },
  {
    id: 'acknowledged',
    header: 'Acknowledged',
    width: 152,
    cell: (row) => <Acknowledge row={row} />,
    title: (row) => row.acknowledgedBy ?? undefined,
    csv: { acknowledged_at: (row) => row.acknowledgedAt, acknowledged_by: (row) => row.acknowledgedBy },
  },
];

function AlertState({ row }: { readonly row: AlertRow }) {
  if (row.resolvedAt !== null) return <Badge>✓ resolved</Badge>;
  return row.acknowledgedAt === null ? <Badge tone="danger">! open</Badge> : <Badge tone="warn">acknowledged</Badge>;
}

function durationText(from: string, to: string): string {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1_000;
  return Number.isFinite(seconds) ? formatDuration(seconds) : NONE;
}

interface AlertsPageProps {
  readonly initial: RouterOutputs['system']['alerts'];
  /** The view that `initial` answers. */
  readonly initialView: AlertsView;
}

/** Alerts, newest first. An alert resolves when its cause does; a person acknowledges that they take care of it. */
export function AlertsPage({ initial, initialView }: AlertsPageProps) {
  const trpc = useTRPC();
  const [view, setView] = useQueryStates(alertsParams);
  const query = useQuery(
    trpc.system.alerts.queryOptions(view, {
      placeholderData: keepPreviousData,
      ...(view.state === initialView.state ? { initialData: initial } : {}),
    }),
  );
  const rows = query.data?.rows;
  return (
    <>
      <PageHeader title="Alerts" />
      <Panel
        title={ALERT_STATES[view.state]}
        testId="alerts"
        aside={
          <Toolbar>
            <RowCount shown={rows?.length ?? 0} total={query.data?.total} />
            <SelectField
              label="Show"
              value={view.state}
              options={ALERT_STATES}
              onChange={(state) => void setView({ state })}
            />
            <CsvButton
              name="alerts"
              columns={COLUMNS}
              load={() => Promise.resolve(rows ?? [])}
              disabled={rows === undefined || rows.length === 0}
            />
          </Toolbar>
        }
      >
        <Table
          label="Alerts"
          columns={COLUMNS}
          rows={rows}
          rowKey={(row) => row.id}
          rowProps={() => ({ 'data-testid': 'alert-row' })}
          error={query.isError ? messageOf(query.error) : null}
          onRetry={() => void query.refetch()}
          maxHeight="max-h-[calc(100dvh-196px)]"
          testId="alerts-table"
          empty={
            <EmptyState title={view.state === 'open' ? 'No open alerts' : 'No alerts yet'}>
              A broker that does not answer, a worker that stops or a failed reconciliation appears here.
            </EmptyState>
          }
        />
      </Panel>
    </>
  );
}
