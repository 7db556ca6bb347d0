import type { BotClock } from '@/server/application/ports/bot-account';
import {
  isOpen,
  newYorkDate,
  newYorkMidnightMs,
  newYorkOffsetMs,
  nextClose,
  nextOpen,
  type Session,
  sessionsBetween,
} from '@/server/domain/calendar';
import { ApiError, badField, unavailable } from '../errors';
import { instant, list } from '../query';
import type { Answer, Call, Route } from '../route';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Days either side of today that the calendar shows when no bounds are given. */
const CALENDAR_DAYS = 366;
const MAX_CALENDAR_DAYS = 40 * 366;
const FIRST_DATE = '1990-01-01';
const LAST_DATE = '2100-12-01';
/** The extended hours that Alpaca's calendar names, hours after midnight in New York. */
const PRE_HOUR = 4;
const POST_HOUR = 20;

/** An instant as New York writes it, with its offset. */
function newYorkText(atMs: number): string {
  const offsetMs = newYorkOffsetMs(atMs);
  const hours = String(Math.abs(offsetMs / HOUR_MS)).padStart(2, '0');
  return `${new Date(atMs + offsetMs).toISOString().slice(0, -1)}-${hours}:00`;
}

const newYorkTime = (atMs: number): string => newYorkText(atMs).slice(11, 16);

/** The broker's clock; what it does not say of the next session is the exchange's. @throws ApiError 503 before it was read */
async function readClock({
  services,
}: Call): Promise<BotClock & { readonly nextOpenMs: number; readonly nextCloseMs: number }> {
  const clock = await services.account.clock();
  if (clock === null) throw unavailable('the broker’s clock has not been read yet');
  const { marketNowMs, nextOpenMs, nextCloseMs } = clock;
  return {
    ...clock,
    nextOpenMs: nextOpenMs ?? nextOpen(marketNowMs),
    nextCloseMs: nextCloseMs ?? nextClose(marketNowMs),
  };
}

async function getClock(call: Call): Promise<Answer> {
  const { marketNowMs, isOpen: open, nextOpenMs, nextCloseMs } = await readClock(call);
  return {
    status: 200,
    body: {
      timestamp: newYorkText(marketNowMs),
      is_open: open,
      next_open: newYorkText(nextOpenMs),
      next_close: newYorkText(nextCloseMs),
    },
  };
}

/** Sessions of the bounds asked for, each with the date on which its trades settle: the next session's. @throws ApiError 422 */
function sessions({ query, services }: Call): readonly { readonly session: Session; readonly settles: string }[] {
  const today = services.nowMs();
  const dateOf = (name: string, days: number): string => {
    const atMs = instant(query, name);
    const date = atMs === null ? newYorkDate(today + days * DAY_MS) : new Date(atMs).toISOString().slice(0, 10);
    return date < FIRST_DATE ? FIRST_DATE : date > LAST_DATE ? LAST_DATE : date;
  };
  const [start, end] = [dateOf('start', -CALENDAR_DAYS), dateOf('end', CALENDAR_DAYS)];
  const spanMs = Date.parse(end) - Date.parse(start);
  if (spanMs < 0) throw badField('start must not be after end');
  if (spanMs > MAX_CALENDAR_DAYS * DAY_MS) throw badField('the calendar shows at most 40 years at once');
  const after = new Date(Date.parse(end) + 10 * DAY_MS).toISOString().slice(0, 10);
  const all = sessionsBetween(start, after);
  return all.flatMap((session, index) =>
    session.date > end ? [] : [{ session, settles: all[index + 1]?.date ?? session.date }],
  );
}

async function getCalendar(call: Call): Promise<Answer> {
  const body = sessions(call).map(({ session, settles }) => ({
    date: session.date,
    open: newYorkTime(session.openMs),
    close: newYorkTime(session.closeMs),
    session_open: '0400',
    session_close: '2000',
    settlement_date: settles,
  }));
  return { status: 200, body };
}

/** @throws ApiError 400 for a market that is not served */
function marketNamed(name: string): object {
  if (['NYSE', 'XNYS'].includes(name))
    return { name: 'New York Stock Exchange', acronym: 'NYSE', mic: 'XNYS', timezone: 'America/New_York' };
  if (['NASDAQ', 'XNAS'].includes(name))
    return { name: 'Nasdaq', acronym: 'NASDAQ', mic: 'XNAS', timezone: 'America/New_York' };
  throw new ApiError(400, 40010001, `market "${name.slice(0, 32)}" is not served by Countersign: NYSE and NASDAQ are`);
}

async function getMarketClocks(call: Call): Promise<Answer> {
  const { marketNowMs, isOpen: open, nextOpenMs, nextCloseMs } = await readClock(call);
  const asked = list(call.query, 'markets');
  const today = newYorkDate(marketNowMs);
  const clocks = (asked.length === 0 ? ['NYSE'] : asked).map((name) => ({
    market: marketNamed(name),
    timestamp: newYorkText(marketNowMs),
    is_market_day: open || isOpen(marketNowMs) || sessionsBetween(today, today).length > 0,
    next_market_open: newYorkText(nextOpenMs),
    next_market_close: newYorkText(nextCloseMs),
    phase: open ? 'core' : 'closed',
    phase_until: newYorkText(open ? nextCloseMs : nextOpenMs),
  }));
  return { status: 200, body: { clocks } };
}

async function getMarketCalendar(call: Call): Promise<Answer> {
  const calendar = sessions(call).map(({ session, settles }) => {
    const midnight = newYorkMidnightMs(session.date);
    const core = { core_start: newYorkText(session.openMs), core_end: newYorkText(session.closeMs) };
    return {
      date: session.date,
      ...core,
      pre_start: newYorkText(midnight + PRE_HOUR * HOUR_MS),
      pre_end: core.core_start,
      post_start: core.core_end,
      post_end: newYorkText(midnight + POST_HOUR * HOUR_MS),
      settlement_date: settles,
    };
  });
  return { status: 200, body: { market: marketNamed(call.name), calendar } };
}

export const clockRoutes: readonly Route[] = [
  { method: 'GET', path: '/v2/clock', scope: 'market:read', handle: getClock },
  { method: 'GET', path: '/v3/clock', scope: 'market:read', handle: getMarketClocks },
  { method: 'GET', path: '/v2/calendar', scope: 'market:read', handle: getCalendar },
  { method: 'GET', path: '/v3/calendar/:name', scope: 'market:read', handle: getMarketCalendar },
];
