import type { BrokerOrder, CallPriority, OnUnreadable } from '@/server/application/ports/broker';
import { ask } from './ask';
import type { HttpClient } from './client';
import { listSchema, readItems, textField } from './items';
import { parseOrder } from './parse';
import { orderSchema } from './schema';

/** Alpaca's most. */
export const ORDER_PAGE = 500;

export interface OrderPage {
  readonly orders: readonly BrokerOrder[];
  /** Items of the page, unreadable ones included. */
  readonly count: number;
  /** Submission time of the last item that has one, epoch ms; null for a page without. */
  readonly lastAtMs: number | null;
}

function lastTime(items: readonly unknown[]): number | null {
  for (const item of [...items].reverse()) {
    const ms = Date.parse(textField(item, 'submitted_at') ?? textField(item, 'created_at') ?? '');
    if (!Number.isNaN(ms)) return ms;
  }
  return null;
}

/** One page of orders, read item by item. @throws BrokerError */
export function askOrderPage(
  http: HttpClient,
  query: Readonly<Record<string, string | undefined>>,
  priority: CallPriority,
  onUnreadable: OnUnreadable,
): Promise<OrderPage> {
  return ask(http, '/v2/orders', { method: 'GET', query, priority }, listSchema, (items) => ({
    orders: readItems('ORDER', orderSchema, items, parseOrder, onUnreadable),
    count: items.length,
    lastAtMs: lastTime(items),
  }));
}
