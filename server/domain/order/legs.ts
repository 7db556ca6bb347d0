import type { Legs } from '@/server/domain/order/new-order';
import { divideFloor, ONE, type Units } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';

/** Price increments of the exchange: a cent from one dollar, a hundredth of a cent below. */
export const incrementAt = (price: Units): Units => (price >= ONE ? ONE / 100n : ONE / 10_000n);

/**
 * The stop of an entry at a distance from its reference price, rounded to the increment toward the entry (P-11).
 * @param distancePct share of the price, above 0 and below 1
 */
export function stopAtDistance(side: Side, referencePrice: Units, distancePct: Units): Units {
  const away = side === 'BUY' ? ONE - distancePct : ONE + distancePct;
  const exact = referencePrice * away;
  const step = incrementAt(divideFloor(exact, ONE)) * ONE;
  // Toward the entry is up for the stop below a purchase, down for the one above a sale.
  return side === 'BUY' ? -divideFloor(-exact, step) * (step / ONE) : divideFloor(exact, step) * (step / ONE);
}

/** What is wrong with the legs of an entry, or null when nothing is. A purchase has its stop below and its profit above. */
export function legsProblem(side: Side, referencePrice: Units | null, legs: Legs): string | null {
  const { stopPrice, stopLimitPrice, profitPrice } = legs;
  const buy = side === 'BUY';
  if (stopPrice !== null && profitPrice !== null && (buy ? stopPrice >= profitPrice : stopPrice <= profitPrice))
    return `the stop of a ${side} lies ${buy ? 'below' : 'above'} its take-profit price`;
  if (stopPrice !== null && stopLimitPrice !== null && (buy ? stopLimitPrice > stopPrice : stopLimitPrice < stopPrice))
    return `the limit of a stop lies ${buy ? 'at or below' : 'at or above'} the stop`;
  if (referencePrice === null) return null;
  if (stopPrice !== null && (buy ? stopPrice >= referencePrice : stopPrice <= referencePrice))
    return `the stop of a ${side} lies ${buy ? 'below' : 'above'} its price`;
  if (profitPrice !== null && (buy ? profitPrice <= referencePrice : profitPrice >= referencePrice))
    return `the take-profit price of a ${side} lies ${buy ? 'above' : 'below'} its price`;
  return null;
}
