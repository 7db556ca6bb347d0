import { z } from 'zod';
import {
  type AssetSource,
  type Broker,
  type BrokerActivity,
  BrokerError,
  type BrokerOrder,
  type CallPriority,
  type CancelAllAnswer,
  type CancelOutcome,
  type NewBrokerOrder,
  type OnUnreadable,
  type SubmitOutcome,
  type UnreadableItem,
} from '@/server/application/ports/broker';
import { formatUnits } from '@/server/kernel/money';
import { parseActivity } from './activity';
import { ask } from './ask';
import type { HttpClient } from './client';
import { endedOrders } from './ended-orders';
import type { BrokerHealthMonitor } from './health';
import { listSchema, readItems, readOrder, textField } from './items';
import { askOrderPage, ORDER_PAGE } from './order-page';
import { parseAccount, parseClock, parseOrder, parsePosition } from './parse';
import {
  accountSchema,
  activitySchema,
  assetSchema,
  calendarSchema,
  cancelAnswersSchema,
  clockSchema,
  orderSchema,
  positionSchema,
} from './schema';

const CANCEL_TIMEOUT_MS = 2_000;
/** A send holds the send lock: it does not wait long for its place under the rate limit. */
const SEND_WAIT_MS = 250;
/** Until a person has put the keys right; the order's own expiry ends the wait. */
const KEYS_RETRY_MS = 2_000;
const ACTIVITY_PAGE = 100;
/** Past this many pages something is wrong with the paging itself. */
const MAX_PAGES = 1_000;

const ignore: OnUnreadable = () => undefined;

const FORBIDDEN = /^forbidden\.?$/i;
const DUPLICATE = /client_order_id must be unique/i;

function submitFailure(error: unknown, monitor: BrokerHealthMonitor): SubmitOutcome {
  if (!(error instanceof BrokerError)) throw error;
  if (error.kind === 'rate_limited') return { kind: 'rate_limited', retryAfterMs: error.retryAfterMs ?? 1_000 };
  if (error.kind === 'uncertain') return { kind: 'uncertain', cause: error.message };
  if (error.kind === 'not_sent')
    return { kind: 'not_sent', retryAfterMs: error.retryAfterMs ?? 1_000, cause: error.message };
  // Who we are was refused, not the order: it waits for better keys, or for its expiry.
  if (monitor.refusesKeys(error))
    return { kind: 'not_sent', retryAfterMs: KEYS_RETRY_MS, cause: 'the broker refuses the keys' };
  if (DUPLICATE.test(error.message)) return { kind: 'duplicate' };
  // Alpaca forbids a single order without a code, too.
  if (error.status === 403 && FORBIDDEN.test(error.message))
    return { kind: 'refused', status: 403, code: 'forbidden', message: error.message };
  // A refusal of the broker's own bears its code; a page of what stands between proves nothing about the order.
  if (error.code === '')
    return { kind: 'uncertain', cause: `${error.status} without the broker's code: ${error.message}` };
  return { kind: 'refused', status: error.status, code: error.code, message: error.message };
}

function cancelFailure(error: unknown): CancelOutcome {
  if (!(error instanceof BrokerError)) throw error;
  if (error.kind === 'rate_limited') return { kind: 'rate_limited', retryAfterMs: error.retryAfterMs ?? 1_000 };
  if (error.kind === 'uncertain') return { kind: 'uncertain', cause: error.message };
  if (error.status === 404) return { kind: 'not_found' };
  if (error.status === 422) return { kind: 'too_late', message: error.message };
  return { kind: 'uncertain', cause: error.message };
}

/** A 404 that the broker itself answered, with its code; a gateway's 404 proves nothing. */
function absent(error: unknown): null {
  if (error instanceof BrokerError && error.status === 404 && error.code !== '') return null;
  throw error;
}

function orderBody(order: NewBrokerOrder): Record<string, string> {
  return {
    symbol: order.symbol,
    qty: formatUnits(order.qty),
    side: order.side.toLowerCase(),
    type: order.orderType.toLowerCase(),
    time_in_force: order.timeInForce.toLowerCase(),
    ...(order.limitPrice === null ? {} : { limit_price: formatUnits(order.limitPrice) }),
    ...(order.stopPrice === null ? {} : { stop_price: formatUnits(order.stopPrice) }),
    client_order_id: order.clientOrderId,
  };
}

function parseCancelAnswers(list: z.output<typeof cancelAnswersSchema>): CancelAllAnswer {
  const answers = list ?? [];
  const refused = answers
    .filter(({ status }) => status >= 300)
    .map(({ id, status, body }) => ({ externalOrderId: id, status, message: body?.message ?? `HTTP ${status}` }));
  return { asked: answers.length, refused };
}

/** Every open order, page by page: a page begins at the last submission time of the one before. */
async function pageOpenOrders(http: HttpClient, onUnreadable: OnUnreadable): Promise<readonly BrokerOrder[]> {
  const found = new Map<string, BrokerOrder>();
  const unread = new Map<string, UnreadableItem>();
  const collect: OnUnreadable = (item) => unread.set(JSON.stringify([item.id, item.symbol, item.why]), item);
  let after = new Date(0).toISOString();
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = { status: 'open', limit: String(ORDER_PAGE), direction: 'asc', after };
    const known = found.size + unread.size;
    const { orders, count, lastAtMs } = await askOrderPage(http, query, 'read', collect);
    for (const order of orders) found.set(order.externalOrderId, order);
    if (count < ORDER_PAGE || lastAtMs === null) {
      for (const item of unread.values()) onUnreadable(item);
      return [...found.values()];
    }
    if (found.size + unread.size === known) throw new BrokerError('uncertain', 'the list of orders does not advance');
    // One millisecond back: more than one order may bear the same time, and `after` is exclusive.
    after = new Date(lastAtMs - 1).toISOString();
  }
  throw new BrokerError('uncertain', 'the list of orders does not end');
}

async function pageActivities(
  http: HttpClient,
  afterMs: number,
  onUnreadable: OnUnreadable,
): Promise<readonly BrokerActivity[]> {
  const found: BrokerActivity[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = {
      after: new Date(afterMs).toISOString(),
      direction: 'asc',
      page_size: String(ACTIVITY_PAGE),
      page_token: token,
    };
    const path = '/v2/account/activities';
    const page = await ask(http, path, { method: 'GET', query }, listSchema, (items) => ({
      activities: readItems('ACTIVITY', activitySchema, items, parseActivity, onUnreadable),
      count: items.length,
      lastId: textField(items.at(-1), 'id'),
    }));
    found.push(...page.activities);
    if (page.count < ACTIVITY_PAGE) return found;
    if (page.lastId === null || page.lastId === token)
      throw new BrokerError('uncertain', 'the list of activities does not advance');
    token = page.lastId;
  }
  throw new BrokerError('uncertain', 'the list of activities does not end');
}

/** Alpaca's Trading API; the simulator speaks it too. */
export function createAlpacaBroker(http: HttpClient): Broker & AssetSource {
  const get = <S extends z.ZodType, T>(
    path: string,
    schema: S,
    map: (value: z.output<S>) => T,
    query = {},
    priority: CallPriority = 'read',
  ): Promise<T> => ask(http, path, { method: 'GET', query, priority }, schema, map);
  const one = (path: string, query: Readonly<Record<string, string>>, isAsked: (body: unknown) => boolean) =>
    get(path, z.unknown(), (body) => readOrder(body, isAsked), query, 'lookup').catch(absent);

  return {
    async account() {
      const account = await get('/v2/account', accountSchema, parseAccount);
      http.monitor.account(account);
      return account;
    },
    async clock() {
      const askedMs = Date.now();
      const clock = await get('/v2/clock', clockSchema, parseClock);
      http.monitor.clock(clock.marketTimeMs - (askedMs + Date.now()) / 2);
      return clock;
    },
    calendar: (start, end) =>
      // The description wants times where days are meant.
      get('/v2/calendar', calendarSchema, (days) => days, { start: `${start}T00:00:00Z`, end: `${end}T00:00:00Z` }),
    positions: (onUnreadable = ignore) =>
      get('/v2/positions', listSchema, (items) =>
        readItems('POSITION', positionSchema, items, parsePosition, onUnreadable),
      ),
    asset: (symbol) =>
      get(
        `/v2/assets/${encodeURIComponent(symbol)}`,
        assetSchema,
        ({ symbol: listed, tradable, fractionable, exchange, name }) => ({
          symbol: listed,
          tradable,
          fractionable,
          exchange: exchange ?? null,
          name: name ?? null,
        }),
      ).catch(absent),
    openOrders: (onUnreadable = ignore) => pageOpenOrders(http, onUnreadable),
    endedOrders: (ids, maxPages) => endedOrders(http, ids, maxPages),
    orderById: (id) => one(`/v2/orders/${encodeURIComponent(id)}`, {}, (body) => textField(body, 'id') === id),
    orderByClientId: (id) =>
      one(
        '/v2/orders:by_client_order_id',
        { client_order_id: id },
        (body) => textField(body, 'client_order_id') === id,
      ),
    activitiesAfter: (afterMs, onUnreadable = ignore) => pageActivities(http, afterMs, onUnreadable),

    async submit(order, { timeoutMs, signal }) {
      const call = {
        method: 'POST',
        body: orderBody(order),
        priority: 'send',
        timeoutMs,
        maxWaitMs: SEND_WAIT_MS,
        ...(signal === undefined ? {} : { signal }),
      } as const;
      try {
        const { order: taken, announced } = await ask(http, '/v2/orders', call, orderSchema, (body) => ({
          order: parseOrder(body),
          // While the market is closed an order rests as "accepted", and the stream says nothing of it.
          announced: body.status !== 'accepted',
        }));
        if (announced) http.monitor.watch.expect(taken.externalOrderId);
        return { kind: 'accepted', order: taken };
      } catch (error) {
        return submitFailure(error, http.monitor);
      }
    },

    async cancel(externalOrderId) {
      try {
        const path = `/v2/orders/${encodeURIComponent(externalOrderId)}`;
        await http.call('trading', path, { method: 'DELETE', timeoutMs: CANCEL_TIMEOUT_MS, priority: 'cancel' });
        return { kind: 'taken' };
      } catch (error) {
        return cancelFailure(error);
      }
    },

    cancelAll: () =>
      ask(http, '/v2/orders', { method: 'DELETE', priority: 'cancel' }, cancelAnswersSchema, parseCancelAnswers),
  };
}
