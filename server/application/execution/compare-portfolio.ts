import type { BrokerPosition } from '@/server/application/ports/broker';
import type { HeldPosition } from '@/server/application/ports/reconciliation-store';
import { type ReconcileAction, reconcilePosition } from '@/server/domain/reconciliation';

export type PositionDifference = Extract<ReconcileAction, { kind: 'open_break' }>;

/** Symbols whose quantity differs. A symbol that one side does not name is held there with zero. */
export function comparePositions(
  ours: ReadonlyMap<string, HeldPosition>,
  theirs: readonly BrokerPosition[],
): readonly PositionDifference[] {
  const broker = new Map(theirs.map(({ symbol, qty }) => [symbol, qty]));
  const symbols = [...new Set([...ours.keys(), ...broker.keys()])].sort();
  return symbols
    .map((symbol) => reconcilePosition(symbol, ours.get(symbol)?.qty ?? 0n, broker.get(symbol) ?? 0n))
    .filter((action) => action.kind === 'open_break');
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
