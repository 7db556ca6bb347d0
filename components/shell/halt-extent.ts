import { formatAmount } from '@/components/format/number';
import type { RouterOutputs } from '@/components/trpc/types';

type Position = Pick<RouterOutputs['portfolio']['get']['positions'][number], 'qty' | 'marketValue'>;

export interface HaltExtent {
  /** What a halt cancels and what it keeps, as a sentence. */
  readonly halt: string;
  /** What flattening does beyond that: the end of a sentence, and its cost. */
  readonly flatten: string;
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;

/**
 * What halting and flattening do now, in words.
 * @param openOrders null while unknown
 * @param held null while unknown; what is worth nothing known is counted without a value
 */
export function haltExtent(openOrders: number | null, held: readonly Position[] | null): HaltExtent {
  const positions = held === null ? 'all positions' : positionsText(held);
  const cancels =
    openOrders === 0
      ? 'No order is open'
      : `Cancels ${openOrders === null ? 'all open orders' : count(openOrders, 'open order')}`;
  return {
    halt: `${cancels}; ${positions === null ? 'nothing is held' : `keeps ${positions}`}.`,
    flatten: positions === null ? 'has nothing to close.' : `closes ${positions} at market. Realises losses.`,
  };
}

/** Null where nothing is held. */
function positionsText(held: readonly Position[]): string | null {
  const open = held.filter(({ qty }) => Number(qty) !== 0);
  const value = open.reduce((sum, { marketValue }) => sum + Math.abs(Number(marketValue ?? 0)), 0);
  const worth = value > 0 ? ` ($${formatAmount(value.toFixed(2))})` : '';
  return open.length === 0 ? null : `${count(open.length, 'position')}${worth}`;
}
