'use client';

import { useMemo } from 'react';
import { marketNowMs } from '@/components/live/market-clock';
import { useNow } from '@/components/live/now';
import { useMayOperate } from '@/components/shell/session';
import { useStatus } from '@/components/shell/use-status';
import type { Display } from '@/components/status/tone';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import type { MarketEvent } from '@/components/trpc/types';
import { Badge, StatusBadge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { EVENT_KIND } from './kinds';
import { useRestoreEvent } from './use-restore-event';
import { type EventStanding, standingOf } from './view';

const STANDING: Record<EventStanding, Display> = {
  ACTIVE: { label: 'active', glyph: '■', tone: 'danger', hint: 'Blocks new positions now' },
  UPCOMING: { label: 'upcoming', glyph: '◷', tone: 'primary', hint: 'Will block new positions from its start' },
  PAST: { label: 'past', glyph: '·', tone: 'neutral', hint: 'Ended' },
  REMOVED: { label: 'removed', glyph: '✕', tone: 'neutral', hint: 'Blocks nothing' },
};

/** An event with its state at the market's time. */
interface EventRow {
  readonly event: MarketEvent;
  readonly standing: EventStanding;
  readonly over: boolean;
}

const COLUMNS: readonly Column<EventRow>[] = [
  {
    id: 'standing',
    header: 'State',
    width: 112,
    cell: ({ standing }) => <StatusBadge display={STANDING[standing]} />,
  },
  { id: 'kind', header: 'Kind', width: 144, cell: ({ event }) => EVENT_KIND[event.kind] },
  {
    id: 'symbol',
    header: 'Symbol',
    width: 88,
    cell: ({ event }) =>
      event.symbol === null ? (
        <Badge tone="warn">all</Badge>
      ) : (
        <Link href={`/market?symbol=${event.symbol}`} className="font-medium hover:underline">
          {event.symbol}
        </Link>
      ),
  },
  {
    id: 'title',
    header: 'Title',
    width: 240,
    cell: ({ event }) => event.title,
    title: ({ event }) => event.title,
  },
  { id: 'from', header: 'From (ET)', width: 128, cell: ({ event }) => <Moment iso={event.startsAt} /> },
  { id: 'to', header: 'To (ET)', width: 128, cell: ({ event }) => <Moment iso={event.endsAt} /> },
  {
    id: 'by',
    header: 'By',
    width: 200,
    className: 'text-muted',
    cell: ({ event }) => (event.removedBy === null ? event.createdBy : `removed by ${event.removedBy}`),
    title: ({ event }) => (event.source === 'IMPORT' ? 'Imported from a file' : 'Entered by hand'),
  },
];

interface EventsTableProps {
  readonly rows: readonly MarketEvent[];
  readonly onRemove: (event: MarketEvent) => void;
}

/** Market events with their state at the market's time. */
export function EventsTable({ rows, onRemove }: EventsTableProps) {
  const { status } = useStatus();
  const marketMs = marketNowMs(status.market, useNow());
  const mayOperate = useMayOperate();
  const columns = useMemo<readonly Column<EventRow>[]>(
    () => [
      ...COLUMNS,
      {
        id: 'actions',
        header: 'Actions',
        headerHidden: true,
        width: 104,
        align: 'right',
        cell: (row) => (mayOperate ? <EventActions row={row} onRemove={onRemove} /> : <span />),
      },
    ],
    [mayOperate, onRemove],
  );
  return (
    <Table
      label="Market events"
      columns={columns}
      rows={rows.map((event) => ({
        event,
        standing: standingOf(event, marketMs),
        over: Date.parse(event.endsAt) <= marketMs,
      }))}
      rowKey={({ event }) => event.id}
      rowProps={({ standing }) => ({ 'data-testid': 'event-row', 'data-standing': standing })}
      maxHeight="max-h-[calc(100dvh-260px)]"
      testId="events-table"
    />
  );
}

interface EventActionsProps {
  readonly row: EventRow;
  readonly onRemove: (event: MarketEvent) => void;
}

function EventActions({ row: { event, standing, over }, onRemove }: EventActionsProps) {
  const restore = useRestoreEvent();
  return (
    <>
      {(standing === 'ACTIVE' || standing === 'UPCOMING') && (
        <Button size="small" onClick={() => onRemove(event)}>
          Remove…
        </Button>
      )}
      {standing === 'REMOVED' && !over && (
        <Button size="small" disabled={restore.isPending} onClick={() => restore.mutate({ id: event.id })}>
          Restore
        </Button>
      )}
    </>
  );
}
