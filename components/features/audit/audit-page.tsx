'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { AuditList } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';
import { targetHref } from './target-link';

export const AUDIT_PAGE = 100;

type AuditRow = AuditList['rows'][number];

function changeText(value: unknown): string {
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

const changeOf = (row: AuditRow) =>
  [changeText(row.before), changeText(row.after)].filter((text) => text !== '').join(' → ');

const COLUMNS: readonly Column<AuditRow>[] = [
  { id: 'id', header: 'No.', width: 72, figure: true, className: 'text-muted', cell: (row) => row.id },
  { id: 'at', header: 'Time (ET)', width: 120, cell: (row) => <Moment iso={row.at} /> },
  { id: 'actor', header: 'Actor', width: 176, cell: (row) => row.actor, title: (row) => row.actor },
  { id: 'action', header: 'Action', width: 184, className: 'font-medium', cell: (row) => row.action },
  {
    id: 'target',
    header: 'Target',
    width: 224,
    className: 'font-mono text-12',
    title: (row) => row.target,
    cell: (row) => {
      const href = targetHref(row.target);
      return href === null ? (
        row.target
      ) : (
        <Link href={href} className="text-primary hover:underline">
          {row.target}
        </Link>
      );
    },
  },
  {
    id: 'change',
    header: 'Before → after',
    width: 320,
    className: 'font-mono text-12 text-muted',
    cell: changeOf,
    title: changeOf,
  },
  {
    id: 'hash',
    header: 'Hash',
    width: 104,
    className: 'font-mono text-12 text-muted',
    cell: (row) => row.hash.slice(0, 10),
    title: (row) => row.hash,
  },
];

/** Who did what, newest first. Entries cannot be changed: each carries the hash of the one before. */
export function AuditPage({ initial }: { readonly initial: AuditList }) {
  const trpc = useTRPC();
  const [before, setBefore] = useState<string | null>(null);
  const query = useQuery(
    trpc.system.audit.queryOptions({ before, limit: AUDIT_PAGE }, before === null ? { initialData: initial } : {}),
  );
  const page = query.data;
  return (
    <>
      <PageHeader title="Audit" />
      <Panel
        title={before === null ? 'Newest' : `Before ${before}`}
        aside={
          <span className="flex gap-2">
            <Button size="small" disabled={before === null} onClick={() => setBefore(null)}>
              Newest
            </Button>
            <Button
              size="small"
              disabled={page === undefined || page.nextBefore === null}
              onClick={() => setBefore(page?.nextBefore ?? null)}
            >
              Older
            </Button>
          </span>
        }
      >
        <Table
          label="Audit log"
          columns={COLUMNS}
          rows={page?.rows}
          rowKey={(row) => row.id}
          error={query.isError ? messageOf(query.error) : null}
          onRetry={() => void query.refetch()}
          maxHeight="max-h-[calc(100dvh-196px)]"
          testId="audit-table"
          empty={
            <EmptyState title="No entries yet">
              Halts, approvals, cancels, sign-offs and changes of settings are recorded here.
            </EmptyState>
          }
        />
      </Panel>
    </>
  );
}
