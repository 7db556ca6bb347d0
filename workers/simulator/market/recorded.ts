import { ONE, type Units } from '@/server/kernel/money';
import type { RecordedBar } from './bars-file';
import { newYorkDate } from './new-york';
import type { MarketBar, PricePoint, PriceSource } from './types';

const MINUTE_MS = 60_000;
const CENT: Units = ONE / 100n;
/** A stretch without bars longer than this is a closed market, not a quiet minute. */
const MAX_GAP_MS = 30 * MINUTE_MS;
/** Where in the minute the path turns: open, first extreme, second extreme, close. */
const CORNERS_MS = [0, 20_000, 40_000, 59_000] as const;

export interface RecordedOptions {
  readonly symbol: string;
  /** Difference of ask and bid, in dollars. */
  readonly spread: Units;
  /** Market milliseconds between quotes: at most 10,000. */
  readonly stepMs: number;
  readonly sourceId: string;
}

/**
 * Plays one-minute bars: each is walked from open to close by way of its low and high (high first when it fell), and
 * quoted half the spread either side of that path, so that every fill lies within the bar's range plus half the spread.
 */
export class RecordedMarket implements PriceSource {
  readonly kind = 'RECORDED';
  readonly symbols: readonly string[];
  readonly label: string;
  readonly date: string;
  readonly sourceId: string;
  readonly endMs: number;
  private readonly bars: readonly RecordedBar[];
  private readonly offsets: readonly number[];
  private readonly half: Units;

  constructor(bars: readonly RecordedBar[], options: RecordedOptions) {
    const [first, last] = [bars[0], bars[bars.length - 1]];
    if (first === undefined || last === undefined) throw new RangeError('a recording needs bars');
    this.bars = bars;
    this.symbols = [options.symbol];
    this.sourceId = options.sourceId;
    this.half = options.spread / 2n;
    this.endMs = last.endMs;
    this.date = newYorkDate(first.endMs);
    this.label = `RECORDED ${options.symbol}, from ${this.date} to ${newYorkDate(last.endMs)}`;
    const offsets = new Set<number>(CORNERS_MS);
    for (let offset = 0; offset < MINUTE_MS; offset += options.stepMs) offsets.add(offset);
    this.offsets = [...offsets].sort((a, b) => a - b);
  }

  pointsBetween(fromMs: number, toMs: number): PricePoint[] {
    const points: PricePoint[] = [];
    for (let atMs = this.nextPointMs(fromMs); atMs !== null && atMs <= toMs; atMs = this.nextPointMs(atMs)) {
      const point = this.point(atMs);
      if (point !== undefined) points.push(point);
    }
    return points;
  }

  pointAt(symbol: string, atMs: number): PricePoint | undefined {
    if (symbol !== this.symbols[0]) return undefined;
    const minute = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    const offset = this.offsets.findLast((each) => minute + each <= atMs) ?? 0;
    return this.point(minute + offset) ?? this.lastPoint(atMs);
  }

  nextPointMs(afterMs: number): number | null {
    const minute = Math.floor(afterMs / MINUTE_MS) * MINUTE_MS;
    const offset = this.offsets.find((each) => minute + each > afterMs);
    const next = offset === undefined ? minute + MINUTE_MS : minute + offset;
    if (next >= this.endMs) return null;
    const index = this.firstEndingAfter(next);
    const bar = this.bars[index];
    if (bar === undefined) return null;
    if (bar.endMs - MINUTE_MS <= next || this.coversGap(index, next)) return next;
    return bar.endMs - MINUTE_MS;
  }

  minuteBars(symbol: string, fromMs: number, toMs: number, limit: number): MarketBar[] {
    const bars: MarketBar[] = [];
    if (symbol !== this.symbols[0]) return bars;
    for (
      let index = this.firstEndingAfter(fromMs + MINUTE_MS - 1);
      index < this.bars.length && bars.length < limit;
      index += 1
    ) {
      const bar = this.bars[index];
      if (bar === undefined || bar.endMs > toMs) break;
      bars.push(this.marketBar(bar));
    }
    return bars;
  }

  lastMinuteBar(symbol: string, atMs: number): MarketBar | undefined {
    const bar = this.bars[this.firstEndingAfter(atMs) - 1];
    return bar === undefined || symbol !== this.symbols[0] ? undefined : this.marketBar(bar);
  }

  /** Index of the first bar that ends after a time. */
  private firstEndingAfter(atMs: number): number {
    let low = 0;
    let high = this.bars.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.bars[middle]?.endMs ?? 0) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A minute without a bar between two that are near: nothing traded, the last price still stands. */
  private coversGap(index: number, atMs: number): boolean {
    const before = this.bars[index - 1];
    const after = this.bars[index];
    return (
      before !== undefined &&
      after !== undefined &&
      before.endMs <= atMs &&
      after.endMs - MINUTE_MS - before.endMs <= MAX_GAP_MS
    );
  }

  /** The point at an exact path time, or undefined where nothing was traded for long. */
  private point(atMs: number): PricePoint | undefined {
    const index = this.firstEndingAfter(atMs);
    const bar = this.bars[index];
    if (bar === undefined) return undefined;
    if (bar.endMs - MINUTE_MS <= atMs) return this.quoted(bar, pathPrice(bar, atMs - (bar.endMs - MINUTE_MS)), atMs);
    const before = this.bars[index - 1];
    return before !== undefined && this.coversGap(index, atMs) ? this.quoted(before, before.close, atMs) : undefined;
  }

  private lastPoint(atMs: number): PricePoint | undefined {
    const bar = this.bars[this.firstEndingAfter(atMs) - 1];
    return bar === undefined ? undefined : this.quoted(bar, bar.close, bar.endMs - 1000);
  }

  private quoted(bar: RecordedBar, price: Units, atMs: number): PricePoint {
    // A twelfth of the minute's volume stands on either side, at least one round lot.
    const size = BigInt(Math.max(100, Math.ceil(bar.volume / 1200) * 100)) * ONE;
    const symbol = this.symbols[0] ?? '';
    return {
      quote: { symbol, bid: price - this.half, ask: price + this.half, bidSize: size, askSize: size, atMs },
      tradePrice: price,
      tradeSize: Math.max(1, Math.floor(bar.volume / this.offsets.length)),
    };
  }

  private marketBar(bar: RecordedBar): MarketBar {
    const { endMs, open, high, low, close, volume } = bar;
    return {
      symbol: this.symbols[0] ?? '',
      startMs: endMs - MINUTE_MS,
      endMs,
      open,
      high,
      low,
      close,
      volume,
      trades: this.offsets.length,
    };
  }
}

/** Price of a bar's path `offsetMs` after its start, on a cent where that stays within its range. */
export function pathPrice(bar: RecordedBar, offsetMs: number): Units {
  const falling = bar.close < bar.open;
  const corners = [bar.open, falling ? bar.high : bar.low, falling ? bar.low : bar.high, bar.close];
  for (let index = 1; index < CORNERS_MS.length; index += 1) {
    const [fromMs, toMs] = [CORNERS_MS[index - 1] ?? 0, CORNERS_MS[index] ?? 0];
    const [from, to] = [corners[index - 1] ?? bar.open, corners[index] ?? bar.close];
    if (offsetMs === fromMs) return from;
    if (offsetMs > toMs || offsetMs === toMs) continue;
    const raw = from + ((to - from) * BigInt(Math.round(offsetMs - fromMs))) / BigInt(toMs - fromMs);
    const rounded = ((raw + CENT / 2n) / CENT) * CENT;
    return rounded < bar.low ? bar.low : rounded > bar.high ? bar.high : rounded;
  }
  return bar.close;
}
