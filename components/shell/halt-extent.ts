import { formatAmount } from '@/components/format/number';
import type { RouterOutputs } from '@/components/trpc/types';

type Position = Pick<RouterOutputs['portfolio']['get']['positions'][number], 'qty' | 'marketValue'>;

export interface HaltExtent {
  readonly orders: string;
  readonly positions: string;
}

const count = (n: number, noun: string) => `${n === 0 ? 'no' : n} ${noun}${n === 1 ? '' : 's'}`;

/**
 * What a halt cancels and what it keeps, in words.
 * @param openOrders null while unknown
 * @param held null while unknown; what is worth nothing known is counted without a value
 */
export function haltExtent(openOrders: number | null, held: readonly Position[] | null): HaltExtent {
  const orders = openOrders === null ? 'all open orders' : count(openOrders, 'open order');
  if (held === null) return { orders, positions: 'all positions' };
  const open = held.filter(({ qty }) => Number(qty) !== 0);
  const value = open.reduce((sum, { marketValue }) => sum + Math.abs(Number(marketValue ?? 0)), 0);
  const worth = value > 0 ? ` ($${formatAmount(value.toFixed(2))})` : '';
  return { orders, positions: `${count(open.length, 'position')}${worth}` };
}
