import { type Money, minUnits, type Units } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';

/** A fill as far as matching needs it. */
export interface LotFill {
  readonly orderId: string;
  readonly strategy: string;
  readonly side: Side;
  readonly qty: Units;
  readonly price: Units;
  readonly atMs: number;
}

/** Shares that one order opened and another closed. */
export interface LotMatch {
  readonly openOrderId: string;
  readonly closeOrderId: string;
  readonly qty: Units;
  readonly openPrice: Units;
  readonly closePrice: Units;
  readonly openedAtMs: number;
  readonly closedAtMs: number;
  /** Dollars, before fees. */
  readonly profit: Money;
}

/** Shares of a fill that are still held. */
export interface HeldLot {
  readonly fill: LotFill;
  readonly left: Units;
}

export interface MatchedLots {
  readonly matches: readonly LotMatch[];
  /** Oldest first. */
  readonly held: readonly HeldLot[];
}

/** Dollars that shares of a fill earn at another price, before fees. */
export const lotProfit = ({ side, price }: LotFill, closePrice: Units, qty: Units): Money =>
  side === 'BUY' ? qty * (closePrice - price) : qty * (price - closePrice);

/**
 * Matches the fills of one symbol, oldest first, from a time at which nothing was held: a fill against the position closes the
 * oldest shares of its own strategy, then the oldest of any other; what is left of it opens the other way. Over a time that ends
 * with nothing held the profits add up to the account's.
 */
export function matchLots(fills: readonly LotFill[]): MatchedLots {
  let lots: HeldLot[] = [];
  const matches: LotMatch[] = [];
  for (const fill of fills) {
    let left = fill.qty;
    while (left > 0n) {
      const opposite = lots.filter((lot) => lot.fill.side !== fill.side);
      const lot = opposite.find((each) => each.fill.strategy === fill.strategy) ?? opposite[0];
      if (lot === undefined) break;
      const qty = minUnits(left, lot.left);
      const { orderId: openOrderId, price: openPrice, atMs: openedAtMs } = lot.fill;
      const profit = lotProfit(lot.fill, fill.price, qty);
      const close = { closeOrderId: fill.orderId, closePrice: fill.price, closedAtMs: fill.atMs };
      matches.push({ openOrderId, openPrice, openedAtMs, ...close, qty, profit });
      left -= qty;
      lots = lots.flatMap((each) => (each !== lot ? [each] : lot.left > qty ? [{ ...lot, left: lot.left - qty }] : []));
    }
    if (left > 0n) lots.push({ fill, left });
  }
  return { matches, held: lots };
}
