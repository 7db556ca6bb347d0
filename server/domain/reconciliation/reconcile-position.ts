import { formatUnits, type Units } from '@/server/domain/money/decimal';
import type { ReconcileAction } from './types';

/** Holds what our fills sum up to against what the broker says: a difference is a break on the symbol. Signed quantities. */
export function reconcilePosition(symbol: string, ourQty: Units, brokerQty: Units): ReconcileAction {
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
