import { newYorkDate, type Session, sessionOn } from '@/server/domain/calendar';

const MINUTE_MS = 60_000;
const HALF_HOUR_MS = 1_800_000;

/** Lengths of stored bars, shortest first. `1d` is a session. */
export const PERIODS = ['1m', '5m', '15m', '30m', '1h', '1d'] as const;
export type Period = (typeof PERIODS)[number];

/** A period within a session. */
export type IntradayPeriod = Exclude<Period, '1d'>;

const MINUTES: Readonly<Record<IntradayPeriod, number>> = { '1m': 1, '5m': 5, '15m': 15, '30m': 30, '1h': 60 };

/** Length of a bar, ms. A bar that ends with its session may be shorter. */
export const lengthOf = (period: IntradayPeriod): number => MINUTES[period] * MINUTE_MS;

/** The period whose bars are so many minutes apart; null for any other distance. */
export function periodOfMinutes(minutes: number): IntradayPeriod | null {
  return PERIODS.find((period): period is IntradayPeriod => period !== '1d' && MINUTES[period] === minutes) ?? null;
}

/** In words: `15-minute bars`, `hours`. */
export const PERIOD_WORDS: Readonly<Record<Period, string>> = {
  '1m': 'minutes',
  '5m': '5-minute bars',
  '15m': '15-minute bars',
  '30m': '30-minute bars',
  '1h': 'hours',
  '1d': 'days',
};

/**
 * Where bars begin: at multiples of their length on the clock, or from the open of each session on. The two differ for hours
 * alone, since sessions open at half past nine.
 */
export type Grid = 'clock' | 'session';

const onClock = (ms: number, lengthMs: number) => ms % lengthMs === 0;

/** From `start` to the next line of the grid, or to the close. Null for a start that is neither on the grid nor the open. */
export function spanFrom(startMs: number, period: IntradayPeriod, grid: Grid): readonly [number, number] | null {
  const lengthMs = lengthOf(period);
  const session = sessionOf(startMs);
  const isOpen = session !== null && startMs === session.openMs;
  if (!isOpen && !onGrid(startMs, lengthMs, grid, session)) return null;
  const wholeMs = grid === 'clock' ? startMs - (startMs % lengthMs) + lengthMs : startMs + lengthMs;
  const closeMs = session?.closeMs ?? wholeMs;
  return [startMs, startMs < closeMs && closeMs < wholeMs ? closeMs : wholeMs];
}

/** The bar that ends at `end`; one that the open would cut begins there. Null for an end that is neither on the grid nor the close. */
export function spanUpTo(endMs: number, period: IntradayPeriod, grid: Grid): readonly [number, number] | null {
  const lengthMs = lengthOf(period);
  const session = sessionOf(endMs - 1);
  const isClose = session !== null && endMs === session.closeMs;
  if (!isClose && !onGrid(endMs, lengthMs, grid, session)) return null;
  const from = grid === 'clock' || session === null ? 0 : session.openMs;
  const restMs = (((endMs - from) % lengthMs) + lengthMs) % lengthMs;
  const wholeMs = endMs - (restMs === 0 ? lengthMs : restMs);
  const openMs = session?.openMs ?? wholeMs;
  return [wholeMs < openMs && openMs < endMs ? openMs : wholeMs, endMs];
}

function onGrid(ms: number, lengthMs: number, grid: Grid, session: Session | null): boolean {
  if (grid === 'clock' || session === null) return onClock(ms, grid === 'clock' ? lengthMs : HALF_HOUR_MS);
  return (ms - session.openMs) % lengthMs === 0;
}

const sessionOf = (ms: number): Session | null => sessionOn(newYorkDate(ms));

/** The regular bars of a session, each as [start, end). */
export function slotsOf(session: Session, period: IntradayPeriod, grid: Grid): readonly (readonly [number, number])[] {
  const lengthMs = lengthOf(period);
  const slots: (readonly [number, number])[] = [];
  for (let fromMs = session.openMs; fromMs < session.closeMs; ) {
    const wholeMs = grid === 'clock' ? fromMs - (fromMs % lengthMs) + lengthMs : fromMs + lengthMs;
    const toMs = Math.min(wholeMs, session.closeMs);
    slots.push([fromMs, toMs]);
    fromMs = toMs;
  }
  return slots;
}

/** The grid that most of these instants, epoch ms, are on. */
export function gridOf(instants: Iterable<number>, period: IntradayPeriod): Grid {
  let [clock, all] = [0, 0];
  for (const ms of instants) {
    all += 1;
    if (onClock(ms, lengthOf(period))) clock += 1;
  }
  return clock * 2 >= all ? 'clock' : 'session';
}
