/**
 * New York dates and offsets by rule, without a time zone library.
 *
 * A day number counts days from 1970-01-01. Daylight time runs from 2:00 local on the first Sunday of April to the last
 * of October (1987–2006), and from the second Sunday of March to the first of November (since 2007).
 */

const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
const STANDARD_MS = -5 * HOUR_MS;
const DAYLIGHT_MS = -4 * HOUR_MS;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Day number of a date of the proleptic Gregorian calendar; `month` is 1 to 12. */
export function dayNumberOf(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / DAY_MS;
}

/** 0 is Sunday. */
export function weekdayOf(dayNumber: number): number {
  return (((dayNumber + 4) % 7) + 7) % 7;
}

/** `YYYY-MM-DD` of a day number. */
export function formatDay(dayNumber: number): string {
  return new Date(dayNumber * DAY_MS).toISOString().slice(0, 10);
}

/** Day number of `YYYY-MM-DD`. @throws RangeError for anything that is not a date */
export function parseDay(date: string): number {
  const match = DATE.exec(date);
  const dayNumber = match === null ? Number.NaN : dayNumberOf(Number(match[1]), Number(match[2]), Number(match[3]));
  if (Number.isNaN(dayNumber) || formatDay(dayNumber) !== date) throw new RangeError(`"${date}" is not a date`);
  return dayNumber;
}

/** The `nth` given weekday of a month, as a day number. */
export function nthWeekday(year: number, month: number, weekday: number, nth: number): number {
  const first = dayNumberOf(year, month, 1);
  return first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (nth - 1);
}

/** The last given weekday of a month, as a day number. */
export function lastWeekday(year: number, month: number, weekday: number): number {
  const last = dayNumberOf(year, month + 1, 1) - 1;
  return last - ((weekdayOf(last) - weekday + 7) % 7);
}

interface DaylightSpan {
  readonly startMs: number;
  readonly endMs: number;
}

const spans = new Map<number, DaylightSpan>();

function daylightSpan(year: number): DaylightSpan {
  const known = spans.get(year);
  if (known !== undefined) return known;
  const first = year >= 2007 ? nthWeekday(year, 3, 0, 2) : nthWeekday(year, 4, 0, 1);
  const last = year >= 2007 ? nthWeekday(year, 11, 0, 1) : lastWeekday(year, 10, 0);
  const span = { startMs: first * DAY_MS + 7 * HOUR_MS, endMs: last * DAY_MS + 6 * HOUR_MS };
  spans.set(year, span);
  return span;
}

/** What New York's clock is ahead of UTC at an instant, ms: -5 or -4 hours. */
export function newYorkOffsetMs(epochMs: number): number {
  const { startMs, endMs } = daylightSpan(new Date(epochMs).getUTCFullYear());
  return epochMs >= startMs && epochMs < endMs ? DAYLIGHT_MS : STANDARD_MS;
}

/** Day number in New York at an instant. */
export function newYorkDay(epochMs: number): number {
  return Math.floor((epochMs + newYorkOffsetMs(epochMs)) / DAY_MS);
}

/** The last date that was asked for: bars of a date follow each other. */
let latest = { day: Number.NaN, date: '' };

/** `YYYY-MM-DD` in New York at an instant. @throws RangeError when it is no instant */
export function newYorkDate(epochMs: number): string {
  const day = newYorkDay(epochMs);
  if (day !== latest.day) latest = { day, date: formatDay(day) };
  return latest.date;
}

/** Epoch ms of a time of day in New York, in minutes after midnight; not for the hours around a change of the clock. */
export function newYorkTimeMs(dayNumber: number, minutes: number): number {
  const asStandard = dayNumber * DAY_MS + minutes * 60_000 - STANDARD_MS;
  return asStandard + STANDARD_MS - newYorkOffsetMs(asStandard);
}

/** Epoch ms at which a New York date begins. @throws RangeError for text that is no date */
export function newYorkMidnightMs(date: string): number {
  return newYorkTimeMs(parseDay(date), 0);
}
