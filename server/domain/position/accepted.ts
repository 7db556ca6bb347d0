import { divideHalfAway, type Money, type Units } from '@/server/kernel/money';
import { cashAdjustmentEntry, type Entry, posting } from './ledger';

interface Held {
  readonly qty: Units;
  readonly cost: Money;
}

/** What of our cost stays with another quantity of the same shares; nothing is known of the cost of shares that came. */
function costFor({ qty, cost }: Held, target: Units): Money {
  if (qty === 0n || target === 0n || qty < 0n !== target < 0n) return 0n;
  const grew = qty < 0n ? target < qty : target > qty;
  return grew ? cost : divideHalfAway(cost * target, qty);
}

/**
 * Makes our holding the broker's, because a person answers for it: an adjustment, never trading profit.
 * @param target the broker's figures; `cost` null where it is not known
 */
export function acceptedPositionEntry(
  ref: string,
  symbol: string,
  held: Held,
  target: { readonly qty: Units; readonly cost: Money | null },
): Entry {
  const cost = (target.cost ?? costFor(held, target.qty)) - held.cost;
  const postings = [posting('POSITION', cost, symbol, target.qty - held.qty), posting('ADJUSTMENTS', -cost, symbol)];
  return { kind: 'ADJUSTMENT', ref, postings };
}

/** Makes our cash the broker's. @param difference the broker's cash less ours */
export function acceptedCashEntry(ref: string, difference: Money): Entry {
  return cashAdjustmentEntry(difference, ref);
}
