import { type Activity, activityId, type NonTradeActivity } from '../broker/activities';
import { badField } from '../broker/errors';
import { newYorkDate } from '../market/new-york';
import type { RouteContext } from './context';
import type { SimAnswer, SimRequest } from './exchange';
import { instant, list, oneOf, wholeNumber } from './query';

function presentNonTrade(context: RouteContext, number: number, id: string, activity: NonTradeActivity): object {
  const amended = context.broker.state.amendments.get(number);
  const { activityType, subType, symbol, qty, price, groupId, atMs } = activity;
  return {
    id,
    activity_type: activityType,
    ...(subType === null ? {} : { activity_sub_type: subType }),
    date: newYorkDate(atMs),
    created_at: new Date(atMs).toISOString(),
    net_amount: amended?.netAmount ?? activity.netAmount,
    ...(symbol === null ? {} : { symbol }),
    ...(qty === null ? {} : { qty }),
    ...(price === null ? {} : { price }),
    ...(groupId === null ? {} : { group_id: groupId }),
    status: amended?.status ?? 'executed',
    currency: 'USD',
  };
}

function present(context: RouteContext, number: number, activity: Activity): object {
  const { activities, book, ids } = context.broker.state;
  const id = activityId(activity.atMs, activities.idOf(number));
  if (activity.kind === 'NON_TRADE') return presentNonTrade(context, number, id, activity);
  const order = book.bySeq(activity.orderSeq);
  const at = new Date(activity.atMs).toISOString();
  if (activity.kind === 'FEE') {
    return {
      id,
      activity_type: 'FEE',
      date: newYorkDate(activity.atMs),
      created_at: at,
      net_amount: activity.netAmount,
      description: `fee of order ${ids.idOf('order', activity.orderSeq)}`,
      symbol: order?.symbol,
      status: 'executed',
      currency: 'USD',
    };
  }
  const whole = activity.leavesQty === '0';
  return {
    id,
    activity_type: 'FILL',
    transaction_time: at,
    type: whole ? 'fill' : 'partial_fill',
    price: activity.price,
    qty: activity.qty,
    side: order?.side,
    symbol: order?.symbol,
    leaves_qty: activity.leavesQty,
    cum_qty: activity.cumQty,
    order_id: ids.idOf('order', activity.orderSeq),
    order_status: whole ? 'filled' : 'partially_filled',
  };
}

const typeOf = (activity: Activity): string => (activity.kind === 'NON_TRADE' ? activity.activityType : activity.kind);

/** Whether an activity is asked for: by the path, by `activity_types` or by `category`. */
function wanted(query: URLSearchParams, pathType: string | undefined): (activity: Activity) => boolean {
  const named = new Set(pathType === undefined ? list(query, 'activity_types') : [pathType]);
  if (named.size > 0) return (activity) => named.has(typeOf(activity));
  const category = oneOf(query, 'category', ['', 'trade_activity', 'non_trade_activity'], '');
  return (activity) => category === '' || (category === 'trade_activity') === (activity.kind === 'FILL');
}

/**
 * `GET /v2/account/activities` and `/v2/account/activities/{type}`: newest first unless `direction=asc`, with after,
 * until (exclusive), date (a New York date), order_id, page_size and page_token (the last id of the page before).
 */
export function listActivities(context: RouteContext, request: SimRequest, pathType?: string): SimAnswer {
  const { query } = request;
  const { activities } = context.broker.state;
  const isWanted = wanted(query, pathType);
  const direction = oneOf(query, 'direction', ['asc', 'desc'], 'desc');
  const pageSize = wholeNumber(query, 'page_size', 100, 1, 100);
  const [after, until, date] = [instant(query, 'after'), instant(query, 'until'), instant(query, 'date')];
  const day = date === null ? null : new Date(date).toISOString().slice(0, 10);
  const orderId = query.get('order_id');
  const orderSeq = orderId === null ? null : (context.broker.state.ids.seqOf('order', orderId) ?? 0);
  const token = query.get('page_token');
  const from = token === null || token === '' ? null : activities.numberOf(token);
  if (token !== null && token !== '' && from === null) throw badField('page_token is not the id of an activity');
  const step = direction === 'asc' ? 1 : -1;
  const start = from === null ? (direction === 'asc' ? 1 : activities.size) : from + step;
  const found: object[] = [];
  for (let number = start; number >= 1 && number <= activities.size && found.length < pageSize; number += step) {
    const activity = activities.read(number);
    // Activities are in order of time: past the bound in the direction of travel there is nothing more.
    if (direction === 'desc' && after !== null && activity.atMs <= after) break;
    if (direction === 'asc' && until !== null && activity.atMs >= until) break;
    const inTime = (after === null || activity.atMs > after) && (until === null || activity.atMs < until);
    if (orderSeq !== null && (activity.kind === 'NON_TRADE' || activity.orderSeq !== orderSeq)) continue;
    if (!inTime || !isWanted(activity) || (day !== null && newYorkDate(activity.atMs) !== day)) continue;
    found.push(present(context, number, activity));
  }
  return { status: 200, body: found };
}
