import { newYorkDate, type Session, sessionOn, sessionsBetween } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { gridOf, type IntradayPeriod, lengthOf, type Period, slotsOf } from './period';

const MINUTE_MS = 60_000;
const HALF_HOUR_MS = 1_800_000;

/** Bars, or whole sessions, that are missing: [fromMs, toMs). */
export interface Gap {
  readonly date: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly bars: number;
}

/** A bar that cannot be right. */
export interface BadBar {
  readonly endMs: number;
  /** GRID: does not begin where bars of its period do. DATE: on a New York date without a session. */
  readonly fault: 'PRICES' | 'ORDER' | 'LENGTH' | 'GRID' | 'DATE';
}

/** A session whose minutes do not add up to the stored day. */
export interface TotalsDifference {
  readonly date: string;
  readonly field: 'open' | 'high' | 'low' | 'close' | 'volume';
  readonly minutes: bigint;
  readonly day: bigint;
}

const sane = ({ open, high, low, close, volume }: Bar) =>
  low > 0n && low <= open && low <= close && high >= open && high >= close && volume >= 0n;

/** A market of which more of the bars are on dates without a session is open around the clock, as the simulator's is. */
const FEW_PERCENT = 5;

/**
 * The bars on New York dates without a session: what a time that does not exist, or one read in a wrong zone, has become. None of a
 * market that is open around the clock.
 */
function outsideSessions(bars: readonly Bar[]): ReadonlySet<Bar> {
  const found = new Set<Bar>();
  let [date, isSession, sameUntilMs] = ['', true, 0];
  for (const bar of bars) {
    if (date === '' || bar.startMs >= sameUntilMs) {
      date = newYorkDate(bar.startMs);
      isSession = sessionOn(date) !== null;
      // Dates change at a half hour at the earliest.
      sameUntilMs = bar.startMs - (bar.startMs % HALF_HOUR_MS) + HALF_HOUR_MS;
    }
    if (!isSession) found.add(bar);
  }
  return found.size * 100 > bars.length * FEW_PERCENT ? new Set() : found;
}

/** Whether a bar is as long as its period and begins on its grid; one that the open or the close cuts is shorter. */
function spanFault({ startMs, endMs }: Bar, period: IntradayPeriod): 'LENGTH' | 'GRID' | null {
  const lengthMs = endMs - startMs;
  const session = lengthMs < lengthOf(period) ? sessionOn(newYorkDate(startMs)) : null;
  const cut = session !== null && lengthMs > 0 && (startMs === session.openMs || endMs === session.closeMs);
  if (lengthMs !== lengthOf(period) && !cut) return 'LENGTH';
  // Hours begin on the clock or at half past nine.
  return startMs % Math.min(lengthOf(period), HALF_HOUR_MS) === 0 ? null : 'GRID';
}

/** Bars with impossible prices, out of order, of the wrong length, off their grid, or on dates without a session. */
export function badBars(bars: readonly Bar[], period: Period): readonly BadBar[] {
  const found: BadBar[] = [];
  const outside = outsideSessions(bars);
  let lastEndMs = Number.NEGATIVE_INFINITY;
  for (const bar of bars) {
    const { endMs } = bar;
    if (!sane(bar)) found.push({ endMs, fault: 'PRICES' });
    if (endMs <= lastEndMs) found.push({ endMs, fault: 'ORDER' });
    const fault = period === '1d' ? null : spanFault(bar, period);
    if (fault !== null) found.push({ endMs, fault });
    if (outside.has(bar)) found.push({ endMs, fault: 'DATE' });
    lastEndMs = endMs;
  }
  return found;
}

/** Greatest common divisor of two whole numbers, not negative. */
export const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** How many minutes the bars are apart at least: more than one for longer bars that were stored as minutes. 0 for a single bar. */
export function minutesApart(bars: readonly Bar[]): number {
  let apart = 0;
  for (const [index, { endMs }] of bars.entries()) {
    const before = bars[index - 1];
    if (before !== undefined) apart = gcd(apart, endMs - before.endMs);
  }
  return apart / MINUTE_MS;
}

/** The bars of a session that are missing among those with these ends, epoch ms. */
export function intradayGaps(
  session: Session,
  ends: ReadonlySet<number>,
  period: IntradayPeriod = '1m',
): readonly Gap[] {
  const { date, openMs, closeMs } = session;
  // Where hours begin is seen from those that end within the session.
  const grid =
    period === '1h'
      ? gridOf(
          [...ends].filter((endMs) => endMs > openMs && endMs < closeMs),
          period,
        )
      : 'clock';
  const gaps: Gap[] = [];
  let gap: { fromMs: number; toMs: number; bars: number } | null = null;
  for (const [fromMs, toMs] of slotsOf(session, period, grid)) {
    if (ends.has(toMs)) gap = null;
    else if (gap === null) {
      gap = { fromMs, toMs, bars: 1 };
      gaps.push(Object.assign(gap, { date }));
    } else {
      gap.toMs = toMs;
      gap.bars += 1;
    }
  }
  return gaps;
}

/** The minutes of one session that are missing; none for a date without a session. */
export function gapsOfSession(bars: readonly Bar[], date: string): readonly Gap[] {
  const session = sessionOn(date);
  return session === null ? [] : intradayGaps(session, new Set(bars.map(({ endMs }) => endMs)));
}

/** What the calendar says must be there between the first and the last bar and is not. Extended hours are not asked for. */
export function gapsOf(bars: readonly Bar[], period: Period): readonly Gap[] {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return [];
  const ends = new Set(bars.map(({ endMs }) => endMs));
  const endsOn = new Map<string, Set<number>>();
  if (period !== '1d')
    for (const { startMs, endMs } of bars) {
      const date = newYorkDate(startMs);
      endsOn.set(date, (endsOn.get(date) ?? new Set()).add(endMs));
    }
  return sessionsBetween(newYorkDate(first.startMs), newYorkDate(last.startMs)).flatMap((session): readonly Gap[] => {
    if (period !== '1d') return intradayGaps(session, endsOn.get(session.date) ?? new Set(), period);
    if (ends.has(session.closeMs)) return [];
    return [{ date: session.date, fromMs: session.openMs, toMs: session.closeMs, bars: 1 }];
  });
}

/** The regular minutes of a day as one bar; null when there are none. */
export function sessionTotal(minutes: readonly Bar[], date: string): Bar | null {
  const session = sessionOn(date);
  if (session === null) return null;
  const { openMs, closeMs } = session;
  const regular = minutes.filter(({ startMs, endMs }) => startMs >= openMs && endMs <= closeMs);
  const [first, last] = [regular[0], regular.at(-1)];
  if (first === undefined || last === undefined) return null;
  let [high, low, volume] = [first.high, first.low, 0n];
  for (const bar of regular) {
    if (bar.high > high) high = bar.high;
    if (bar.low < low) low = bar.low;
    volume += bar.volume;
  }
  return {
    symbol: first.symbol,
    startMs: openMs,
    endMs: closeMs,
    open: first.open,
    high,
    low,
    close: last.close,
    volume,
  };
}

const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

/** Where the minutes of a session say something else than its stored day. */
export function totalsDifferences(date: string, minutes: Bar, day: Bar): readonly TotalsDifference[] {
  return FIELDS.filter((field) => minutes[field] !== day[field]).map((field) => ({
    date,
    field,
    minutes: minutes[field],
    day: day[field],
  }));
}
