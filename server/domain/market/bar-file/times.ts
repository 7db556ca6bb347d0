import { newYorkMidnightMs, newYorkOffsetMs } from '@/server/domain/calendar';

/** A time as it is written, with its zone when it names one. */
export interface WrittenTime {
  /** `yyyy-MM-dd` of the clock that wrote it. */
  readonly date: string;
  /** Milliseconds of the day; null for a date alone. */
  readonly ofDayMs: number | null;
  /** The reading of that clock, as if it were UTC. */
  readonly localMs: number;
  /** The instant, epoch ms, where the text settles it. */
  readonly instantMs: number | null;
  /** The text is a number since 1970, which has no clock of its own. */
  readonly epoch: boolean;
}

export type DateOrder = 'mdy' | 'dmy';

/** Zone of times that name none. */
export type Zone = 'utc' | 'new-york';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const NUMERIC = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4})$/;
const NAMED = /^(?:([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})|(\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ -](\d{4}))$/;
const CLOCK = /^(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([AaPp])\.?[Mm]\.?)?$/;
const ZONE = /(?: ?(Z|UTC|GMT)| ?([+-])(\d{2})(?::?(\d{2}))?| (US\/Eastern|America\/New_York))$/;
/** A zone follows a time of day; in 2024-01-02 there is none. */
const ENDS_IN_CLOCK = /(?:\d:\d{2}(?::\d{2})?(?:[.,]\d+)?|[ T]\d{4,6})(?: ?[AaPp][Mm])?$/;

const two = (value: number) => String(value).padStart(2, '0');

function validDate(year: number, month: number, day: number): string | null {
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  const ms = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date) ? date : null;
}

/** Month and day of a date such as 03/07/2001; null for any other notation. */
export function numericDate(text: string): readonly [first: number, second: number] | null {
  const match = NUMERIC.exec(text.trim().split(/[ T]/)[0] ?? '');
  return match === null ? null : [Number(match[1]), Number(match[3])];
}

function readDate(text: string, order: DateOrder | null): string | null {
  const iso = /^(\d{4})([-/.]?)(\d{2})\2(\d{2})$/.exec(text);
  if (iso !== null) return validDate(Number(iso[1]), Number(iso[3]), Number(iso[4]));
  const numeric = NUMERIC.exec(text);
  if (numeric !== null && order !== null) {
    const [first, second] = [Number(numeric[1]), Number(numeric[3])];
    return order === 'mdy'
      ? validDate(Number(numeric[4]), first, second)
      : validDate(Number(numeric[4]), second, first);
  }
  const named = NAMED.exec(text);
  if (named === null) return null;
  const month = MONTHS.indexOf((named[1] ?? named[5] ?? '').toLowerCase()) + 1;
  return month === 0 ? null : validDate(Number(named[3] ?? named[6]), month, Number(named[2] ?? named[4]));
}

function readClock(text: string): number | null {
  const match = CLOCK.exec(text);
  if (match === null) return null;
  const [, hours, minutes, seconds = '0', fraction = '', half] = match;
  let hour = Number(hours);
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  }
  if (hour > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  return ((hour * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
}

/** Digits since 1970, epoch ms: their number says whether they are seconds, ms, µs or ns. */
function readEpoch(text: string): number | null {
  const digits = /^(\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(?:\.0+)?$/.exec(text)?.[1];
  if (digits === undefined) return null;
  if (digits.length <= 10) return Number(digits) * 1_000;
  if (digits.length <= 13) return Number(digits);
  return Number(BigInt(digits) / (digits.length <= 16 ? 1_000n : 1_000_000n));
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** How most times are written. */
const PLAIN = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?(?:(Z)|([+-])(\d{2}):(\d{2}))?$/;

/** The last date that was read: the minutes of a day follow each other. */
let lastDay = { date: '', ms: Number.NaN };

function dayMs(date: string): number {
  if (lastDay.date !== date)
    lastDay = { date, ms: readDate(date, null) === date ? Date.parse(`${date}T00:00:00Z`) : Number.NaN };
  return lastDay.ms;
}

function readPlain(text: string): WrittenTime | null {
  const match = PLAIN.exec(text);
  if (match === null) return null;
  const [, date = '', hours, minutes, seconds = '0', utc, sign, zoneHours, zoneMinutes] = match;
  const ofDayMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  const localMs = dayMs(date) + ofDayMs;
  if (Number.isNaN(localMs) || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const offset = Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0);
  const instantMs =
    utc === undefined && sign === undefined ? null : localMs - (sign === '-' ? -offset : offset) * MINUTE_MS;
  return { date, ofDayMs, localMs, instantMs, epoch: false };
}

/** Reads a time in any notation that means one thing. Null for any other text. */
export function readTime(text: string, order: DateOrder | null): WrittenTime | null {
  const plain = readPlain(text);
  if (plain !== null) return plain;
  const epochMs = readEpoch(text);
  if (epochMs !== null) {
    const ofDayMs = epochMs % DAY_MS;
    return { date: isoDay(epochMs), ofDayMs, localMs: epochMs, instantMs: epochMs, epoch: true };
  }
  const zone = ZONE.exec(text);
  const before = zone === null ? null : text.slice(0, zone.index);
  const zoned = before !== null && ENDS_IN_CLOCK.test(before);
  const local = (zoned ? before : text).trim();
  const alone = readDate(local, order);
  if (alone !== null)
    return { date: alone, ofDayMs: null, localMs: Date.parse(`${alone}T00:00:00Z`), instantMs: null, epoch: false };
  const cut = /^(.*\d)[ T]+(\d{1,2}:\d{2}.*|\d{6}|\d{4})$/.exec(local);
  const date = cut === null ? null : readDate(cut[1] ?? '', order);
  if (cut === null || date === null) return null;
  const ofDayMs = readClock(cut[2] ?? '');
  if (ofDayMs === null) return null;
  const localMs = Date.parse(`${date}T00:00:00Z`) + ofDayMs;
  return { date, ofDayMs, localMs, instantMs: zone !== null && zoned ? zonedMs(zone, localMs) : null, epoch: false };
}

function zonedMs([, utc, sign, hours, minutes = '0']: RegExpExecArray, localMs: number): number | null {
  if (utc !== undefined) return localMs;
  if (sign === undefined) return newYorkMs(localMs);
  return localMs - (sign === '+' ? 1 : -1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** The instant of a time of day in New York. Null where its clock skips that time, or shows it twice. */
function newYorkMs(localMs: number): number | null {
  const found = [4, 5].map((hours) => localMs + hours * 3_600_000).filter((ms) => ms + newYorkOffsetMs(ms) === localMs);
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** Whether an instant is midnight in New York, or in UTC: how days are stamped by feeds that know only instants. */
export function isMidnight(instantMs: number): boolean {
  return instantMs % DAY_MS === 0 || instantMs === newYorkMidnightMs(isoDay(instantMs + newYorkOffsetMs(instantMs)));
}

/** The date that a midnight stands for. */
const dateOfMidnight = (instantMs: number): string =>
  instantMs % DAY_MS === 0 ? isoDay(instantMs) : isoDay(instantMs + newYorkOffsetMs(instantMs));

/** The instant of a time, in this zone where it names none. Null where New York's clock skips the time, or shows it twice. */
export function instantOf({ localMs, instantMs }: WrittenTime, zone: Zone): number | null {
  if (instantMs !== null) return instantMs;
  return zone === 'utc' ? localMs : newYorkMs(localMs);
}

/** The date of a day's bar. Instants at midnight stand for the date that begins there. */
export const sessionDate = ({ date, instantMs, epoch }: WrittenTime): string =>
  instantMs !== null && isMidnight(instantMs) && (epoch || instantMs % DAY_MS !== 0) ? dateOfMidnight(instantMs) : date;
