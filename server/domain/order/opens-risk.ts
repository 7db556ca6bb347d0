import type { Units } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';

/** A working order as the broker lists it. */
interface ListedOrder {
  readonly side: Side;
  /** Null for an order placed by amount. */
  readonly qty: Units | null;
  readonly filledQty: Units;
}

/**
 * Whether a working order could add to what is held, or turn it round. Each order is judged alone: a stop and a limit that
 * close the same shares both close.
 * @param held signed shares of its symbol
 */
export function opensRisk({ side, qty, filledQty }: ListedOrder, held: Units): boolean {
  const closable = side === 'SELL' ? held : -held;
  if (closable <= 0n) return true;
  return qty !== null && qty - filledQty > closable;
}
