import { newYorkDate } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';

/** A price that differs so much from the close before is looked at. */
const LARGEST_PERCENT = 140n;
/** How far a real split's opening may be from its ratio, percent. */
const NEAR_PERCENT = 12;
/** New shares for old ones. */
const RATIOS: readonly (readonly [number, number])[] = [
  [2, 1],
  [3, 1],
  [4, 1],
  [5, 1],
  [6, 1],
  [7, 1],
  [8, 1],
  [10, 1],
  [15, 1],
  [20, 1],
  [25, 1],
  [50, 1],
  [3, 2],
  [1, 2],
  [1, 3],
  [1, 4],
  [1, 5],
  [1, 6],
  [1, 7],
  [1, 8],
  [1, 10],
  [1, 12],
  [1, 15],
  [1, 20],
  [1, 25],
  [1, 30],
  [1, 50],
  [1, 100],
];

export interface Jump {
  /** New York date of the bar that opens far from the close before. */
  readonly date: string;
  /** Start of that bar, epoch ms. */
  readonly startMs: number;
  readonly from: bigint;
  readonly to: bigint;
  /** The split that would explain it, as "4" or "1/8"; null when none would. */
  readonly split: string | null;
}

function nearestSplit(from: bigint, to: bigint): string | null {
  const ratio = Number((from * 10_000n) / to) / 10_000;
  let best: { readonly text: string; readonly error: number } | null = null;
  for (const [shares, old] of RATIOS) {
    const error = Math.abs(ratio / (shares / old) - 1) * 100;
    if (error <= NEAR_PERCENT && (best === null || error < best.error))
      best = { text: old === 1 ? String(shares) : `${shares}/${old}`, error };
  }
  return best?.text ?? null;
}

/** Whether an opening is more than 40% above the close before, or as far below, as after a split that is not adjusted for. */
export function jumpBetween(from: bigint, to: bigint): Pick<Jump, 'split'> | null {
  const [high, low] = from > to ? [from, to] : [to, from];
  return high * 100n <= low * LARGEST_PERCENT ? null : { split: nearestSplit(from, to) };
}

/** The suspicious openings among bars of a symbol, oldest first. */
export function suspiciousJumps(bars: readonly Bar[]): readonly Jump[] {
  return bars.flatMap((bar, index): Jump[] => {
    const from = bars[index - 1]?.close;
    const jump = from === undefined ? null : jumpBetween(from, bar.open);
    return from === undefined || jump === null
      ? []
      : [{ date: newYorkDate(bar.startMs), startMs: bar.startMs, from, to: bar.open, split: jump.split }];
  });
}

/** A bar from before a split's first session at prices and volumes of after it; others as they are. */
export function splitAdjusted(bar: Bar, { date, ratio }: { readonly date: string; readonly ratio: number }): Bar {
  if (newYorkDate(bar.startMs) >= date) return bar;
  const scaled = BigInt(Math.round(ratio * 1_000_000));
  const price = (value: bigint) => (value * 1_000_000n) / scaled;
  const { open, high, low, close, volume } = bar;
  return {
    ...bar,
    open: price(open),
    high: price(high),
    low: price(low),
    close: price(close),
    volume: (volume * scaled) / 1_000_000n,
  };
}
