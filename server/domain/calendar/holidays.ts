import { dayNumberOf, lastWeekday, nthWeekday, parseDay, weekdayOf } from './new-york';

const SUNDAY = 0;
const MONDAY = 1;
const THURSDAY = 4;
const FRIDAY = 5;
const SATURDAY = 6;

/** Minutes after midnight, New York. */
const EARLY_CLOSE_MINUTES = 13 * 60;
/** Early closes were at 14:00 up to 1992. */
const EARLY_CLOSE_MINUTES_BEFORE_1993 = 14 * 60;

/** Closures that follow no rule: mourning, attacks, weather. Sources: as for the early closes; 2025: NYSE, 30 December 2024. */
const CLOSURES: ReadonlyMap<number, string> = new Map(
  [
    ['1994-04-27', 'Funeral of President Nixon'],
    ['2001-09-11', 'Attacks of September 11'],
    ['2001-09-12', 'Attacks of September 11'],
    ['2001-09-13', 'Attacks of September 11'],
    ['2001-09-14', 'Attacks of September 11'],
    ['2004-06-11', 'Funeral of President Reagan'],
    ['2007-01-02', 'Funeral of President Ford'],
    ['2012-10-29', 'Hurricane Sandy'],
    ['2012-10-30', 'Hurricane Sandy'],
    ['2018-12-05', 'Funeral of President G. H. W. Bush'],
    ['2025-01-09', 'Funeral of President Carter'],
  ].map(([date = '', name = '']) => [parseDay(date), name]),
);

/**
 * Early closes that follow no rule, by when the market closed.
 * Sources: NYSE, "Special Closings" (nyse.com/pdfs/closings.pdf, archived 2014); the lists of pandas_market_calendars (MIT), drawn
 * from it. 13:00 closes also in the sessions of exchange_calendars (Apache-2.0), 1990 to 2023.
 */
const SINGLE_EARLY_CLOSES = daysAt([
  ['1994-02-11', 14 * 60 + 30, 'Snowstorm'],
  ['1996-01-08', 14 * 60, 'Snowstorm'],
  ['1997-10-27', 15 * 60 + 30, 'Circuit breakers'],
  ['1997-12-26', EARLY_CLOSE_MINUTES, 'Day after Christmas'],
  ['1999-12-31', EARLY_CLOSE_MINUTES, "New Year's Eve"],
  ['2003-12-26', EARLY_CLOSE_MINUTES, 'Day after Christmas'],
  ['2005-06-01', 15 * 60 + 56, 'Failure of communications'],
]);

/** Late opens, none of which was foreseen, by when the market opened. Sources: as for the early closes. */
const LATE_OPENS = daysAt([
  ['1990-12-27', 9 * 60 + 31, 'Explosion of a transformer'],
  ['1991-01-17', 9 * 60 + 31, 'Moment of silence: troops in the Gulf'],
  ['1991-02-25', 9 * 60 + 31, 'Moment of silence: troops in the Gulf'],
  ['1995-12-18', 10 * 60 + 30, 'Failure of computers'],
  ['1996-01-08', 11 * 60, 'Snowstorm'],
  ['2001-09-17', 9 * 60 + 33, 'Moment of silence: attacks of September 11'],
  ['2001-10-08', 9 * 60 + 31, 'Moment of silence: troops in Afghanistan'],
  ['2002-09-11', 12 * 60, 'Anniversary of the attacks of September 11'],
  ['2003-03-20', 9 * 60 + 32, 'Moment of silence: troops in Iraq'],
  ['2004-06-07', 9 * 60 + 32, 'Moment of silence: President Reagan'],
  ['2006-12-27', 9 * 60 + 32, 'Moment of silence: President Ford'],
]);

function daysAt(
  days: readonly (readonly [date: string, minutes: number, name: string])[],
): ReadonlyMap<number, SpecialTime> {
  return new Map(days.map(([date, minutes, name]) => [parseDay(date), { minutes, name }]));
}

/** When a session opens late or closes early: minutes after midnight, New York. */
export interface SpecialTime {
  readonly minutes: number;
  readonly name: string;
}

/** Easter Sunday of the Gregorian calendar (Anonymous Gregorian algorithm), as a day number. */
function easterSunday(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const month = Math.floor((h + l - 7 * m + 114) / 31);
  return dayNumberOf(year, month, ((h + l - 7 * m + 114) % 31) + 1);
}

/** A holiday on a Saturday is kept on Friday, one on a Sunday on Monday. */
function observed(dayNumber: number): number {
  const weekday = weekdayOf(dayNumber);
  if (weekday === SATURDAY) return dayNumber - 1;
  return weekday === SUNDAY ? dayNumber + 1 : dayNumber;
}

/** New Year's Day on a Saturday is not kept: Friday is the last day of the old year's books. */
function newYearsDay(year: number): number {
  const day = dayNumberOf(year, 1, 1);
  return weekdayOf(day) === SUNDAY ? day + 1 : day;
}

/** A year's full closures by day number, with their names. */
export function closuresOf(year: number): ReadonlyMap<number, string> {
  const closures = new Map<number, string>([
    [newYearsDay(year), "New Year's Day"],
    [nthWeekday(year, 2, MONDAY, 3), "Washington's Birthday"],
    [easterSunday(year) - 2, 'Good Friday'],
    [lastWeekday(year, 5, MONDAY), 'Memorial Day'],
    [observed(dayNumberOf(year, 7, 4)), 'Independence Day'],
    [nthWeekday(year, 9, MONDAY, 1), 'Labor Day'],
    [nthWeekday(year, 11, THURSDAY, 4), 'Thanksgiving Day'],
    [observed(dayNumberOf(year, 12, 25)), 'Christmas Day'],
  ]);
  if (year >= 1998) closures.set(nthWeekday(year, 1, MONDAY, 3), 'Martin Luther King Jr. Day');
  if (year >= 2022) closures.set(observed(dayNumberOf(year, 6, 19)), 'Juneteenth');
  for (const [day, name] of ofYear(CLOSURES, year)) closures.set(day, name);
  return closures;
}

function ofYear<T>(days: ReadonlyMap<number, T>, year: number): (readonly [number, T])[] {
  const from = dayNumberOf(year, 1, 1);
  const to = dayNumberOf(year, 12, 31);
  return [...days].filter(([day]) => day >= from && day <= to);
}

/**
 * Around Independence Day, since 1995: 3 July when the 4th is a Tuesday, Wednesday or Friday. With the 4th on a
 * Thursday it was Friday the 5th up to 2012, and is Wednesday the 3rd since 2013.
 */
function independenceEarlyClose(year: number): number | null {
  if (year < 1995) return null;
  const fourth = dayNumberOf(year, 7, 4);
  const weekday = weekdayOf(fourth);
  if (weekday === SUNDAY || weekday === SATURDAY || weekday === MONDAY) return null;
  return weekday === THURSDAY && year < 2013 ? fourth + 1 : fourth - 1;
}

/** A year's early closes by day number. Days that are no sessions do no harm. */
export function earlyClosesOf(year: number): ReadonlyMap<number, SpecialTime> {
  const minutes = year < 1993 ? EARLY_CLOSE_MINUTES_BEFORE_1993 : EARLY_CLOSE_MINUTES;
  const closes = new Map<number, SpecialTime>();
  if (year >= 1992) closes.set(nthWeekday(year, 11, THURSDAY, 4) + 1, { minutes, name: 'Day after Thanksgiving' });
  const christmasEve = dayNumberOf(year, 12, 24);
  const weekday = weekdayOf(christmasEve);
  if (weekday >= MONDAY && weekday < FRIDAY) closes.set(christmasEve, { minutes, name: 'Christmas Eve' });
  const independence = independenceEarlyClose(year);
  if (independence !== null) closes.set(independence, { minutes, name: 'Around Independence Day' });
  for (const [day, close] of ofYear(SINGLE_EARLY_CLOSES, year)) closes.set(day, close);
  return closes;
}

/** A year's late opens by day number. */
export const lateOpensOf = (year: number): ReadonlyMap<number, SpecialTime> => new Map(ofYear(LATE_OPENS, year));
