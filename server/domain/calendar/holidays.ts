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

/** Closures that follow no rule: mourning, attacks, weather. */
const CLOSURES: ReadonlySet<number> = new Set(
  [
    '1994-04-27', // Nixon's funeral
    '2001-09-11',
    '2001-09-12',
    '2001-09-13',
    '2001-09-14',
    '2004-06-11', // Reagan's funeral
    '2007-01-02', // Ford's funeral
    '2012-10-29', // Hurricane Sandy
    '2012-10-30',
    '2018-12-05', // G. H. W. Bush's funeral
    '2025-01-09', // Carter's funeral
  ].map(parseDay),
);

/** Early closes that follow no rule. */
const SINGLE_EARLY_CLOSES: ReadonlySet<number> = new Set(['1997-12-26', '1999-12-31', '2003-12-26'].map(parseDay));

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

/** Day numbers of a year's full closures. */
export function closuresOf(year: number): ReadonlySet<number> {
  const days = [
    newYearsDay(year),
    nthWeekday(year, 2, MONDAY, 3),
    easterSunday(year) - 2,
    lastWeekday(year, 5, MONDAY),
    observed(dayNumberOf(year, 7, 4)),
    nthWeekday(year, 9, MONDAY, 1),
    nthWeekday(year, 11, THURSDAY, 4),
    observed(dayNumberOf(year, 12, 25)),
  ];
  if (year >= 1998) days.push(nthWeekday(year, 1, MONDAY, 3));
  if (year >= 2022) days.push(observed(dayNumberOf(year, 6, 19)));
  const from = dayNumberOf(year, 1, 1);
  const to = dayNumberOf(year, 12, 31);
  for (const day of CLOSURES) if (day >= from && day <= to) days.push(day);
  return new Set(days);
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

/** Day numbers of a year's early closes with the minute of the close. Days that are no sessions do no harm. */
export function earlyClosesOf(year: number): ReadonlyMap<number, number> {
  const minutes = year < 1993 ? EARLY_CLOSE_MINUTES_BEFORE_1993 : EARLY_CLOSE_MINUTES;
  const closes = new Map<number, number>();
  if (year >= 1992) closes.set(nthWeekday(year, 11, THURSDAY, 4) + 1, minutes);
  const christmasEve = dayNumberOf(year, 12, 24);
  const weekday = weekdayOf(christmasEve);
  if (weekday >= MONDAY && weekday < FRIDAY) closes.set(christmasEve, minutes);
  const independence = independenceEarlyClose(year);
  if (independence !== null) closes.set(independence, minutes);
  const from = dayNumberOf(year, 1, 1);
  const to = dayNumberOf(year, 12, 31);
  for (const day of SINGLE_EARLY_CLOSES) if (day >= from && day <= to) closes.set(day, minutes);
  return closes;
}
