import type { BrokerActivity } from '@/server/application/ports/broker';
import type { DrillCounts, DrillHalt } from '@/server/application/ports/drill-store';
import { formatUnits } from '@/server/kernel/money';

/** What a drill must reach to pass. */
export const DRILL_THRESHOLDS = { verified_ms: 3_000, fills_after_halt: 0 } as const;
/** How far the broker's clock, as we know it, may be from the truth, ms. */
export const CLOCK_TOLERANCE_MS = 250;

type Fill = Extract<BrokerActivity, { kind: 'FILL' }>;

export interface SortedFills {
  /** Of orders that worked at the acknowledgement, before their cancel took effect: the cancel lost. */
  readonly lost: readonly Fill[];
  /** That should not be: of orders sent after the acknowledgement, or later than the verification. */
  readonly after: readonly Fill[];
}

/** Sorts the broker's executions since the acknowledgement. Flattens are meant to trade and count as neither. */
export function sortFills(halt: DrillHalt, activities: readonly BrokerActivity[]): SortedFills {
  const { acknowledgedMarketMs, verifiedMarketMs } = halt;
  const surviving = new Set(halt.surviving);
  const late = new Set(halt.takenAfter);
  const lost: Fill[] = [];
  const after: Fill[] = [];
  for (const fill of activities) {
    if (fill.kind !== 'FILL' || surviving.has(fill.externalOrderId)) continue;
    if (acknowledgedMarketMs === null || fill.atMs <= acknowledgedMarketMs - CLOCK_TOLERANCE_MS) continue;
    const pastVerified = verifiedMarketMs !== null && fill.atMs > verifiedMarketMs + CLOCK_TOLERANCE_MS;
    (late.has(fill.externalOrderId) || pastVerified ? after : lost).push(fill);
  }
  return { lost, after };
}

export const describeFill = ({ externalOrderId, symbol, qty, price, atMs }: Fill) => ({
  external_order_id: externalOrderId,
  symbol,
  qty: formatUnits(qty),
  price: formatUnits(price),
  at: new Date(atMs).toISOString(),
});

/** Why the drill failed, in words; null when it passed. */
export function drillFault(
  wanted: number,
  worked: number,
  counts: DrillCounts,
  halt: DrillHalt,
  fills: SortedFills,
): string | null {
  const { verifiedMs, takenAfter } = halt;
  if (worked < wanted) return `only ${worked} of ${wanted} orders worked when trading was halted`;
  if (verifiedMs === null) return 'the halt was not verified in time';
  if (verifiedMs > DRILL_THRESHOLDS.verified_ms)
    return `verified after ${verifiedMs} ms; at most ${DRILL_THRESHOLDS.verified_ms} ms is allowed`;
  if (takenAfter.length > 0) return `${takenAfter.length} order(s) were sent after the acknowledgement`;
  if (fills.after.length > 0) return `${fills.after.length} fill(s) after the halt`;
  const left = counts.working + counts.unanswered;
  return left > 0 ? `${left} order(s) of the drill still work` : null;
}
