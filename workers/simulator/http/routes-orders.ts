import { DecimalError, divideFloor, formatUnits, ONE, parseUnits, type Units } from '@/server/kernel/money';
import { ApiError, badField, forbidden, notFound, unprocessable } from '../broker/errors';
import { isClosed, isParent, type SimOrder } from '../broker/order';
import { marketSale, type OrderRequest, parseOrderRequest } from '../broker/parse-order';
import type { RouteContext } from './context';
import { jsonBody, type SimAnswer, type SimRequest } from './exchange';
import { type Presentation, presentOrder } from './present-order';
import { instant, list, oneOf, required, wholeNumber } from './query';

const PERCENT = 100n * ONE;
/** Nine decimals of a share. */
const SHARE_STEP = 1_000n;

function submit(context: RouteContext, request: OrderRequest): object {
  const { broker, engine, faults } = context;
  const { block } = faults;
  if (block !== null) throw forbidden(`new orders are rejected: the account is restricted (${block})`);
  const atMs = engine.now();
  const { order, legs } = broker.submit(request, atMs);
  if (faults.duplicatesOrder()) broker.submit({ ...request, clientOrderId: order.clientOrderId }, atMs, true);
  return presentOrder(order, presentation(context), legs);
}

const presentation = ({ assets, broker }: RouteContext): Presentation => ({ assets, ids: broker.state.ids });

/** An order with its legs, when `nested=true` asks for them. */
function presentNested(context: RouteContext, query: URLSearchParams, order: SimOrder): object {
  const legs = query.get('nested') === 'true' ? context.broker.state.book.legsOf(order) : [];
  return presentOrder(order, presentation(context), legs);
}

/** `POST /v2/orders` */
export function postOrder(context: RouteContext, request: SimRequest): SimAnswer {
  return { status: 200, body: submit(context, parseOrderRequest(jsonBody(request))) };
}

/** `GET /v2/orders/{id}` */
export function getOrder(context: RouteContext, { query }: SimRequest, id: string): SimAnswer {
  const order = context.broker.state.book.byId(id);
  if (order === undefined || context.faults.hides(order, 'look-ups')) throw notFound(`order not found for ${id}`);
  return { status: 200, body: presentNested(context, query, order) };
}

/** `GET /v2/orders:by_client_order_id?client_order_id=` */
export function getOrderByClientId(context: RouteContext, request: SimRequest): SimAnswer {
  const clientOrderId = required(request.query, 'client_order_id');
  const order = context.broker.state.book.byClientOrderId(clientOrderId);
  if (order === undefined || context.faults.hides(order, 'look-ups'))
    throw notFound(`order not found for ${clientOrderId}`);
  return { status: 200, body: presentNested(context, request.query, order) };
}

/**
 * `GET /v2/orders` with status, limit, after, until, direction, symbols, side, before_order_id, after_order_id and nested:
 * legs then appear under their parent and nowhere else, so that those of a closed parent are in no list of open orders.
 */
export function listOrders(context: RouteContext, request: SimRequest): SimAnswer {
  const { query } = request;
  const { book } = context.broker.state;
  const status = oneOf(query, 'status', ['open', 'closed', 'all'], 'open');
  const limit = wholeNumber(query, 'limit', 50, 1, 500);
  const direction = oneOf(query, 'direction', ['asc', 'desc'], 'desc');
  const side = oneOf(query, 'side', ['', 'buy', 'sell'], '');
  const symbols = new Set(list(query, 'symbols'));
  const { first, last } = numberRange(context, query);
  const nested = query.get('nested') === 'true';
  const omitHeld = !nested && status === 'open' && context.config.variants.held_legs === 'omitted';
  const wanted = (order: SimOrder | undefined): order is SimOrder =>
    order !== undefined &&
    (side === '' || order.side === side) &&
    (symbols.size === 0 || symbols.has(order.symbol)) &&
    !(nested && order.rootSeq !== null && !isParent(order)) &&
    !(omitHeld && order.status === 'held') &&
    !context.faults.hides(order, 'lists');
  const found: object[] = [];
  const step = direction === 'asc' ? 1 : -1;
  for (let seq = direction === 'asc' ? first : last; seq >= first && seq <= last && found.length < limit; seq += step) {
    if (status !== 'all' && book.isOpen(seq) !== (status === 'open')) continue;
    const order = book.bySeq(seq);
    if (wanted(order)) found.push(presentNested(context, query, order));
  }
  return { status: 200, body: found };
}

/** The numbers of the orders that the time and id bounds leave: all bounds are exclusive. */
function numberRange(context: RouteContext, query: URLSearchParams): { first: number; last: number } {
  const { book, ids } = context.broker.state;
  const [after, until] = [instant(query, 'after'), instant(query, 'until')];
  let first = after === null ? 1 : book.firstSeqFrom(after + 1);
  let last = until === null ? book.size : book.firstSeqFrom(until) - 1;
  const [afterId, beforeId] = [query.get('after_order_id'), query.get('before_order_id')];
  if (afterId !== null) first = Math.max(first, (ids.seqOf('order', afterId) ?? book.size) + 1);
  if (beforeId !== null) last = Math.min(last, (ids.seqOf('order', beforeId) ?? 1) - 1);
  return { first, last };
}

function cancel(context: RouteContext, id: string, atMs: number): void {
  const { broker, faults } = context;
  if (faults.refusesCancel()) throw unprocessable('order is not cancelable');
  if (faults.fillsOnCancel()) broker.fillAtLimit(id, atMs);
  broker.cancel(id, atMs, faults.cancelDelayMs());
}

/** `PATCH /v2/orders/{id}`: the new order. A success does not prove that the old one was replaced. */
export function replaceOrder(context: RouteContext, request: SimRequest, id: string): SimAnswer {
  const { broker, engine, faults } = context;
  const order = broker.replace(id, jsonBody(request), engine.now(), faults.replaceDelayMs());
  return { status: 200, body: presentOrder(order, presentation(context)) };
}

/** `DELETE /v2/orders/{id}` */
export function cancelOrder(context: RouteContext, _request: SimRequest, id: string): SimAnswer {
  cancel(context, id, context.engine.now());
  return { status: 204 };
}

function cancelAll(context: RouteContext): object[] {
  const atMs = context.engine.now();
  return context.broker.state.book.openList().map((order) => {
    try {
      // Another order of its group has taken it along.
      if (isClosed(order)) return { id: order.id, status: 200 };
      cancel(context, order.id, atMs);
      return { id: order.id, status: 200 };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { id: order.id, status: error.status, body: error.body() };
    }
  });
}

/** `DELETE /v2/orders` */
export function cancelOrders(context: RouteContext): SimAnswer {
  return { status: 207, body: cancelAll(context) };
}

function share(query: URLSearchParams, held: Units): Units {
  const [qty, percentage] = [query.get('qty'), query.get('percentage')];
  try {
    if (qty !== null) return positive(parseUnits(qty), held);
    if (percentage === null) return held;
    const asked = positive(parseUnits(percentage), PERCENT);
    return divideFloor(divideFloor(held * asked, PERCENT), SHARE_STEP) * SHARE_STEP;
  } catch (error) {
    if (error instanceof DecimalError) throw badField(error.message);
    throw error;
  }
}

function positive(value: Units, most: Units): Units {
  if (value <= 0n || value > most) throw badField(`must be more than 0 and at most ${formatUnits(most)}`);
  return value;
}

/** `DELETE /v2/positions/{symbol}`, whole or the part that qty or percentage names */
export function closePosition(context: RouteContext, request: SimRequest, symbolOrId: string): SimAnswer {
  const symbol = context.assets.find(symbolOrId)?.symbol ?? symbolOrId;
  const held = context.broker.state.holdings.get(symbol);
  if (held === undefined) throw notFound(`position not found: ${symbol}`);
  const qty = share(request.query, held.qty);
  if (qty === 0n) throw unprocessable('nothing to close: the part asked for is less than the least quantity');
  return { status: 200, body: submit(context, marketSale(symbol, qty)) };
}

/** `DELETE /v2/positions` */
export function closePositions(context: RouteContext, request: SimRequest): SimAnswer {
  if (request.query.get('cancel_orders') === 'true') cancelAll(context);
  const results = [...context.broker.state.holdings].map(([symbol, held]) => {
    try {
      return { symbol, status: 200, body: submit(context, marketSale(symbol, held.qty)) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { symbol, status: error.status, body: error.body() };
    }
  });
  return { status: 207, body: results };
}
