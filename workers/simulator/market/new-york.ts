import { newYorkDate, newYorkOffsetMs } from '@/server/domain/calendar';

const DAY_MS = 86_400_000;

export { newYorkDate };

/** Time of day in New York, HH:MM. */
export function newYorkTime(atMs: number): string {
  return new Date(atMs + newYorkOffsetMs(atMs)).toISOString().slice(11, 16);
}

/** The instant at which a date begins in New York, epoch ms. The clock never changes at midnight. */
export function newYorkMidnight(date: string): number {
  const soonAfter = Date.parse(`${date}T05:00:00Z`);
  return Date.parse(`${date}T00:00:00Z`) - newYorkOffsetMs(soonAfter);
}

/** The date `days` after a date. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
