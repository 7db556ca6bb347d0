import { multiplyUnits, ONE, parseUnits, type Units } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';

/** A limit order of an exit is priced again after this long. */
export const REPRICE_MS = 1_000;
/** An exit that could not trade within the collar for this long goes at market. */
const LIMITED_AT_MOST_MS = 5_000;

export interface ExitPriceInput {
  readonly side: Side;
  /** Bid at the exit's start (ask, for a purchase); null where there was no live quote. */
  readonly startPrice: Units | null;
  /** The live quote, dollars per share; null without one. */
  readonly quote: { readonly bid: Units; readonly ask: Units } | null;
  /** Share of the price: 0.01 is 1%. */
  readonly collarPct: Units;
  /** Since when the exit has been priced by limit, epoch ms; null where it is not. */
  readonly limitedSinceMs: number | null;
  readonly nowMs: number;
}

export type ExitPrice =
  /** `warning` says why it goes at market without price protection. */
  | { readonly orderType: 'MARKET'; readonly limitPrice: null; readonly warning: string | null }
  | { readonly orderType: 'LIMIT'; readonly limitPrice: Units; readonly warning: null };

const TICK = { fromOneDollar: parseUnits('0.01'), below: parseUnits('0.0001') } as const;

/** To the price increment, away from the market, so that the order stays marketable. */
function toIncrement(price: Units, side: Side): Units {
  const tick = price >= ONE ? TICK.fromOneDollar : TICK.below;
  const down = (price / tick) * tick;
  if (side === 'BUY') return down === price ? price : down + tick;
  return down > 0n ? down : tick;
}

const atMarket = (warning: string | null): ExitPrice => ({ orderType: 'MARKET', limitPrice: null, warning });

/**
 * How the next order of an exit is priced: at market while the quote is within the collar of where it was at the start;
 * by a limit a collar away from the present quote where it is not; at market after 5 s of that, or without a live quote.
 */
export function exitPrice(input: ExitPriceInput): ExitPrice {
  const { side, startPrice, quote, collarPct, limitedSinceMs, nowMs } = input;
  if (quote === null || startPrice === null) return atMarket('it goes at market: there is no live quote');
  const price = side === 'SELL' ? quote.bid : quote.ask;
  const away = (from: Units) => multiplyUnits(from, side === 'SELL' ? ONE - collarPct : ONE + collarPct);
  const within = side === 'SELL' ? price >= away(startPrice) : price <= away(startPrice);
  if (within) return atMarket(null);
  if (limitedSinceMs !== null && nowMs - limitedSinceMs >= LIMITED_AT_MOST_MS) {
    return atMarket('it goes at market: the price has left the collar and its limit orders did not fill');
  }
  return { orderType: 'LIMIT', limitPrice: toIncrement(away(price), side), warning: null };
}
