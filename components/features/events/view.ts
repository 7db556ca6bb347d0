import { createLoader, type inferParserType } from 'nuqs/server';
import type { MarketEvent, RouterInputs } from '@/components/trpc/types';
import { choiceParam, symbolParam } from '@/components/url-state';

type EventState = NonNullable<NonNullable<RouterInputs['events']['list']>['state']>;

export const EVENT_STATES: Record<EventState, string> = {
  current: 'Active and upcoming',
  past: 'Past',
  removed: 'Removed',
  all: 'All',
};

/** Which events are listed, as the address states it. */
export const eventsParams = { state: choiceParam(EVENT_STATES, 'current'), symbol: symbolParam };

export type EventsView = inferParserType<typeof eventsParams>;

export const loadEventsView = createLoader(eventsParams);

export type EventStanding = 'ACTIVE' | 'UPCOMING' | 'PAST' | 'REMOVED';

/** An event's state at the market's time. */
export function standingOf(event: MarketEvent, marketMs: number): EventStanding {
  if (event.removedAt !== null) return 'REMOVED';
  if (Date.parse(event.endsAt) <= marketMs) return 'PAST';
  return Date.parse(event.startsAt) <= marketMs ? 'ACTIVE' : 'UPCOMING';
}
