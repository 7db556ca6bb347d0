'use client';

import { useMemo } from 'react';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { Panel } from '@/components/ui/panel';
import { type ReportTable, shownCell } from './prepare-report';

function Facts({ table }: { readonly table: ReportTable }) {
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3 sm:grid-cols-3 lg:grid-cols-4">
      {table.columns.map((column, index) => (
        <div key={column.label} className="min-w-0">
          <dt className="text-12 text-muted">{column.label}</dt>
          <dd className="num break-words">{shownCell(table.rows[0]?.[index] ?? '')}</dd>
        </div>
      ))}
    </dl>
  );
}

type ReportRow = ReportTable['rows'][number];

function Rows({ table }: { readonly table: ReportTable }) {
  const columns = useMemo(
    () =>
      table.columns.map(
        ({ label, figures }, index): Column<ReportRow> => ({
          id: label,
          header: label,
          ...(figures ? { figure: true } : {}),
          cell: (row) => shownCell(row[index] ?? ''),
        }),
      ),
    [table],
  );
  return (
    <Table
      label={table.title}
      columns={columns}
      rows={table.rows}
      rowKey={(row) => row.join('\u0000')}
      maxHeight="max-h-[480px]"
    />
  );
}

/** A stored report, one panel for each table; the names of empty ones share one line. */
export function ReportView({ tables }: { readonly tables: readonly ReportTable[] }) {
  const empty = tables.filter(({ rows }) => rows.length === 0).map(({ title }) => title);
  return (
    <div className="flex flex-col gap-3" data-testid="report">
      {tables
        .filter(({ rows }) => rows.length > 0)
        .map((table) => (
          <Panel
            key={table.title}
            title={table.title}
            aside={table.rows.length > 1 && <span className="num text-12 text-muted">{table.rows.length}</span>}
          >
            {table.facts ? <Facts table={table} /> : <Rows table={table} />}
          </Panel>
        ))}
      {empty.length > 0 && <p className="px-1 text-muted">None: {empty.join(', ').toLowerCase()}.</p>}
    </div>
  );
}
