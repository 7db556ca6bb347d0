import type { BrokerPosition } from '@/server/application/ports/broker';
import type { HeldPosition } from '@/server/application/ports/reconciliation-store';
import { answered, type PositionAction, reconcilePositions } from '@/server/domain/reconciliation';
import type { Money } from '@/server/kernel/money';

export type PositionDifference = Extract<PositionAction, { kind: 'open_break' }>;

/** Symbols whose quantity differs. A symbol that one side does not name is held there with zero. */
export function comparePositions(
  ours: ReadonlyMap<string, HeldPosition>,
  theirs: readonly BrokerPosition[],
): readonly PositionDifference[] {
  const held = new Map([...ours].map(([symbol, { qty }]) => [symbol, qty]));
  const actions = reconcilePositions(held, answered(new Map(theirs.map(({ symbol, qty }) => [symbol, qty]))));
  return actions.filter((action) => action.kind === 'open_break');
}

/** Differences that both looks saw, unchanged: the others were news on its way. */
export function confirmed(
  first: readonly PositionDifference[],
  second: readonly PositionDifference[],
): readonly PositionDifference[] {
  return second.filter((after) =>
    first.some(({ symbol, ours, theirs }) => symbol === after.symbol && ours === after.ours && theirs === after.theirs),
  );
}

/** A difference in cash beyond the tolerance; 0 within it. */
export function cashGap(difference: Money, tolerance: Money): Money {
  const size = difference < 0n ? -difference : difference;
  return size <= tolerance ? 0n : difference;
}
