'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { useMayOperate } from '@/components/shell/session';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { MarketEvent, MarketEventList } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import { PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState, ErrorState, LoadingRows, NoPermission } from '@/components/ui/states';
import { useLoaded } from '@/components/ui/use-loaded';
import type { EventDialog } from './event-dialogs';
import { EventsTable } from './events-table';
import { type EventsView, readView, STATES, writeView } from './view';

/** What the first paint does without. */
const loadDialogs = () => import('./event-dialogs');

interface EventsPageProps {
  readonly initial: MarketEventList;
  readonly initialView: EventsView;
}

/** Events for which nothing opens. The gate reads the same table. */
export function EventsPage({ initial, initialView }: EventsPageProps) {
  const trpc = useTRPC();
  const mayOperate = useMayOperate();
  const view = readView(new URLSearchParams(useSearchParams()));
  const same = writeView(view) === writeView(initialView);
  const query = useQuery(
    trpc.events.list.queryOptions(view, {
      placeholderData: keepPreviousData,
      ...(same ? { initialData: initial } : {}),
    }),
  );
  const [dialog, setDialog] = useState<EventDialog | null>(null);
  const [removed, setRemoved] = useState<MarketEvent | null>(null);
  const dialogs = useLoaded(loadDialogs);
  const rows = query.data?.rows ?? [];
  const show = (next: EventsView) => window.history.replaceState(null, '', writeView(next));
  return (
    <>
      <p className="text-12">
        <Link href="/market" className="text-primary underline">
          Market
        </Link>{' '}
        <span className="text-muted">/ Events</span>
      </p>
      <PageHeader
        title="Market events"
        aside={
          mayOperate ? (
            <span className="flex gap-2">
              <Button
                onClick={() => setDialog({ kind: 'import' })}
                disabled={dialogs === null}
                data-testid="import-events"
              >
                Import CSV…
              </Button>
              <Button
                variant="primary"
                onClick={() => setDialog({ kind: 'add' })}
                disabled={dialogs === null}
                data-testid="add-event"
              >
                Add event…
              </Button>
            </span>
          ) : (
            <NoPermission act="Changing events" needed="operator" />
          )
        }
      />
      <p className="mb-3 max-w-[76ch] text-muted">
        From its start to its end an event keeps every opening trade in its symbol out, or in all symbols (
        <Link href="/policy" className="text-primary underline">
          EVENT_BLACKOUT
        </Link>
        ). Closing what is held goes on.
      </p>
      <Panel
        title={STATES[view.state ?? 'current']}
        aside={<Toolbar view={view} onView={show} total={query.data?.total ?? 0} />}
      >
        {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
        {query.isPending && <LoadingRows />}
        {query.data !== undefined && rows.length === 0 && (
          <EmptyState title="No event">
            {view.state === 'current' && view.symbol === ''
              ? 'Nothing is known that keeps trades out: add earnings and rate decisions here, or import a calendar.'
              : 'Change the filter to see others.'}
          </EmptyState>
        )}
        {rows.length > 0 && <EventsTable rows={rows} onRemove={(event) => setDialog({ kind: 'remove', event })} />}
      </Panel>
      {dialogs !== null && (
        <dialogs.EventDialogs
          dialog={dialog}
          removed={removed}
          onClose={() => setDialog(null)}
          onRemoved={setRemoved}
        />
      )}
    </>
  );
}

interface ToolbarProps {
  readonly view: EventsView;
  readonly onView: (view: EventsView) => void;
  readonly total: number;
}

function Toolbar({ view, onView, total }: ToolbarProps) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="num text-12 text-muted">{total}</span>
      <SelectField
        label="Show"
        value={view.state ?? 'current'}
        options={STATES}
        onChange={(state) => onView({ ...view, state })}
      />
      <label className="inline-flex items-center gap-1.5 text-12 text-muted">
        Symbol
        <input
          value={view.symbol}
          maxLength={12}
          onChange={(event) => onView({ ...view, symbol: event.target.value.toUpperCase() })}
          className="h-7 w-20 rounded-sm border border-control bg-surface px-1.5 text-12 text-text"
        />
      </label>
    </span>
  );
}
