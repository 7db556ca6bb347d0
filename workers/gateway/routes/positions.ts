import type { BotPosition } from '@/server/application/ports/bot-account';
import {
  averagePrice,
  DecimalError,
  divideFloor,
  formatMoney,
  formatUnits,
  type Money,
  notional,
  ONE,
  parseMoney,
  parseUnits,
  ratioToFixed,
  type Units,
} from '@/server/kernel/money';
import { assetId } from '../alpaca/asset-id';
import { presentOrder } from '../alpaca/present-order';
import { ApiError, badField, notFound } from '../errors';
import type { Answer, Call, Route } from '../route';
import { cancelAll, place } from './orders';

const EXCHANGES = new Set(['AMEX', 'ARCA', 'BATS', 'NYSE', 'NASDAQ', 'NYSEARCA', 'OTC']);
const PERCENT = 100n * ONE;
/** Nine decimals of a share. */
const SHARE_STEP = 1_000n;

const ratio = (part: Money | Units, whole: Money | Units): string =>
  whole === 0n ? '0' : ratioToFixed(part, whole, 8);

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

function presentPosition(position: BotPosition): object {
  const { symbol, exchange } = position;
  const qty = parseUnits(position.qty);
  const cost = parseMoney(position.cost);
  const entry = averagePrice(cost, qty);
  const price = position.price === null ? entry : parseUnits(position.price);
  const lastDay = position.lastDayPrice === null ? price : parseUnits(position.lastDayPrice);
  const value = notional(qty, price);
  const today = notional(qty, price - lastDay);
  return {
    asset_id: assetId(symbol),
    symbol,
    exchange: exchange !== null && EXCHANGES.has(exchange) ? exchange : '',
    asset_class: 'us_equity',
    asset_marginable: false,
    qty: position.qty,
    qty_available: position.availableQty,
    side: qty < 0n ? 'short' : 'long',
    avg_entry_price: formatUnits(entry),
    cost_basis: formatMoney(cost),
    market_value: formatMoney(value),
    current_price: formatUnits(price),
    lastday_price: formatUnits(lastDay),
    change_today: ratio(price - lastDay, lastDay),
    unrealized_pl: formatMoney(value - cost),
    unrealized_plpc: ratio(value - cost, absolute(cost)),
    unrealized_intraday_pl: formatMoney(today),
    unrealized_intraday_plpc: ratio(today, absolute(notional(qty, lastDay))),
  };
}

const matches = (position: BotPosition, name: string): boolean =>
  position.symbol === name.toUpperCase() || assetId(position.symbol) === name.toLowerCase();

async function find({ services, name }: Call): Promise<BotPosition> {
  const found = (await services.account.positions()).find((position) => matches(position, name));
  if (found === undefined) throw notFound('position does not exist');
  return found;
}

/** How much of a position to close: `qty`, `percentage`, or all. @throws ApiError 422 */
function shareOf(query: URLSearchParams, { qty: held }: BotPosition): string {
  const [qty, percentage] = [query.get('qty'), query.get('percentage')];
  if (qty !== null && percentage !== null) throw badField('give qty or percentage, not both');
  try {
    if (qty !== null) return formatUnits(within('qty', parseUnits(qty), parseUnits(held)));
    if (percentage === null) return held;
    const share = within('percentage', parseUnits(percentage), PERCENT);
    return formatUnits(divideFloor(divideFloor(parseUnits(held) * share, PERCENT), SHARE_STEP) * SHARE_STEP);
  } catch (error) {
    if (error instanceof DecimalError) throw badField(error.message);
    throw error;
  }
}

function within(name: string, value: Units, most: Units): Units {
  if (value <= 0n || value > most) throw badField(`${name} must be more than 0 and at most ${formatUnits(most)}`);
  return value;
}

/** A closing market order through the gate, as the bot's own order would be. */
async function close(call: Call, position: BotPosition, qty: string): Promise<object> {
  if (parseUnits(position.qty) < 0n) throw new ApiError(422, 42210000, 'short positions are closed in the console');
  const order = await place(call, call.services.newId(), {
    symbol: position.symbol,
    side: 'SELL',
    qty,
    order_type: 'MARKET',
    time_in_force: 'DAY',
  });
  return presentOrder(order, { address: call.services.consoleAddress });
}

async function closeOne(call: Call): Promise<Answer> {
  const position = await find(call);
  return { status: 200, body: await close(call, position, shareOf(call.query, position)) };
}

async function closeAll(call: Call): Promise<Answer> {
  if (call.query.get('cancel_orders') === 'true') await cancelAll(call);
  const results: object[] = [];
  for (const position of await call.services.account.positions()) {
    const { symbol } = position;
    try {
      results.push({ symbol, status: 200, body: await close(call, position, position.qty) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      results.push({ symbol, status: error.status, body: error.body() });
    }
  }
  return { status: 207, body: results };
}

export const positionRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v2/positions',
    scope: 'portfolio:read',
    handle: async ({ services }) => ({
      status: 200,
      body: (await services.account.positions()).map(presentPosition),
    }),
  },
  {
    method: 'GET',
    path: '/v2/positions/:name',
    scope: 'portfolio:read',
    handle: async (call) => ({ status: 200, body: presentPosition(await find(call)) }),
  },
  { method: 'DELETE', path: '/v2/positions/:name', scope: 'orders:write', handle: closeOne },
  { method: 'DELETE', path: '/v2/positions', scope: 'orders:write', handle: closeAll },
];
