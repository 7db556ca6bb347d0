'use client';

import { marketNowMs } from '@/components/live/market-clock';
import { useNow } from '@/components/live/now';
import { useMayOperate } from '@/components/shell/session';
import { useStatus } from '@/components/shell/use-status';
import type { Display } from '@/components/status/tone';
import type { MarketEvent } from '@/components/trpc/types';
import { Badge, StatusBadge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EVENT_KIND } from './kinds';
import { useRestoreEvent } from './use-restore-event';
import { type EventStanding, standingOf } from './view';

const STANDING: Record<EventStanding, Display> = {
  ACTIVE: { label: 'active', glyph: '■', tone: 'danger', hint: 'Nothing opens now' },
  UPCOMING: { label: 'coming', glyph: '◷', tone: 'primary', hint: 'Nothing will open from its start to its end' },
  PAST: { label: 'past', glyph: '·', tone: 'neutral', hint: 'It is over' },
  REMOVED: { label: 'removed', glyph: '✕', tone: 'neutral', hint: 'It keeps nothing out' },
};

interface EventsTableProps {
  readonly rows: readonly MarketEvent[];
  readonly onRemove: (event: MarketEvent) => void;
}

/** Events with how they stand at the market's time. */
export function EventsTable({ rows, onRemove }: EventsTableProps) {
  const { status } = useStatus();
  const marketMs = marketNowMs(status.market, useNow());
  return (
    <ScrollBox label="Market events" className="max-h-[calc(100dvh-260px)]">
      <table className="table" data-testid="events-table">
        <thead>
          <tr>
            <th scope="col">Stands</th>
            <th scope="col">Kind</th>
            <th scope="col">Symbol</th>
            <th scope="col">Title</th>
            <th scope="col">From (ET)</th>
            <th scope="col">To (ET)</th>
            <th scope="col">By</th>
            <th scope="col">
              <span className="sr-only">Act</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((event) => (
            <EventLine
              key={event.id}
              event={event}
              standing={standingOf(event, marketMs)}
              over={Date.parse(event.endsAt) <= marketMs}
              onRemove={onRemove}
            />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

interface EventLineProps {
  readonly event: MarketEvent;
  readonly standing: EventStanding;
  readonly over: boolean;
  readonly onRemove: (event: MarketEvent) => void;
}

function EventLine({ event, standing, over, onRemove }: EventLineProps) {
  const mayOperate = useMayOperate();
  const restore = useRestoreEvent();
  return (
    <tr data-testid="event-row" data-standing={standing}>
      <td>
        <StatusBadge display={STANDING[standing]} />
      </td>
      <td>{EVENT_KIND[event.kind]}</td>
      <td>
        {event.symbol === null ? (
          <Badge tone="warn">all</Badge>
        ) : (
          <Link href={`/market?symbol=${event.symbol}`} className="font-medium hover:underline">
            {event.symbol}
          </Link>
        )}
      </td>
      <td className="max-w-80 truncate" title={event.title}>
        {event.title}
      </td>
      <td>
        <Moment iso={event.startsAt} />
      </td>
      <td>
        <Moment iso={event.endsAt} />
      </td>
      <td className="text-muted" title={event.source === 'IMPORT' ? 'From a file' : 'Entered by hand'}>
        {event.removedBy === null ? event.createdBy : `removed by ${event.removedBy}`}
      </td>
      <td className="right">
        {mayOperate && (standing === 'ACTIVE' || standing === 'UPCOMING') && (
          <Button size="small" onClick={() => onRemove(event)}>
            Remove…
          </Button>
        )}
        {mayOperate && standing === 'REMOVED' && !over && (
          <Button size="small" disabled={restore.isPending} onClick={() => restore.mutate({ id: event.id })}>
            Restore
          </Button>
        )}
      </td>
    </tr>
  );
}
