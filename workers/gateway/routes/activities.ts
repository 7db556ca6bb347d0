import type { BotFill } from '@/server/application/ports/bot-orders';
import { newYorkDate, newYorkMidnightMs } from '@/server/domain/calendar';
import { badField } from '../errors';
import { instant, list, wholeNumber } from '../query';
import type { Answer, Call, Route } from '../route';
import { readBounds } from './orders';

const DAY_MS = 86_400_000;

/** Sorts as the executions happened, and is unique: what pages continue from. */
const activityId = ({ atMs, orderId, executionId }: BotFill): string =>
  `${new Date(atMs).toISOString().replace(/\D/g, '')}::${orderId}.${executionId}`;

const presentFill = (fill: BotFill): object => ({
  activity_type: 'FILL',
  id: activityId(fill),
  order_id: fill.orderId,
  symbol: fill.symbol,
  side: fill.side.toLowerCase(),
  qty: fill.qty,
  price: fill.price,
  cum_qty: fill.cumQty,
  leaves_qty: fill.leavesQty,
  order_status: fill.leavesQty === '0' ? 'filled' : 'partially_filled',
  type: fill.leavesQty === '0' ? 'fill' : 'partial_fill',
  transaction_time: new Date(fill.atMs).toISOString(),
});

/** The bot's own executions; dividends, fees and transfers are the account's, and shown in the console. */
async function listActivities({ caller, query, services, name }: Call): Promise<Answer> {
  const types = name === '' ? list(query, 'activity_types') : [name];
  if (types.length > 0 && !types.includes('FILL')) return { status: 200, body: [] };
  if (query.get('category') === 'non_trade_activity') return { status: 200, body: [] };
  const bounds = readBounds(query);
  const date = instant(query, 'date');
  const dayMs = date === null ? null : newYorkMidnightMs(newYorkDate(date + DAY_MS / 2));
  const token = query.get('page_token');
  const size = wholeNumber(query, 'page_size', 100, 1, 100);
  const fills = await services.orders.fills(caller.bot.id, {
    ...bounds,
    ...(dayMs === null ? {} : { afterMs: dayMs - 1, untilMs: dayMs + DAY_MS }),
    limit: MAX_FILLS,
  });
  const from = token === null || token === '' ? 0 : fills.findIndex((fill) => activityId(fill) === token) + 1;
  if (from === 0 && token !== null && token !== '') throw badField('page_token is not the id of an activity');
  return { status: 200, body: fills.slice(from, from + size).map(presentFill) };
}

/** Executions within the bounds that pages may continue through. */
const MAX_FILLS = 10_000;

export const activityRoutes: readonly Route[] = [
  { method: 'GET', path: '/v2/account/activities', scope: 'orders:read', handle: listActivities },
  { method: 'GET', path: '/v2/account/activities/:name', scope: 'orders:read', handle: listActivities },
];
