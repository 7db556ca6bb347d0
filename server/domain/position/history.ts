import type { Money, Units } from '@/server/kernel/money';
import { book, changeEntry, type Entry, type Ledger, positionOf, posting } from './ledger';
import { applyTrade, flatPosition, type Position, type Trade } from './position';

/** One step in the life of a holding, in the order booked. */
export type Movement =
  | ({ readonly kind: 'trade' } & Trade)
  /** Shares that came or went without a trade (an opening balance, a split, a transfer), with the cost booked for them. */
  | { readonly kind: 'shares'; readonly qty: Units; readonly cost: Money };

/** The holding after all of its movements. `realised - cost` is the trades' cash less the cost that shares brought with them. */
export function foldMovements(symbol: string, movements: readonly Movement[]): Position {
  let held = flatPosition(symbol);
  for (const each of movements) {
    if (each.kind === 'trade') held = applyTrade(held, each);
    else held = { ...held, qty: held.qty + each.qty, cost: held.cost + each.cost };
  }
  return held;
}

/** Cost that no longer belongs to any share: all of it when nothing is held, or when its sign is not the quantity's. */
function strayCost({ qty, cost }: Position): Money {
  const sane = qty === 0n ? cost === 0n : cost === 0n || cost < 0n === qty < 0n;
  return sane ? 0n : cost;
}

/**
 * A bust or correction: the holding's history is folded again as it now stands, and the difference is booked. Shares that
 * left after a busted fill took their cost with them; what is left without a share to belong to becomes an adjustment.
 * @param movements everything that still counts, oldest first
 */
export function amendmentEntries(
  ledger: Ledger,
  symbol: string,
  movements: readonly Movement[],
  ref: string,
): readonly Entry[] {
  const amended = changeEntry('AMENDMENT', ref, positionOf(ledger, symbol), foldMovements(symbol, movements));
  const stray = strayCost(positionOf(book(ledger, amended), symbol));
  if (stray === 0n) return [amended];
  const postings = [posting('POSITION', -stray, symbol), posting('ADJUSTMENTS', stray, symbol)];
  return [amended, { kind: 'ADJUSTMENT', ref: `stray:${ref}`, postings }];
}
