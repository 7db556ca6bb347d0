import type { Fill } from '@/server/domain/order/types';
import type { Units } from '@/server/kernel/money';
import { isInferred } from './inferred-fill';

export interface ReportedFill {
  readonly executionId: string;
  readonly qty: Units;
  readonly price: Units;
  readonly atMs: number;
  /** Filled so far with this fill included; null where it is not stated. */
  readonly cumQty: Units | null;
}

/** The two channels stamp the same execution from one clock, but not always to the same precision. */
const SAME_TIME_MS = 1_000;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The broker's own names of executions: two of them are two executions, as long as both channels use the same names. */
const bothNamed = (one: string, other: string): boolean => UUID.test(one) && UUID.test(other);

export interface MatchOptions {
  /** Booking it would exceed what the broker says is filled, or add to a closed order: the channels may use different names. */
  readonly beyond: boolean;
  /** Names in the same report: a fill of ours under one of them is another execution. */
  readonly named: ReadonlySet<string>;
}

const STRICT: MatchOptions = { beyond: false, named: new Set() };

/**
 * The name under which an execution is booked. Stream and statement usually call it the same; when they do not, it is
 * known by what it did: the order's cumulative quantity after it, its quantity, its price and its time.
 */
export function matchExecutionId(
  fills: readonly Fill[],
  reported: ReportedFill,
  { beyond, named }: MatchOptions = STRICT,
): string {
  if (reported.cumQty === null || fills.some((fill) => fill.executionId === reported.executionId))
    return reported.executionId;
  let cum = 0n;
  for (const fill of [...fills].sort((a, b) => a.atMs - b.atMs)) {
    cum += fill.reportedQty;
    const same =
      cum === reported.cumQty &&
      fill.reportedQty === reported.qty &&
      fill.reportedPrice === reported.price &&
      Math.abs(fill.atMs - reported.atMs) <= SAME_TIME_MS &&
      !isInferred(fill.executionId) &&
      (beyond ? !named.has(fill.executionId) : !bothNamed(fill.executionId, reported.executionId));
    if (same) return fill.executionId;
  }
  return reported.executionId;
}

/** Whether the execution is booked, under this name, another, or as a correction. */
export function isBooked(fills: readonly Fill[], reported: ReportedFill, options: MatchOptions = STRICT): boolean {
  const executionId = matchExecutionId(fills, reported, options);
  return fills.some(
    (fill) => fill.executionId === executionId || fill.corrections.some((each) => each.executionId === executionId),
  );
}
