import { averagePrice, divideHalfAway, type Money, type Units } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';

/** A holding at average cost. Invariant: flat means no cost; cost has the sign of the quantity (a short's cost is what it brought in, negative). */
export interface Position {
  readonly symbol: string;
  /** Negative when short. */
  readonly qty: Units;
  /** What the shares held were paid, fees apart. */
  readonly cost: Money;
  /** Profit of the shares closed, fees apart. */
  readonly realised: Money;
}

/** A trade as the ledger sees it: only side, quantity and price matter. */
export interface Trade {
  readonly side: Side;
  readonly qty: Units;
  readonly price: Units;
}

export function flatPosition(symbol: string): Position {
  return { symbol, qty: 0n, cost: 0n, realised: 0n };
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/**
 * The position after a trade, at average cost. A trade against the position closes it first and realises the difference;
 * what is left of it opens the other way. `realised - cost` changes by exactly the trade's cash, so nothing is lost to rounding.
 */
export function applyTrade(position: Position, trade: Trade): Position {
  const signed = trade.side === 'BUY' ? trade.qty : -trade.qty;
  const sameWay = position.qty === 0n || position.qty < 0n === signed < 0n;
  if (sameWay) return { ...position, qty: position.qty + signed, cost: position.cost + signed * trade.price };
  const closing = abs(signed) < abs(position.qty) ? signed : -position.qty;
  const opening = signed - closing;
  // Closing shares take their part of the cost with them; all of it when the position ends.
  const costLeft =
    position.qty + closing === 0n ? 0n : divideHalfAway(position.cost * (position.qty + closing), position.qty);
  const costClosed = position.cost - costLeft;
  return {
    symbol: position.symbol,
    qty: position.qty + signed,
    cost: costLeft + opening * trade.price,
    realised: position.realised - closing * trade.price - costClosed,
  };
}

/** Average price paid (or received, for a short) for what is held; 0 when flat. */
export function averageCost(position: Position): Units {
  return averagePrice(position.cost, position.qty);
}

/** Profit not yet realised at `mark`, exact. */
export function unrealised(position: Position, mark: Units): Money {
  return position.qty * mark - position.cost;
}
