import type { MarketClock } from '@/server/adapters/postgres/generated/client';
import type { CalendarView } from '@/server/contracts/console/market';
import { currentOrNextSession, newYorkDate, type Session, sessionAt, sessionOn } from '@/server/domain/calendar';

const DAY_MS = 86_400_000;
/** How far the strip looks ahead. */
const AHEAD_DAYS = 370;
const HOLIDAYS_SHOWN = 3;

const toView = ({ date, openMs, closeMs, earlyClose }: Session) => ({
  date,
  open: new Date(openMs).toISOString(),
  close: new Date(closeMs).toISOString(),
  earlyClose,
});

/** The exchange's calendar at the market's time; null before there is one, or outside the years that are known. */
export function readCalendar(clock: MarketClock | null): CalendarView | null {
  if (clock === null) return null;
  const marketMs = clock.marketTime.getTime();
  try {
    const session = currentOrNextSession(marketMs);
    const holidays: string[] = [];
    let nextEarlyClose: Session | null = session.earlyClose ? session : null;
    for (let day = 1; day <= AHEAD_DAYS && (holidays.length < HOLIDAYS_SHOWN || nextEarlyClose === null); day += 1) {
      // Noon: no change of the clock moves it to another day.
      const date = newYorkDate(Date.parse(`${session.date}T17:00:00Z`) + day * DAY_MS);
      const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
      const on = sessionOn(date);
      if (on === null && weekday !== 0 && weekday !== 6) holidays.push(date);
      if (on?.earlyClose === true) nextEarlyClose ??= on;
    }
    return {
      session: toView(session),
      isOpen: sessionAt(marketMs) !== null,
      nextEarlyClose: nextEarlyClose === null ? null : toView(nextEarlyClose),
      holidays: holidays.slice(0, HOLIDAYS_SHOWN),
    };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
