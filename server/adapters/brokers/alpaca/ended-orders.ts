import { z } from 'zod';
import type { BrokerOrder } from '@/server/application/ports/broker';
import { ask } from './ask';
import type { HttpClient } from './client';
import { parseOrder } from './parse';
import { orderSchema } from './schema';

const ORDER_PAGE = 500;

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
    const options = { method: 'GET', query, priority: 'lookup' } as const;
    const orders = await ask(http, '/v2/orders', options, z.array(orderSchema), (list) => list.map(parseOrder));
    for (const order of orders) if (wanted.has(order.externalOrderId)) found.set(order.externalOrderId, order);
    const last = orders.at(-1);
    if (orders.length < ORDER_PAGE || last === undefined) break;
    // One millisecond on: more than one order may bear the same time, and `until` is exclusive.
    until = new Date(last.submittedAtMs + 1).toISOString();
  }
  return [...found.values()];
}
