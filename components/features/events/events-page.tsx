'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useQueryStates } from 'nuqs';
import { useState } from 'react';
import { useMayOperate } from '@/components/shell/session';
import { RowCount, SymbolFilter, Toolbar } from '@/components/table/toolbar';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { MarketEvent, MarketEventList } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { lazyDialog } from '@/components/ui/lazy-dialog';
import { Link } from '@/components/ui/link';
import { PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState, ErrorState, LoadingRows, NoPermission } from '@/components/ui/states';
import { sameView } from '@/components/url-state';
import type { EventDialog } from './event-dialogs';
import { EventsTable } from './events-table';
import { EVENT_STATES, type EventsView, eventsParams } from './view';

const EventDialogs = lazyDialog(async () => (await import('./event-dialogs')).EventDialogs);

interface EventsPageProps {
  readonly initial: MarketEventList;
  readonly initialView: EventsView;
}

/** Events that block new positions. Policy reads the same list. */
export function EventsPage({ initial, initialView }: EventsPageProps) {
  const trpc = useTRPC();
  const mayOperate = useMayOperate();
  const [view, setView] = useQueryStates(eventsParams);
  const query = useQuery(
    trpc.events.list.queryOptions(view, {
      placeholderData: keepPreviousData,
      ...(sameView(view, initialView) ? { initialData: initial } : {}),
    }),
  );
  const [dialog, setDialog] = useState<EventDialog | null>(null);
  const [removed, setRemoved] = useState<MarketEvent | null>(null);
  const rows = query.data?.rows ?? [];
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
              <Button onClick={() => setDialog({ kind: 'import' })} data-testid="import-events">
                Import CSV…
              </Button>
              <Button variant="primary" onClick={() => setDialog({ kind: 'add' })} data-testid="add-event">
                Add event…
              </Button>
            </span>
          ) : (
            <NoPermission act="Changing events" needed="operator" />
          )
        }
      />
      <p className="mb-3 max-w-[76ch] text-muted">
        During an event, policy blocks new positions in its symbol, or in all symbols (
        <Link href="/policy" className="text-primary underline">
          EVENT_BLACKOUT
        </Link>
        ). Closing is allowed.
      </p>
      <Panel
        title={EVENT_STATES[view.state]}
        aside={
          <Toolbar>
            <RowCount shown={query.data?.total ?? 0} />
            <SelectField
              label="Show"
              value={view.state}
              options={EVENT_STATES}
              onChange={(state) => void setView({ state })}
            />
            <SymbolFilter value={view.symbol} onChange={(symbol) => void setView({ symbol })} />
          </Toolbar>
        }
      >
        {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
        {query.isPending && <LoadingRows />}
        {query.data !== undefined && rows.length === 0 && (
          <EmptyState title="No events">
            {view.state === 'current' && view.symbol === ''
              ? 'No event blocks new positions. Add earnings and rate decisions, or import a calendar.'
              : 'Change the filter to see others.'}
          </EmptyState>
        )}
        {rows.length > 0 && <EventsTable rows={rows} onRemove={(event) => setDialog({ kind: 'remove', event })} />}
      </Panel>
      <EventDialogs dialog={dialog} removed={removed} onClose={() => setDialog(null)} onRemoved={setRemoved} />
    </>
  );
}
