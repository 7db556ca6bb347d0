import type { OrderState } from '@/server/domain/order/types';
import { formatUnits, type Units } from '@/server/kernel/money';
import type { BrokerOrderView } from './types';

const text = (value: Units | null) => (value === null ? '' : formatUnits(value));

type Figures = Readonly<Record<string, string>>;

/**
 * What differs between our order and the broker's, both sides' figures by name; null when nothing does (R-1). An order that
 * was adopted is stored in the nearest terms of ours, so only its filled quantity is compared. The broker having filled more
 * than we know is news, not a difference.
 */
export function orderDifference(ours: OrderState, theirs: BrokerOrderView): { ours: Figures; theirs: Figures } | null {
  const pairs: [string, string, string][] = [];
  if (!ours.flags.includes('EXTERNAL')) {
    pairs.push(['symbol', ours.symbol, theirs.symbol], ['side', ours.side, theirs.side]);
    pairs.push(['qty', text(ours.qty), text(theirs.qty)]);
    pairs.push(['limit_price', text(ours.limitPrice), text(theirs.limitPrice)]);
    pairs.push(['stop_price', text(ours.stopPrice), text(theirs.stopPrice)]);
  }
  if (ours.cumQty > theirs.filledQty) pairs.push(['cum_qty', text(ours.cumQty), text(theirs.filledQty)]);
  const differing = pairs.filter(([, our, their]) => our !== their);
  if (differing.length === 0) return null;
  return {
    ours: Object.fromEntries(differing.map(([name, our]) => [name, our])),
    theirs: Object.fromEntries(differing.map(([name, , their]) => [name, their])),
  };
}
