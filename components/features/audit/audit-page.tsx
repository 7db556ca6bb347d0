'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { AuditList } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { PageHeader, Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState, ErrorState } from '@/components/ui/states';
import { targetHref } from './target-link';

export const AUDIT_PAGE = 100;

/** Who did what, newest first. Nothing here can be changed; each line carries the hash of the one before. */
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
        {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
        {page !== undefined && page.rows.length === 0 && (
          <EmptyState title="Nothing was done yet">
            Halts, approvals, cancels, sign-offs and changes of settings are written here.
          </EmptyState>
        )}
        {page !== undefined && page.rows.length > 0 && <AuditTable rows={page.rows} />}
      </Panel>
    </>
  );
}

function changeText(value: unknown): string {
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

function AuditTable({ rows }: { readonly rows: AuditList['rows'] }) {
  return (
    <ScrollBox label="Audit log" className="max-h-[calc(100dvh-196px)]">
      <table className="table" data-testid="audit-table">
        <thead>
          <tr>
            <th scope="col" className="right">
              No.
            </th>
            <th scope="col">Time (ET)</th>
            <th scope="col">Actor</th>
            <th scope="col">Action</th>
            <th scope="col">Target</th>
            <th scope="col">Before → after</th>
            <th scope="col">Hash</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const href = targetHref(row.target);
            const change = [changeText(row.before), changeText(row.after)].filter((text) => text !== '').join(' → ');
            return (
              <tr key={row.id}>
                <td className="num right text-muted">{row.id}</td>
                <td>
                  <Moment iso={row.at} />
                </td>
                <td>{row.actor}</td>
                <td className="font-medium">{row.action}</td>
                <td className="max-w-56 truncate font-mono text-12">
                  {href === null ? (
                    row.target
                  ) : (
                    <Link href={href} className="text-primary hover:underline">
                      {row.target}
                    </Link>
                  )}
                </td>
                <td className="max-w-md truncate font-mono text-12 text-muted" title={change}>
                  {change}
                </td>
                <td className="font-mono text-12 text-muted" title={row.hash}>
                  {row.hash.slice(0, 10)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollBox>
  );
}
