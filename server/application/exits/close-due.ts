import type { CalendarDay } from '@/server/application/ports/broker';
import type { DayWindow } from '@/server/application/ports/tie-out-store';
import { newYorkTimeMs, parseDay } from '@/server/domain/calendar/new-york';

/** After the close what expires at the broker has expired, and a market round the clock has begun its next day. */
const GRACE_MS = 60_000;
const MINUTES_A_DAY = 1_440;

/** The New York day of a date, in market time. */
export function dayWindow(date: string): DayWindow {
  const day = parseDay(date);
  return { fromMs: newYorkTimeMs(day, 0), untilMs: newYorkTimeMs(day + 1, 0) };
}

function closeMs({ date, close }: CalendarDay): number {
  const [hours = 0, minutes = 0] = close.split(':').map(Number);
  return newYorkTimeMs(parseDay(date), Math.min(hours * 60 + minutes, MINUTES_A_DAY));
}

/**
 * The trading day whose close is to be tied out now: the newest session of the venue's calendar that has closed since the
 * account was opened; null when it is done. Sessions before it went by unseen: both sides of theirs are gone.
 */
export function closeDue(
  calendar: readonly CalendarDay[],
  marketTimeMs: number,
  openedAtMs: number,
  lastClose: string | null,
): string | null {
  const closed = calendar
    .filter((day) => closeMs(day) + GRACE_MS <= marketTimeMs && closeMs(day) > openedAtMs)
    .map(({ date }) => date)
    .sort()
    .at(-1);
  return closed === undefined || (lastClose !== null && closed <= lastClose) ? null : closed;
}
