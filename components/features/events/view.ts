import type { MarketEvent, RouterInputs } from '@/components/trpc/types';

export type EventsView = Required<Pick<NonNullable<RouterInputs['events']['list']>, 'state' | 'symbol'>>;

export const STATES: Record<NonNullable<EventsView['state']>, string> = {
  current: 'Active and coming',
  past: 'Past',
  removed: 'Removed',
  all: 'All',
};

/** Reads a view from an address; what it does not know becomes the default. */
export function readView(params: URLSearchParams): EventsView {
  const keys = Object.keys(STATES) as (keyof typeof STATES)[];
  return {
    state: keys.find((key) => key === params.get('state')) ?? 'current',
    symbol: (params.get('symbol') ?? '').trim().toUpperCase().slice(0, 12),
  };
}

/** The address of a view; defaults are left out. */
export function writeView({ state, symbol }: EventsView): string {
  const params = new URLSearchParams();
  if (state !== 'current') params.set('state', state ?? 'current');
  if (symbol !== '') params.set('symbol', symbol ?? '');
  const text = params.toString();
  return text === '' ? '/market/events' : `/market/events?${text}`;
}

export type EventStanding = 'ACTIVE' | 'UPCOMING' | 'PAST' | 'REMOVED';

/** How an event stands at the market's time. */
export function standingOf(event: MarketEvent, marketMs: number): EventStanding {
  if (event.removedAt !== null) return 'REMOVED';
  if (Date.parse(event.endsAt) <= marketMs) return 'PAST';
  return Date.parse(event.startsAt) <= marketMs ? 'ACTIVE' : 'UPCOMING';
}
