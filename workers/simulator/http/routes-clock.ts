import { newYorkOffsetMs } from '@/server/domain/calendar';
import { ApiError, badField } from '../broker/errors';
import { addDays, newYorkDate, newYorkMidnight, newYorkTime } from '../market/new-york';
import type { MarketSession } from '../market/types';
import type { RouteContext } from './context';
import type { SimAnswer, SimRequest } from './exchange';
import { instant, list } from './query';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Days either side of today that the calendar shows when no bounds are given. */
const CALENDAR_DAYS = 366;
const MAX_CALENDAR_DAYS = 40 * 366;
/** The extended hours that Alpaca's calendar names, hours after midnight in New York. Nothing trades in them here. */
const PRE_HOUR = 4;
const POST_HOUR = 20;

/** An instant as New York writes it, with its offset. */
function newYorkText(atMs: number): string {
  const offsetMs = newYorkOffsetMs(atMs);
  const hours = String(Math.abs(offsetMs / HOUR_MS)).padStart(2, '0');
  return `${new Date(atMs + offsetMs).toISOString().slice(0, -1)}-${hours}:00`;
}

/** `GET /v2/clock`: the market's own time. */
export function getClock(context: RouteContext): SimAnswer {
  const atMs = context.engine.now();
  const { sessions } = context.market;
  return {
    status: 200,
    body: {
      timestamp: newYorkText(atMs),
      is_open: context.market.isOpen(atMs),
      next_open: newYorkText(sessions.nextOpen(atMs)),
      next_close: newYorkText(sessions.nextClose(atMs)),
    },
  };
}

/** Bounds of the calendar asked for, dates. @throws ApiError when they span too much */
function bounds(context: RouteContext, query: URLSearchParams): { start: string; end: string } {
  const today = newYorkDate(context.engine.now());
  const bound = (name: string, days: number): string => {
    const atMs = instant(query, name);
    const date = atMs === null ? addDays(today, days) : new Date(atMs).toISOString().slice(0, 10);
    return date < '1990-01-01' ? '1990-01-01' : date > '2100-12-01' ? '2100-12-01' : date;
  };
  const [start, end] = [bound('start', -CALENDAR_DAYS), bound('end', CALENDAR_DAYS)];
  if (Date.parse(end) - Date.parse(start) > MAX_CALENDAR_DAYS * DAY_MS) {
    throw badField('the calendar shows at most 40 years at once');
  }
  return { start, end };
}

/** Sessions in the bounds, each with the date on which its trades settle: the next session's. */
function settledSessions(context: RouteContext, query: URLSearchParams): { session: MarketSession; settles: string }[] {
  const { start, end } = bounds(context, query);
  const { sessions } = context.market;
  const found = sessions.between(start, end);
  const dates = sessions.between(start, addDays(end, 10)).map((session) => session.date);
  return found.map((session, index) => ({ session, settles: dates[index + 1] ?? session.date }));
}

/** `GET /v2/calendar?start=&end=` */
export function getCalendar(context: RouteContext, request: SimRequest): SimAnswer {
  const always = context.market.sessions.roundTheClock;
  const body = settledSessions(context, request.query).map(({ session, settles }) => ({
    date: session.date,
    open: newYorkTime(session.openMs),
    // The synthetic market closes at the midnight at which it opens again: 23:59 is the last minute of its day.
    close: always ? '23:59' : newYorkTime(session.closeMs),
    session_open: always ? '0000' : '0400',
    session_close: always ? '2359' : '2000',
    settlement_date: settles,
  }));
  return { status: 200, body };
}

/** A market that this simulator stands for, as the API of several markets names it. @throws ApiError 400 for any other */
function marketNamed(name: string): object {
  if (['NYSE', 'XNYS'].includes(name)) {
    return { name: 'New York Stock Exchange', acronym: 'NYSE', mic: 'XNYS', timezone: 'America/New_York' };
  }
  if (['NASDAQ', 'XNAS'].includes(name)) {
    return { name: 'Nasdaq', acronym: 'NASDAQ', mic: 'XNAS', timezone: 'America/New_York' };
  }
  throw new ApiError(400, 40010001, `market "${name.slice(0, 32)}" is not simulated: NYSE and NASDAQ are`);
}

/** `GET /v3/clock?markets=`: the same clock for each market asked for. */
export function getMarketClocks(context: RouteContext, request: SimRequest): SimAnswer {
  const atMs = context.engine.now();
  const { sessions } = context.market;
  const [nextOpen, nextClose] = [newYorkText(sessions.nextOpen(atMs)), newYorkText(sessions.nextClose(atMs))];
  const open = context.market.isOpen(atMs);
  const today = newYorkDate(atMs);
  const asked = list(request.query, 'markets');
  const clocks = (asked.length === 0 ? ['NYSE'] : asked).map((name) => ({
    market: marketNamed(name),
    timestamp: newYorkText(atMs),
    is_market_day: sessions.between(today, today).length > 0,
    next_market_open: nextOpen,
    next_market_close: nextClose,
    phase: open ? 'core' : 'closed',
    phase_until: open ? nextClose : nextOpen,
  }));
  return { status: 200, body: { clocks } };
}

/** `GET /v3/calendar/{market}?start=&end=` */
export function getMarketCalendar(context: RouteContext, request: SimRequest, name: string): SimAnswer {
  const always = context.market.sessions.roundTheClock;
  const calendar = settledSessions(context, request.query).map(({ session, settles }) => {
    const midnight = newYorkMidnight(session.date);
    const core = { core_start: newYorkText(session.openMs), core_end: newYorkText(session.closeMs) };
    const extended = {
      pre_start: newYorkText(midnight + PRE_HOUR * HOUR_MS),
      pre_end: core.core_start,
      post_start: core.core_end,
      post_end: newYorkText(midnight + POST_HOUR * HOUR_MS),
    };
    return { date: session.date, ...core, ...(always ? {} : extended), settlement_date: settles };
  });
  return { status: 200, body: { market: marketNamed(name), calendar } };
}
