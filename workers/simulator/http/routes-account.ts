import {
  averagePrice,
  formatMoney,
  formatUnits,
  type Money,
  notional,
  parseMoney,
  parseUnits,
  ratioToFixed,
  type Units,
} from '@/server/kernel/money';
import { badField, notFound } from '../broker/errors';
import type { Holding } from '../broker/non-trade';
import { newYorkDate } from '../market/new-york';
import { presentAsset } from './assets';
import type { RouteContext } from './context';
import { jsonBody, type SimAnswer, type SimRequest } from './exchange';
import { instant, list } from './query';

/** What is the same of every account here: no margin, no options, no crypto, nothing pending. */
const PLAIN_CASH_ACCOUNT = {
  status: 'ACTIVE',
  crypto_status: 'INACTIVE',
  currency: 'USD',
  multiplier: '1',
  options_buying_power: '0',
  options_approved_level: 0,
  options_trading_level: 0,
  accrued_fees: '0',
  pending_transfer_in: '0',
  pending_transfer_out: '0',
  pending_reg_taf_fees: '0',
  intraday_adjustments: '0',
  short_market_value: '0',
  last_maintenance_margin: '0',
  sma: '0',
  trading_blocked: false,
  transfers_blocked: false,
  account_blocked: false,
  shorting_enabled: false,
} as const;

/** `GET /v2/account` */
export function getAccount(context: RouteContext): SimAnswer {
  const { broker } = context;
  const atMs = context.engine.now();
  const { state } = broker;
  const equity = broker.equity();
  const invested = formatMoney(equity - state.cash);
  const free = formatMoney(broker.buyingPower());
  return {
    status: 200,
    body: {
      ...PLAIN_CASH_ACCOUNT,
      id: state.head.account_id,
      account_number: state.head.account_number,
      created_at: new Date(state.head.at).toISOString(),
      cash: formatMoney(state.cash),
      equity: formatMoney(equity),
      portfolio_value: formatMoney(equity),
      last_equity: state.lastDay?.equity ?? state.head.cash,
      balance_asof: state.lastDay?.date ?? newYorkDate(atMs),
      buying_power: free,
      effective_buying_power: free,
      regt_buying_power: free,
      non_marginable_buying_power: free,
      long_market_value: invested,
      position_market_value: invested,
      initial_margin: invested,
      maintenance_margin: invested,
      trade_suspended_by_user: state.suspendTrade,
      ...(context.faults.block === null ? {} : { [context.faults.block]: true }),
    },
  };
}

function configurations(context: RouteContext): object {
  return {
    fractional_trading: true,
    max_margin_multiplier: '1',
    max_options_trading_level: 0,
    no_shorting: true,
    ptp_no_exception_entry: false,
    suspend_trade: context.broker.state.suspendTrade,
    trade_confirm_email: 'none',
    disable_overnight_trading: false,
  };
}

/** `GET /v2/account/configurations` */
export function getConfigurations(context: RouteContext): SimAnswer {
  return { status: 200, body: configurations(context) };
}

/** `PATCH /v2/account/configurations`: only suspend_trade has an effect. */
export function patchConfigurations(context: RouteContext, request: SimRequest): SimAnswer {
  const body = jsonBody(request);
  if (typeof body !== 'object' || body === null) throw badField('request body must be an object');
  if ('suspend_trade' in body) {
    if (typeof body.suspend_trade !== 'boolean') throw badField('suspend_trade must be true or false');
    context.broker.commit({ type: 'config', suspend_trade: body.suspend_trade, at: context.engine.now() });
  }
  if ('no_shorting' in body && body.no_shorting === false)
    throw badField('no_shorting cannot be turned off: this is a cash account');
  return { status: 200, body: configurations(context) };
}

/** `GET /v2/assets?status=&asset_class=&exchange=` */
export function listAssets(context: RouteContext, request: SimRequest): SimAnswer {
  const { query } = request;
  const [status, assetClass, exchange] = [query.get('status'), query.get('asset_class'), query.get('exchange')];
  const listed =
    (status ?? 'active') === 'active' &&
    (assetClass ?? 'us_equity') === 'us_equity' &&
    list(query, 'attributes').length === 0;
  const assets = listed
    ? context.assets.list().filter((asset) => exchange === null || asset.exchange === exchange)
    : [];
  return { status: 200, body: assets.map(presentAsset) };
}

/** `GET /v2/assets/{symbol_or_id}` */
export function getAsset(context: RouteContext, _request: SimRequest, symbolOrId: string): SimAnswer {
  const asset = context.assets.find(symbolOrId);
  if (asset === undefined) throw notFound(`asset not found for ${symbolOrId}`);
  return { status: 200, body: presentAsset(asset) };
}

function ratio(part: Money, whole: Money): string {
  return whole === 0n ? '0' : ratioToFixed(part, whole, 8);
}

function presentPosition(context: RouteContext, symbol: string, held: Holding): object {
  const { state } = context.broker;
  const asset = context.assets.find(symbol);
  const price: Units = context.market.displayed(symbol)?.lastPrice ?? averagePrice(held.cost, held.qty);
  const value = notional(held.qty, price);
  const lastDayText = state.lastDay?.prices[symbol];
  const lastDay = lastDayText === undefined ? price : parseUnits(lastDayText);
  const today = notional(held.qty, price - lastDay);
  return {
    asset_id: asset?.id,
    symbol,
    exchange: asset?.exchange ?? '',
    asset_class: 'us_equity',
    asset_marginable: false,
    qty: formatUnits(held.qty),
    qty_available: formatUnits(state.availableShares(symbol)),
    side: 'long',
    avg_entry_price: formatUnits(averagePrice(held.cost, held.qty)),
    cost_basis: formatMoney(held.cost),
    market_value: formatMoney(value),
    current_price: formatUnits(price),
    lastday_price: formatUnits(lastDay),
    change_today: ratio(price - lastDay, lastDay),
    unrealized_pl: formatMoney(value - held.cost),
    unrealized_plpc: ratio(value - held.cost, held.cost),
    unrealized_intraday_pl: formatMoney(today),
    unrealized_intraday_plpc: ratio(today, notional(held.qty, lastDay)),
  };
}

/** `GET /v2/positions` */
export function listPositions(context: RouteContext): SimAnswer {
  context.engine.now();
  const held = [...context.broker.state.holdings].sort(([a], [b]) => (a < b ? -1 : 1));
  return { status: 200, body: held.map(([symbol, holding]) => presentPosition(context, symbol, holding)) };
}

/** `GET /v2/positions/{symbol_or_id}` */
export function getPosition(context: RouteContext, _request: SimRequest, symbolOrId: string): SimAnswer {
  context.engine.now();
  const symbol = context.assets.find(symbolOrId)?.symbol ?? symbolOrId;
  const held = context.broker.state.holdings.get(symbol);
  if (held === undefined) throw notFound('position does not exist');
  return { status: 200, body: presentPosition(context, symbol, held) };
}

const PERIOD_MS: Readonly<Record<string, number>> = {
  D: 86_400_000,
  W: 7 * 86_400_000,
  M: 31 * 86_400_000,
  A: 366 * 86_400_000,
};

/** `GET /v2/account/portfolio/history`: marks every five minutes of market time, and now. */
export function getPortfolioHistory(context: RouteContext, request: SimRequest): SimAnswer {
  const { query } = request;
  const atMs = context.engine.now();
  const period = /^(\d{1,4})([DWMA])$/.exec(query.get('period') ?? '1M');
  if (period === null) throw badField('period must be a number and D, W, M or A');
  const spanMs = Number(period[1]) * (PERIOD_MS[period[2] ?? 'D'] ?? 0);
  const fromMs = instant(query, 'start') ?? atMs - spanMs;
  const toMs = Math.min(atMs, instant(query, 'end') ?? instant(query, 'date_end') ?? atMs);
  const { state } = context.broker;
  const points = state.curve.between(fromMs, toMs);
  if (toMs === atMs) points.push({ atMs, equity: Number(formatMoney(context.broker.equity())) });
  const base = Number(formatMoney(parseMoney(state.head.cash)));
  return {
    status: 200,
    body: {
      timestamp: points.map((point) => Math.floor(point.atMs / 1000)),
      equity: points.map((point) => point.equity),
      profit_loss: points.map((point) => point.equity - base),
      profit_loss_pct: points.map((point) => (base === 0 ? 0 : (point.equity - base) / base)),
      base_value: base,
      timeframe: '5Min',
    },
  };
}
