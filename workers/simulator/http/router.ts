import { ApiError, notFound } from '../broker/errors';
import type { RouteContext } from './context';
import type { SimAnswer, SimRequest } from './exchange';
import * as account from './routes-account';
import { listActivities } from './routes-activities';
import * as clock from './routes-clock';
import * as data from './routes-market-data';
import { getNews } from './routes-news';
import * as orders from './routes-orders';
import * as sim from './routes-sim';

type Handler = (context: RouteContext, request: SimRequest, parameter: string) => SimAnswer;

/** Paths without a parameter, as `METHOD /path`. */
const EXACT: Readonly<Record<string, Handler>> = {
  'GET /v2/account': account.getAccount,
  'GET /v2/account/configurations': account.getConfigurations,
  'PATCH /v2/account/configurations': account.patchConfigurations,
  'GET /v2/account/portfolio/history': account.getPortfolioHistory,
  'GET /v2/account/activities': (context, request) => listActivities(context, request),
  'GET /v2/clock': clock.getClock,
  'GET /v2/calendar': clock.getCalendar,
  'GET /v3/clock': clock.getMarketClocks,
  'GET /v2/assets': account.listAssets,
  'POST /v2/orders': orders.postOrder,
  'GET /v2/orders': orders.listOrders,
  'DELETE /v2/orders': orders.cancelOrders,
  'GET /v2/orders:by_client_order_id': orders.getOrderByClientId,
  'GET /v2/positions': account.listPositions,
  'DELETE /v2/positions': orders.closePositions,
  'GET /v2/stocks/quotes/latest': data.getLatestMany('quotes'),
  'GET /v2/stocks/trades/latest': data.getLatestMany('trades'),
  'GET /v2/stocks/bars/latest': data.getLatestMany('bars'),
  'GET /v2/stocks/bars': data.getBarsMany,
  'GET /v2/stocks/snapshots': data.getSnapshots,
  'GET /v1beta1/news': getNews,
  'GET /sim/v1/info': sim.getInfo,
  'GET /sim/v1/state': sim.getState,
  'GET /sim/v1/faults': sim.getFaults,
  'PUT /sim/v1/faults': sim.putFaults,
  'DELETE /sim/v1/faults': sim.deleteFaults,
  'POST /sim/v1/control': sim.postControl,
};

/** Paths with one parameter. */
const WITH_PARAMETER: readonly (readonly [string, RegExp, Handler])[] = [
  ['GET', /^\/v2\/orders\/([^/]+)$/, orders.getOrder],
  ['DELETE', /^\/v2\/orders\/([^/]+)$/, orders.cancelOrder],
  ['PATCH', /^\/v2\/orders\/([^/]+)$/, orders.replaceOrder],
  ['GET', /^\/v2\/positions\/([^/]+)$/, account.getPosition],
  ['DELETE', /^\/v2\/positions\/([^/]+)$/, orders.closePosition],
  ['GET', /^\/v2\/assets\/([^/]+)$/, account.getAsset],
  ['GET', /^\/v3\/calendar\/([^/]+)$/, clock.getMarketCalendar],
  ['GET', /^\/v2\/account\/activities\/([^/]+)$/, listActivities],
  ['GET', /^\/v2\/stocks\/([^/]+)\/quotes\/latest$/, data.getLatestOne('quotes')],
  ['GET', /^\/v2\/stocks\/([^/]+)\/trades\/latest$/, data.getLatestOne('trades')],
  ['GET', /^\/v2\/stocks\/([^/]+)\/bars\/latest$/, data.getLatestOne('bars')],
  ['GET', /^\/v2\/stocks\/([^/]+)\/bars$/, data.getBarsOne],
  ['GET', /^\/v2\/stocks\/([^/]+)\/snapshot$/, data.getSnapshot],
];

/** Answers a request. @throws ApiError for every refusal, 404 where there is no such path */
export function route(context: RouteContext, request: SimRequest): SimAnswer {
  const exact = EXACT[`${request.method} ${request.path}`];
  if (exact !== undefined) return exact(context, request, '');
  for (const [method, pattern, handler] of WITH_PARAMETER) {
    const match = method === request.method ? pattern.exec(request.path) : null;
    if (match !== null) return handler(context, request, decode(match[1] ?? ''));
  }
  throw notFound('endpoint not found.');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiError(400, 40010001, 'the path is not well formed');
  }
}
