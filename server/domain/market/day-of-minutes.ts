import { newYorkDate } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { gapsOfSession, sessionTotal } from './verify-bars';

/** Bars by the New York date of their start, dates and bars in the order in which they come. */
export function byNewYorkDate(bars: readonly Bar[]): ReadonlyMap<string, readonly Bar[]> {
  const dates = new Map<string, Bar[]>();
  for (const bar of bars) {
    const date = newYorkDate(bar.startMs);
    const day = dates.get(date);
    if (day === undefined) dates.set(date, [bar]);
    else day.push(bar);
  }
  return dates;
}

/**
 * The regular minutes of a session as its day; null where any is missing: a day of half its minutes would be taken for whole.
 * @param minutes of one symbol, oldest first; those of other dates and hours do no harm
 */
export function dayOfMinutes(minutes: readonly Bar[], date: string): Bar | null {
  return gapsOfSession(minutes, date).length > 0 ? null : sessionTotal(minutes, date);
}
