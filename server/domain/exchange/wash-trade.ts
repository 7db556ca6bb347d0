import type { Units } from '@/server/kernel/money';
import { hasLimitPrice, type OrderType, type Side } from '@/server/kernel/vocabulary';

/** What the rule sees of an order, new or working. */
export interface WashTradeOrder {
  readonly side: Side;
  readonly orderType: OrderType;
  readonly limitPrice: Units | null;
}

/** Why a new order would trade against a working one of the same account; null when it cannot. */
export type WashTrade = 'OPPOSITE_MARKET_OR_STOP' | 'OPPOSITE_LIMIT_CROSSES' | 'OPPOSITE_ORDER' | null;

/**
 * The broker's table for simple orders of one symbol and account (Alpaca, user protection): an opposite market or stop order
 * excludes every new order and is excluded by every working one; two limit or stop limit orders only where their prices cross.
 */
export function washTrade(placed: WashTradeOrder, working: WashTradeOrder): WashTrade {
  if (placed.side === working.side) return null;
  if (!hasLimitPrice(working.orderType) || working.limitPrice === null) return 'OPPOSITE_MARKET_OR_STOP';
  if (!hasLimitPrice(placed.orderType) || placed.limitPrice === null) return 'OPPOSITE_ORDER';
  const [buy, sell] =
    placed.side === 'BUY' ? [placed.limitPrice, working.limitPrice] : [working.limitPrice, placed.limitPrice];
  return buy >= sell ? 'OPPOSITE_LIMIT_CROSSES' : null;
}
