import { newYorkDate, newYorkMidnightMs, previousSession, sessionAt, sessionOn } from '@/server/domain/calendar';

export interface DayClock {
  /** The venue's own time, epoch ms. */
  readonly marketTimeMs: number;
  readonly isOpen: boolean;
}

/** Date of the session that closed last by the calendar; outside its years the date in New York. */
function lastSessionDate(ms: number): string {
  try {
    return previousSession(ms).date;
  } catch (error) {
    if (error instanceof RangeError) return newYorkDate(ms);
    throw error;
  }
}

/** When the last session closed by the calendar, epoch ms; outside its years, which know no close, in the far future. */
export function lastCloseMs(ms: number): number {
  try {
    return previousSession(ms).closeMs;
  } catch (error) {
    if (error instanceof RangeError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

/**
 * The trading day whose figures run at an instant, `YYYY-MM-DD` in New York: a session's day begins at its open and lasts
 * until the next open. The venue's clock says whether a session runs; a market round the clock begins its day at midnight.
 * @param stored the day of the figures so far; null for none
 */
export function tradingDayAt({ marketTimeMs, isOpen }: DayClock, stored: string | null): string {
  if (isOpen) return newYorkDate(marketTimeMs);
  // Sessions that went by while nobody watched are over: the last of them is the day now.
  const last = lastSessionDate(marketTimeMs);
  return stored !== null && stored > last ? stored : last;
}

/**
 * When the session before a trading day closed, epoch ms: capital that moved since is not in the broker's equity of that close.
 * A market round the clock (open while the calendar has no session) closes its day at midnight; so does one outside the calendar.
 */
export function closeBefore({ marketTimeMs, isOpen }: DayClock, tradingDay: string): number {
  const midnightMs = newYorkMidnightMs(tradingDay);
  try {
    if (isOpen && sessionAt(marketTimeMs) === null) return midnightMs;
    return previousSession(sessionOn(tradingDay)?.openMs ?? midnightMs).closeMs;
  } catch (error) {
    if (error instanceof RangeError) return midnightMs;
    throw error;
  }
}
