/**
 * The sessions of the New York Stock Exchange by rule, 1990 to 2100. Each year is worked out once.
 * Outside that span nothing is known: the market counts as closed, and a question that needs an answer throws.
 */
import { closuresOf, earlyClosesOf, lateOpensOf } from './holidays';
import { DAY_MS, dayNumberOf, formatDay, newYorkDay, newYorkTimeMs, parseDay, weekdayOf } from './new-york';
import type { Session } from './types';

const FIRST_YEAR = 1990;
const LAST_YEAR = 2100;
const OPEN_MINUTES = 9 * 60 + 30;
const CLOSE_MINUTES = 16 * 60;

interface Year {
  readonly firstDay: number;
  /** By day of the year. */
  readonly sessions: readonly (Session | null)[];
}

const years = new Map<number, Year>();
let latest: Session | null = null;

function workOutYear(year: number): Year {
  const closures = closuresOf(year);
  const earlyCloses = earlyClosesOf(year);
  const lateOpens = lateOpensOf(year);
  const firstDay = dayNumberOf(year, 1, 1);
  const lastDay = dayNumberOf(year, 12, 31);
  const sessions: (Session | null)[] = [];
  for (let day = firstDay; day <= lastDay; day += 1) {
    const weekday = weekdayOf(day);
    if (weekday === 0 || weekday === 6 || closures.has(day)) {
      sessions.push(null);
      continue;
    }
    const early = earlyCloses.get(day);
    const late = lateOpens.get(day);
    sessions.push({
      date: formatDay(day),
      openMs: newYorkTimeMs(day, late?.minutes ?? OPEN_MINUTES),
      closeMs: newYorkTimeMs(day, early?.minutes ?? CLOSE_MINUTES),
      earlyClose: early !== undefined,
      lateOpen: late !== undefined,
    });
  }
  return { firstDay, sessions };
}

function sessionOnDay(day: number): Session | null {
  const year = new Date(day * DAY_MS).getUTCFullYear();
  if (!(year >= FIRST_YEAR && year <= LAST_YEAR)) return null;
  let known = years.get(year);
  if (known === undefined) {
    known = workOutYear(year);
    years.set(year, known);
  }
  return known.sessions[day - known.firstDay] ?? null;
}

function requireCovered(day: number): void {
  const year = new Date(day * DAY_MS).getUTCFullYear();
  if (year >= FIRST_YEAR && year <= LAST_YEAR) return;
  throw new RangeError(`the calendar covers ${FIRST_YEAR} to ${LAST_YEAR}`);
}

function seek(fromDay: number, step: 1 | -1, wanted: (session: Session) => boolean): Session {
  for (let day = fromDay; ; day += step) {
    requireCovered(day);
    const session = sessionOnDay(day);
    if (session !== null && wanted(session)) return session;
  }
}

/** The session of a New York date; `null` when there is none. @throws RangeError for text that is no date */
export function sessionOn(date: string): Session | null {
  return sessionOnDay(parseDay(date));
}

/** The session that is open at an instant; `null` when the market is closed. */
export function sessionAt(epochMs: number): Session | null {
  if (latest !== null && epochMs >= latest.openMs && epochMs < latest.closeMs) return latest;
  const session = sessionOnDay(newYorkDay(epochMs));
  if (session === null || epochMs < session.openMs || epochMs >= session.closeMs) return null;
  latest = session;
  return session;
}

/** Whether the market is open at an instant: on [open, close). */
export function isOpen(epochMs: number): boolean {
  return sessionAt(epochMs) !== null;
}

/** The first open after an instant, epoch ms. @throws RangeError outside the calendar */
export function nextOpen(epochMs: number): number {
  return seek(newYorkDay(epochMs), 1, (session) => session.openMs > epochMs).openMs;
}

/** The first close after an instant, epoch ms: of the running session, else of the next. @throws RangeError outside the calendar */
export function nextClose(epochMs: number): number {
  return seek(newYorkDay(epochMs), 1, (session) => session.closeMs > epochMs).closeMs;
}

/** The session that closed last, at or before an instant. @throws RangeError outside the calendar */
export function previousSession(epochMs: number): Session {
  return seek(newYorkDay(epochMs), -1, (session) => session.closeMs <= epochMs);
}

/** The running session, else the next. @throws RangeError outside the calendar */
export function currentOrNextSession(epochMs: number): Session {
  return seek(newYorkDay(epochMs), 1, (session) => session.closeMs > epochMs);
}

/** Sessions with `from <= date <= to`, in order. @throws RangeError for text that is no date, or outside the calendar */
export function sessionsBetween(from: string, to: string): Session[] {
  const first = parseDay(from);
  const last = parseDay(to);
  requireCovered(first);
  requireCovered(last);
  const sessions: Session[] = [];
  for (let day = first; day <= last; day += 1) {
    const session = sessionOnDay(day);
    if (session !== null) sessions.push(session);
  }
  return sessions;
}

/** A weekday on which the market is closed, opens late or closes early. */
export interface SpecialDay {
  readonly date: string;
  readonly name: string;
  /** Null: there is no session at all. */
  readonly session: Session | null;
}

/** Closures, late opens and early closes of a year, in order; weekends are no closures. @throws RangeError outside the calendar */
export function specialDaysOf(year: number): SpecialDay[] {
  requireCovered(dayNumberOf(year, 1, 1));
  const times = [...lateOpensOf(year), ...earlyClosesOf(year)];
  const names = new Map(times.map(([day, { name }]) => [day, name]));
  for (const [day, name] of closuresOf(year)) names.set(day, name);
  return [...names]
    .sort(([a], [b]) => a - b)
    .filter(([day]) => weekdayOf(day) !== 0 && weekdayOf(day) !== 6)
    .map(([day, name]) => ({ date: formatDay(day), name, session: sessionOnDay(day) }))
    .filter(({ session }) => session === null || session.earlyClose || session.lateOpen);
}
