import { formatUnits, type Units } from '@/server/kernel/money';
import type { Answered } from './answered';
import type { PositionAction } from './types';

/** Holds what our fills sum up to against what the broker says: a difference is a break on the symbol. Signed quantities. */
export function reconcilePosition(symbol: string, ourQty: Units, brokerQty: Units): PositionAction {
  if (ourQty === brokerQty) return { kind: 'agreed', cause: 'POSITION_MISMATCH', symbol };
  return {
    kind: 'open_break',
    cause: 'POSITION_MISMATCH',
    symbol,
    orderId: null,
    ours: formatUnits(ourQty),
    theirs: formatUnits(brokerQty),
  };
}

/** Every symbol of either side, in order. One that a side does not name is held there with zero. Signed quantities. */
export function reconcilePositions(
  ours: ReadonlyMap<string, Units>,
  theirs: Answered<ReadonlyMap<string, Units>>,
): readonly PositionAction[] {
  const symbols = [...new Set([...ours.keys(), ...theirs.value.keys()])].sort();
  return symbols.map((symbol) => reconcilePosition(symbol, ours.get(symbol) ?? 0n, theirs.value.get(symbol) ?? 0n));
}
