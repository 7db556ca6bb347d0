import type { Money, Units } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';
import type { GateAccount } from './gate-types';

export interface AccountState {
  readonly equity: Money | null;
  readonly previousCloseEquity: Money | null;
  readonly buyingPower: Money | null;
  readonly positions: readonly { readonly symbol: string; readonly qty: Units; readonly marketPrice: Units }[];
  readonly workingOrders: readonly {
    readonly symbol: string;
    readonly side: Side;
    readonly leavesQty: Units;
    /** Limit price, else the price it was sized with. */
    readonly price: Units;
  }[];
  readonly portfolioAgeSeconds: Units | null;
  readonly reconciliationAgeSeconds: Units | null;
}

/** Sums an account up for the judgement of an order in `symbol`. The hot path may do the same in SQL. */
export function summariseAccount(state: AccountState, symbol: string): GateAccount {
  const active = new Set<string>();
  let grossPositionValue = 0n;
  let heldQty = 0n;
  for (const { symbol: held, qty, marketPrice } of state.positions) {
    if (qty === 0n) continue;
    active.add(held);
    grossPositionValue += (qty < 0n ? -qty : qty) * marketPrice;
    if (held === symbol) heldQty += qty;
  }
  let workingBuyNotional = 0n;
  let workingSellQty = 0n;
  for (const { symbol: worked, side, leavesQty, price } of state.workingOrders) {
    if (leavesQty === 0n) continue;
    active.add(worked);
    if (side === 'BUY') workingBuyNotional += leavesQty * price;
    else if (worked === symbol) workingSellQty += leavesQty;
  }
  return {
    equity: state.equity,
    previousCloseEquity: state.previousCloseEquity,
    buyingPower: state.buyingPower,
    grossPositionValue,
    workingBuyNotional,
    heldQty,
    workingSellQty,
    activeSymbols: [...active],
    portfolioAgeSeconds: state.portfolioAgeSeconds,
    reconciliationAgeSeconds: state.reconciliationAgeSeconds,
  };
}
