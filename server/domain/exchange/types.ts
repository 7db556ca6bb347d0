import type { Units } from '@/server/kernel/money';
import type { OrderType, Side, TimeInForce } from '@/server/kernel/vocabulary';

/** Open, high, low and close of one side over a period. */
export interface Ohlc {
  readonly open: Units;
  readonly high: Units;
  readonly low: Units;
  readonly close: Units;
}

/** A trade bar. `endMs` is when it is known; it covers [startMs, endMs). */
export interface Bar extends Ohlc {
  readonly symbol: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Shares traded. */
  readonly volume: Units;
}

/** A bar of both sides of the book. BUY orders match against `ask`, SELL orders against `bid`. */
export interface QuoteBar {
  readonly symbol: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly bid: Ohlc;
  readonly ask: Ohlc;
}

/** Best bid and offer with displayed sizes in shares. */
export interface Quote {
  readonly symbol: string;
  readonly bid: Units;
  readonly ask: Units;
  readonly bidSize: Units;
  readonly askSize: Units;
  readonly atMs: number;
}

/** The distance at which a trailing stop follows the market: an amount a share, or a percentage (1 is 1%) of the price followed. */
export type Trail = { readonly amount: Units } | { readonly percent: Units };

/** What matching needs to know of an order that rests at the exchange. */
export interface RestingOrder {
  readonly id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly orderType: OrderType;
  readonly leavesQty: Units;
  readonly limitPrice: Units | null;
  /** Of a trailing stop, where it stands now; null while no price is known that it could follow. */
  readonly stopPrice: Units | null;
  /** Of a trailing stop only. */
  readonly trail?: Trail | null;
  readonly timeInForce: TimeInForce;
  /** When the exchange took it, epoch ms. */
  readonly acceptedAtMs: number;
  /** A stop whose price was touched: it now behaves as a market order, a stop limit as a limit order. */
  readonly triggered: boolean;
}

export interface Execution {
  readonly qty: Units;
  readonly price: Units;
}

/** What a bar or a quote makes of a resting order. */
export interface Match {
  readonly executions: readonly Execution[];
  /** True once a stop has been touched, by this quote or an earlier one. */
  readonly triggered: boolean;
  /** Where a trailing stop stands from now on, if it moved. */
  readonly stopPrice?: Units;
  /** IOC and FOK only: the order has been judged, what did not fill is cancelled. */
  readonly done: boolean;
}
