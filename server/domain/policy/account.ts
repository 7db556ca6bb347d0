import type { Money, Units } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';
import type { Figures, READ_FIGURES } from './account-figures';
import type { GateAccount, WorkingPrices } from './gate-types';
import { NOT_EVALUATED } from './types';

export interface AccountState {
  readonly figures: Figures<typeof READ_FIGURES>;
  readonly buyingPower: Money | null;
  readonly positions: readonly { readonly symbol: string; readonly qty: Units; readonly marketPrice: Units }[];
  readonly workingOrders: readonly {
    readonly symbol: string;
    readonly side: Side;
    readonly leavesQty: Units;
    /** Limit price, else the price it was sized with. */
    readonly price: Units;
    readonly opens: boolean;
    /** Limit of a limit order; `null` for an order that trades at any price. */
    readonly limitPrice: Units | null;
    /** A stop that protects a holding: it takes no shares away from a closing order (P-3). */
    readonly protective?: boolean;
  }[];
  /** Filled value of opening orders since the last close. */
  readonly openedFills: Money;
  /** False leaves SELF_MATCH out. */
  readonly matchesOwnOrders: boolean;
  readonly duplicate: boolean;
  readonly strategyQty: Units;
  readonly portfolioAgeSeconds: Units | null;
  readonly reconciliationAgeSeconds: Units | null;
}

/** Sums an account up for the judgement of an order of `side` in `symbol`. The hot path may do the same in SQL. */
export function summariseAccount(state: AccountState, symbol: string, side: Side): GateAccount {
  const active = new Set<string>();
  let grossPositionValue = 0n;
  let heldQty = 0n;
  let heldValue = 0n;
  for (const { symbol: held, qty, marketPrice } of state.positions) {
    if (qty === 0n) continue;
    active.add(held);
    const value = (qty < 0n ? -qty : qty) * marketPrice;
    grossPositionValue += value;
    if (held !== symbol) continue;
    heldQty += qty;
    heldValue += value;
  }
  let workingBuyNotional = 0n;
  let symbolBuyNotional = 0n;
  let workingSellQty = 0n;
  let openingOrderCount = 0;
  let openedNotional = state.openedFills;
  let protectedQty = 0n;
  let opposite: WorkingPrices = { atMarket: false, limit: null };
  for (const { symbol: worked, side: of, leavesQty, price, opens, limitPrice, protective } of state.workingOrders) {
    if (leavesQty === 0n) continue;
    if (protective === true) {
      if (worked !== symbol) continue;
      if (of === 'SELL') protectedQty += leavesQty;
      if (of !== side) opposite = widened(opposite, of, limitPrice);
      continue;
    }
    active.add(worked);
    const notional = leavesQty * price;
    if (opens) {
      openingOrderCount += 1;
      openedNotional += notional;
    }
    if (of === 'BUY') workingBuyNotional += notional;
    if (worked !== symbol) continue;
    if (of === 'BUY') symbolBuyNotional += notional;
    else workingSellQty += leavesQty;
    if (of !== side) opposite = widened(opposite, of, limitPrice);
  }
  return {
    ...state.figures,
    buyingPower: state.buyingPower,
    grossPositionValue,
    workingBuyNotional,
    heldQty,
    workingSellQty,
    activeSymbols: [...active],
    portfolioAgeSeconds: state.portfolioAgeSeconds,
    reconciliationAgeSeconds: state.reconciliationAgeSeconds,
    heldValue,
    symbolBuyNotional,
    openingOrderCount,
    openedNotional,
    opposite: state.matchesOwnOrders ? opposite : NOT_EVALUATED,
    duplicate: state.duplicate,
    strategyQty: state.strategyQty,
    protectedQty,
  };
}

/**
 * Prices at which working orders of a side could trade, with one more order.
 * @param limitPrice null: the order trades at any price
 */
export function widened(prices: WorkingPrices, side: Side, limitPrice: Units | null): WorkingPrices {
  const { atMarket, limit } = prices;
  if (limitPrice === null) return { atMarket: true, limit };
  const farther = limit === null || (side === 'BUY' ? limitPrice > limit : limitPrice < limit);
  return { atMarket, limit: farther ? limitPrice : limit };
}
