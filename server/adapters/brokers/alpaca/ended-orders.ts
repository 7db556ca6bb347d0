import type { BrokerOrder } from '@/server/application/ports/broker';
import type { HttpClient } from './client';
import { askOrderPage, ORDER_PAGE } from './order-page';

/** Looks for ended orders from the newest back, a page at a time, until all are found or `maxPages` are read. @throws BrokerError */
export async function endedOrders(
  http: HttpClient,
  wanted: ReadonlySet<string>,
  maxPages: number,
): Promise<readonly BrokerOrder[]> {
  const found = new Map<string, BrokerOrder>();
  let until: string | undefined;
  for (let page = 0; page < maxPages && found.size < wanted.size; page++) {
    const query = { status: 'closed', limit: String(ORDER_PAGE), direction: 'desc', until };
    // An order that cannot be read is requested singly afterwards, and reported then.
    const { orders, count, lastAtMs } = await askOrderPage(http, query, 'lookup', () => undefined);
    for (const order of orders) if (wanted.has(order.externalOrderId)) found.set(order.externalOrderId, order);
    if (count < ORDER_PAGE || lastAtMs === null) break;
    // One millisecond on: more than one order may bear the same time, and `until` is exclusive.
    until = new Date(lastAtMs + 1).toISOString();
  }
  return [...found.values()];
}
