import type { ChartFill } from '@/server/contracts/console/market';
import { isOpen, newYorkDate, newYorkOffsetMs, sessionOn } from '@/server/domain/calendar';
import { formatUnits, parseUnits } from '@/server/kernel/money';

/** Start in epoch ms; open, high, low, close and volume as text; whether any of it traded. */
export type BarTuple = readonly [
  startMs: number,
  open: string,
  high: string,
  low: string,
  close: string,
  volume: string,
  traded: boolean,
];

/** A candle in floats, for pixels only; `null` is a time for which there is no bar: nothing is drawn there. */
export interface Candle {
  readonly startMs: number;
  readonly figures: {
    readonly open: number;
    readonly high: number;
    readonly low: number;
    readonly close: number;
    readonly volume: number;
    readonly traded: boolean;
  } | null;
}

/** Bars that should be there and are not. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bars: number;
}

export interface Candles {
  readonly candles: readonly Candle[];
  readonly gaps: readonly Gap[];
}

/** Out of session, a longer silence than this is a break and not a gap: nobody expected bars. */
const BREAK_MS = 60 * 60_000;
const DAY_MS = 86_400_000;
/** Room for one gap; its length is said in the list of gaps. */
const MOST_SLOTS = 400;

function figuresOf([, open, high, low, close, volume, traded]: BarTuple): Candle['figures'] {
  const figures = {
    open: Number(open),
    high: Number(high),
    low: Number(low),
    close: Number(close),
    volume: Number(volume),
    traded,
  };
  return [figures.open, figures.high, figures.low, figures.close].every(Number.isFinite) ? figures : null;
}

/** Starts of the bars that are missing between two: in session all, out of it those of a short silence. */
function missingBetween(afterMs: number, untilMs: number, stepMs: number): number[] {
  const starts: number[] = [];
  const days = stepMs >= DAY_MS;
  // Some hours into the day, so that a change of the clock moves it to no other.
  const expected = (ms: number) => (days ? sessionOn(newYorkDate(ms + DAY_MS / 4)) !== null : isOpen(ms));
  for (let ms = afterMs + stepMs; ms < untilMs - stepMs / 2; ms += stepMs) if (expected(ms)) starts.push(ms);
  if (starts.length > 0 || days || untilMs - afterMs - stepMs > BREAK_MS) return starts;
  for (let ms = afterMs + stepMs; ms < untilMs - stepMs / 2; ms += stepMs) starts.push(ms);
  return starts;
}

/** Candles oldest first, with an empty place for each bar that is missing. */
export function prepareCandles(bars: readonly BarTuple[], stepSeconds: number): Candles {
  const stepMs = stepSeconds * 1_000;
  const candles: Candle[] = [];
  const gaps: Gap[] = [];
  let previousMs: number | null = null;
  for (const bar of bars) {
    const startMs = bar[0];
    if (previousMs !== null && startMs <= previousMs) continue;
    const missing = previousMs === null ? [] : missingBetween(previousMs, startMs, stepMs);
    const [first, last] = [missing[0], missing.at(-1)];
    if (first !== undefined && last !== undefined)
      gaps.push({ fromMs: first, toMs: last + stepMs, bars: missing.length });
    for (const ms of missing.slice(0, MOST_SLOTS)) candles.push({ startMs: ms, figures: null });
    candles.push({ startMs, figures: figuresOf(bar) });
    previousMs = startMs;
  }
  return { candles, gaps };
}

/** New York's clock as the chart's: it knows no zone. Seconds. */
export function chartTime(epochMs: number): number {
  return Math.floor((epochMs + newYorkOffsetMs(epochMs)) / 1_000);
}

/** The first and the last candle that begin within a stretch of time; null where none does. */
export function candlesWithin(
  candles: readonly Candle[],
  fromMs: number,
  toMs: number,
  stepSeconds: number,
): readonly [firstMs: number, lastMs: number] | null {
  const within = candles.filter(({ startMs }) => startMs + stepSeconds * 1_000 > fromMs && startMs < toMs);
  const [first, last] = [within[0], within.at(-1)];
  return first === undefined || last === undefined ? null : [first.startMs, last.startMs];
}

/** The candle in which something happened, else the one before it; null before the first. */
export function candleAt(candles: readonly Candle[], ms: number): number | null {
  return candles.findLast(({ startMs }) => startMs <= ms)?.startMs ?? null;
}

/** The fills of one side within one candle. */
export interface FillMark {
  readonly startMs: number;
  readonly side: ChartFill['side'];
  /** Shares, as exact decimal text. */
  readonly qty: string;
  readonly fills: number;
  /** The order of the last of them. */
  readonly orderId: string;
}

/** One mark for each candle and side, so that many fills do not hide the candles. */
export function markFills(fills: readonly ChartFill[], candles: readonly Candle[]): readonly FillMark[] {
  const marks = new Map<string, FillMark>();
  for (const { at, side, qty, orderId } of fills) {
    const startMs = candleAt(candles, Date.parse(at));
    if (startMs === null) continue;
    const key = `${startMs} ${side}`;
    const before = marks.get(key);
    const sum = formatUnits(parseUnits(before?.qty ?? '0') + parseUnits(qty));
    marks.set(key, { startMs, side, qty: sum, fills: (before?.fills ?? 0) + 1, orderId });
  }
  return [...marks.values()].sort((a, b) => a.startMs - b.startMs);
}

/** A session that has just begun is shown with what was before it. */
const LEAST_SHOWN = 60;

/** The index of the first candle to show at first: that of the newest session's open for minutes, the oldest for anything longer. */
export function firstShown(candles: readonly Candle[], stepSeconds: number): number {
  const last = candles.at(-1);
  if (last === undefined || stepSeconds > 60) return 0;
  const date = newYorkDate(last.startMs);
  const open = sessionOn(date)?.openMs ?? Number.POSITIVE_INFINITY;
  const inSession = last.startMs >= open;
  const start = candles.findIndex(({ startMs }) => newYorkDate(startMs) === date && (!inSession || startMs >= open));
  return Math.max(0, Math.min(start, candles.length - LEAST_SHOWN));
}
