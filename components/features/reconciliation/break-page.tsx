'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { NONE } from '@/components/format/number';
import { useMayOperate } from '@/components/shell/session';
import { ORDER_STATUS } from '@/components/status/orders';
import type { Tone } from '@/components/status/tone';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { BreakDetail, BreakRow } from '@/components/trpc/types';
import { Badge, SideBadge, StatusBadge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { lazyDialog } from '@/components/ui/lazy-dialog';
import { Link } from '@/components/ui/link';
import { Ago, Moment } from '@/components/ui/moment';
import { Fact, PageHeader, Panel } from '@/components/ui/panel';
import { ErrorState } from '@/components/ui/states';
import { Trail } from '@/components/ui/trail';
import { causeLabel, causeText, symbolLabel } from './causes';
import { SidesLines, SidesTable } from './sides-table';

const ResolveDialog = lazyDialog(async () => (await import('./resolve-dialog')).ResolveDialog);

type Event = BreakDetail['events'][number];

const EVENT: Record<Event['kind'], { readonly title: string; readonly dot: string }> = {
  OPENED: { title: 'Opened', dot: 'bg-danger' },
  CHANGED: { title: 'Figures changed', dot: 'bg-warn' },
  RESOLVED: { title: 'Resolved', dot: 'bg-pos' },
};

const TONE = { open: 'danger', resolved: 'neutral' } as const satisfies Record<string, Tone>;

/** One break: both sides' figures, its history and its order. */
export function BreakPage({ initial }: { readonly initial: BreakDetail }) {
  const trpc = useTRPC();
  const may = useMayOperate();
  const query = useQuery(trpc.reconciliation.break.queryOptions({ id: initial.row.id }, { initialData: initial }));
  const [chosen, setChosen] = useState<BreakRow | null>(null);
  const { row, order, events } = query.data;
  const open = row.resolvedAt === null;
  return (
    <>
      <Trail href="/reconciliation" title="Reconciliation" id={row.id} />
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-2" data-testid="break-headline">
            {symbolLabel(row.symbol)}: {causeLabel(row.cause).toLowerCase()}
            <Badge tone={open ? TONE.open : TONE.resolved}>{open ? '≠ open' : '✓ resolved'}</Badge>
          </span>
        }
        aside={
          open && (
            <Button
              variant="primary"
              disabled={!may}
              title={may ? undefined : 'Needs the role operator'}
              onClick={() => setChosen(row)}
              data-testid="resolve-break"
            >
              Resolve…
            </Button>
          )
        }
      />
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      <div className="grid items-start gap-3 xl:grid-cols-[minmax(0,1fr)_400px]">
        <Panel title="Figures">
          <div className="flex flex-col gap-3 p-3">
            {causeText(row.cause) !== '' && <p>{causeText(row.cause)}</p>}
            <SidesTable ours={row.ours} theirs={row.theirs} />
            <dl className="grid grid-cols-2 gap-x-4 gap-y-2 sm:grid-cols-3">
              <Fact label="Opened">
                <Moment iso={row.openedAt} /> ET
              </Fact>
              {open && (
                <Fact label="Open for">
                  <Ago iso={row.openedAt} suffix="" />
                </Fact>
              )}
              <Fact label="Resolved by">{row.resolvedBy ?? NONE}</Fact>
              <div className="col-span-2 sm:col-span-1">
                <dt className="text-12 text-muted">Reason</dt>
                <dd className="break-words">{row.reason ?? NONE}</dd>
              </div>
            </dl>
            {order !== null && (
              <p className="flex flex-wrap items-center gap-2">
                <span className="text-muted">Order</span>
                <Link
                  href={`/orders/${order.id}`}
                  className="inline-flex items-center gap-2 text-primary hover:underline"
                >
                  <SideBadge side={order.side} /> {order.symbol} <StatusBadge display={ORDER_STATUS[order.status]} />
                </Link>
              </p>
            )}
          </div>
        </Panel>
        <Panel title="History">
          <ol className="p-3" data-testid="break-history">
            {events.map((event, index) => (
              <HistoryLine key={event.id} event={event} last={index === events.length - 1} />
            ))}
          </ol>
        </Panel>
      </div>
      <ResolveDialog chosen={chosen} onClose={() => setChosen(null)} />
    </>
  );
}

function HistoryLine({ event, last }: { readonly event: Event; readonly last: boolean }) {
  return (
    <li className="grid grid-cols-[72px_12px_minmax(0,1fr)] gap-x-2">
      <Moment iso={event.at} className="pt-px text-right text-12 text-muted" />
      <span aria-hidden="true" className="flex flex-col items-center">
        <span className={cx('mt-1.5 size-2 shrink-0 rounded-full', EVENT[event.kind].dot)} />
        {!last && <span className="mt-1 w-px flex-1 bg-border" />}
      </span>
      <div className="flex min-w-0 flex-col gap-1 pb-3">
        <p>
          <span className="font-medium">{EVENT[event.kind].title}</span>
          {event.by !== null && <span className="text-12 text-muted"> by {event.by}</span>}
        </p>
        {event.reason !== null && <p className="break-words text-muted">{event.reason}</p>}
        <SidesLines ours={event.ours} theirs={event.theirs} />
      </div>
    </li>
  );
}
