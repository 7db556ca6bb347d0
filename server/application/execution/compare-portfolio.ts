import type { BrokerPosition } from '@/server/application/ports/broker';
import type { HeldPosition } from '@/server/application/ports/reconciliation-store';
import type { Units } from '@/server/domain/money/decimal';

export interface PositionDifference {
  readonly symbol: string;
  readonly ours: Units;
  readonly theirs: Units;
}

/** Symbols whose quantity differs. A symbol that one side does not name is held there with zero. */
export function comparePositions(
  ours: ReadonlyMap<string, HeldPosition>,
  theirs: readonly BrokerPosition[],
): readonly PositionDifference[] {
  const broker = new Map(theirs.map(({ symbol, qty }) => [symbol, qty]));
  const symbols = [...new Set([...ours.keys(), ...broker.keys()])].sort();
  return symbols.flatMap((symbol) => {
    const difference = { symbol, ours: ours.get(symbol)?.qty ?? 0n, theirs: broker.get(symbol) ?? 0n };
    return difference.ours === difference.theirs ? [] : [difference];
  });
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
