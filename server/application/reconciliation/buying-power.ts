import type { BrokerAccount, BrokerOrder } from '@/server/application/ports/broker';
import type { Money, Units } from '@/server/kernel/money';

/**
 * What may be spent before working buys are set aside. The broker's figure is net of them and we count them ourselves:
 * what it held for orders when it stated the account, and that still work, is added back. Never more than it holds.
 * @param account as stated before the orders were listed
 * @param statedAtMs the broker's time before it stated the account
 * @param open the broker's open orders, listed after
 * @param referencePrices by the broker's order id, for orders without a price of their own
 */
export function grossBuyingPower(
  account: BrokerAccount,
  statedAtMs: number,
  open: readonly BrokerOrder[],
  referencePrices: ReadonlyMap<string, Units>,
): Money {
  let held = 0n;
  for (const order of open) {
    if (order.side !== 'BUY' || order.qty === null || order.submittedAtMs >= statedAtMs) continue;
    const price = order.limitPrice ?? order.stopPrice ?? referencePrices.get(order.externalOrderId) ?? 0n;
    held += (order.qty - order.filledQty) * price;
  }
  return account.buyingPower + held;
}
