import { z } from 'zod';
import {
  type Broker,
  type BrokerActivity,
  BrokerError,
  type BrokerOrder,
  type CancelOutcome,
  type NewBrokerOrder,
  type SubmitOutcome,
} from '@/server/application/ports/broker';
import { DecimalError, formatUnits } from '@/server/domain/money/decimal';
import type { HttpClient } from './client';
import { parseAccount, parseActivity, parseClock, parseOrder, parsePosition } from './parse';
import { accountSchema, activitySchema, calendarSchema, clockSchema, orderSchema, positionSchema } from './schema';

const CANCEL_TIMEOUT_MS = 2_000;
const ORDER_PAGE = 500;
const ACTIVITY_PAGE = 100;
/** Past this many pages something is wrong with the paging itself. */
const MAX_PAGES = 1_000;

/** Reads an answer, or says that it could not be read: never a guess. @throws BrokerError */
export function read<S extends z.ZodType, T>(schema: S, body: unknown, map: (value: z.output<S>) => T): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new BrokerError('uncertain', `unreadable answer: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }
  try {
    return map(parsed.data);
  } catch (error) {
    if (error instanceof DecimalError) throw new BrokerError('uncertain', `unreadable answer: ${error.message}`);
    throw error;
  }
}

const DUPLICATE = /client_order_id must be unique/i;

function submitFailure(error: unknown): SubmitOutcome {
  if (!(error instanceof BrokerError)) throw error;
  if (error.kind === 'rate_limited') return { kind: 'rate_limited', retryAfterMs: error.retryAfterMs ?? 1_000 };
  if (error.kind === 'uncertain') return { kind: 'uncertain', cause: error.message };
  if (DUPLICATE.test(error.message)) return { kind: 'duplicate' };
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

/** Every order submitted after `afterMs`, page by page: a page begins at the last submission time of the one before. */
async function pageOrders(http: HttpClient, status: 'open' | 'all', afterMs: number): Promise<readonly BrokerOrder[]> {
  const found = new Map<string, BrokerOrder>();
  let after = new Date(afterMs).toISOString();
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = { status, limit: String(ORDER_PAGE), direction: 'asc', after };
    const { body } = await http.call('trading', '/v2/orders', { method: 'GET', query });
    const orders = read(z.array(orderSchema), body, (list) => list.map(parseOrder));
    const known = found.size;
    for (const order of orders) found.set(order.externalOrderId, order);
    const last = orders.at(-1);
    if (orders.length < ORDER_PAGE || last === undefined) return [...found.values()];
    // One millisecond back: more than one order may bear the same time, and `after` is exclusive.
    if (found.size === known) throw new BrokerError('uncertain', 'the list of orders does not advance');
    after = new Date(last.submittedAtMs - 1).toISOString();
  }
  throw new BrokerError('uncertain', 'the list of orders does not end');
}

async function pageActivities(http: HttpClient, afterMs: number): Promise<readonly BrokerActivity[]> {
  const found: BrokerActivity[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = {
      after: new Date(afterMs).toISOString(),
      direction: 'asc',
      page_size: String(ACTIVITY_PAGE),
      page_token: token,
    };
    const { body } = await http.call('trading', '/v2/account/activities', { method: 'GET', query });
    const activities = read(z.array(activitySchema), body, (list) => list.map(parseActivity));
    found.push(...activities);
    const last = activities.at(-1);
    if (activities.length < ACTIVITY_PAGE || last === undefined) return found;
    if (last.activityId === token) throw new BrokerError('uncertain', 'the list of activities does not advance');
    token = last.activityId;
  }
  throw new BrokerError('uncertain', 'the list of activities does not end');
}

/** Alpaca's Trading API; the simulator speaks it too. */
export function createAlpacaBroker(http: HttpClient): Broker {
  const get = async <S extends z.ZodType, T>(
    path: string,
    schema: S,
    map: (value: z.output<S>) => T,
    query = {},
  ): Promise<T> => read(schema, (await http.call('trading', path, { method: 'GET', query })).body, map);

  return {
    account: () => get('/v2/account', accountSchema, parseAccount),
    clock: () => get('/v2/clock', clockSchema, parseClock),
    calendar: (start, end) => get('/v2/calendar', calendarSchema, (days) => days, { start, end }),
    positions: () => get('/v2/positions', z.array(positionSchema), (list) => list.map(parsePosition)),
    openOrders: () => pageOrders(http, 'open', 0),
    ordersSubmittedAfter: (afterMs) => pageOrders(http, 'all', afterMs),
    orderById: (id) => get(`/v2/orders/${encodeURIComponent(id)}`, orderSchema, parseOrder).catch(absent),
    orderByClientId: (id) =>
      get('/v2/orders:by_client_order_id', orderSchema, parseOrder, { client_order_id: id }).catch(absent),
    activitiesAfter: (afterMs) => pageActivities(http, afterMs),

    async submit(order, options) {
      try {
        const { body } = await http.call('trading', '/v2/orders', {
          method: 'POST',
          body: orderBody(order),
          timeoutMs: options.timeoutMs,
          ...(options.signal === undefined ? {} : { signal: options.signal }),
        });
        return { kind: 'accepted', order: read(orderSchema, body, parseOrder) };
      } catch (error) {
        return submitFailure(error);
      }
    },

    async cancel(externalOrderId) {
      try {
        const path = `/v2/orders/${encodeURIComponent(externalOrderId)}`;
        await http.call('trading', path, { method: 'DELETE', timeoutMs: CANCEL_TIMEOUT_MS });
        return { kind: 'taken' };
      } catch (error) {
        return cancelFailure(error);
      }
    },

    async cancelAll() {
      const { body } = await http.call('trading', '/v2/orders', { method: 'DELETE' });
      const answers = z.array(z.looseObject({ id: z.string(), status: z.number() }));
      return read(answers, body ?? [], (list) => ({
        refused: list.filter((each) => each.status >= 300).map((each) => each.id),
      }));
    },
  };
}
