import { ApiError } from '../broker/errors';
import { barsOf, bucketStart, parseTimeframe, type Timeframe } from '../market/aggregate';
import type { MarketBar } from '../market/types';
import { barFields, quoteFields, tradeFields } from '../stream/market-frames';
import type { Asset } from './assets';
import type { RouteContext } from './context';
import type { SimAnswer, SimRequest } from './exchange';
import { instant, list, oneOf, wholeNumber } from './query';

const MAX_BARS = 10_000;
/** History of the synthetic market reaches this far back. */
const MAX_HISTORY_MS = 30 * 86_400_000;

/** 400: the Market Data API answers bad parameters so. */
function badParameter(message: string): ApiError {
  return new ApiError(400, 40010001, message);
}

function time(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** The known ones among the symbols asked for: unknown symbols are simply absent from the answer. */
function assetsAsked(context: RouteContext, request: SimRequest): Asset[] {
  const symbols = list(request.query, 'symbols');
  if (symbols.length === 0) throw badParameter('symbols is required');
  if (symbols.length > 100) throw badParameter('at most 100 symbols');
  return [...new Set(symbols)].flatMap((symbol) => context.assets.find(symbol) ?? []);
}

function assetOf(context: RouteContext, symbol: string): Asset {
  const asset = context.assets.find(symbol);
  if (asset === undefined) throw badParameter(`invalid symbol: ${symbol.slice(0, 32)}`);
  return asset;
}

function latestQuote(context: RouteContext, asset: Asset): object | undefined {
  const point = context.market.point(asset.symbol);
  return point === undefined ? undefined : { t: time(point.quote.atMs), ...quoteFields(point, asset) };
}

function latestTrade(context: RouteContext, asset: Asset): object | undefined {
  const point = context.market.point(asset.symbol);
  return point === undefined ? undefined : { t: time(point.quote.atMs), ...tradeFields(point, asset) };
}

function presentBar(bar: MarketBar): object {
  return { t: time(bar.startMs), ...barFields(bar) };
}

function latestBar(context: RouteContext, asset: Asset): object | undefined {
  const bar = context.market.source.lastMinuteBar(asset.symbol, context.engine.now());
  return bar === undefined ? undefined : presentBar(bar);
}

type Latest = (context: RouteContext, asset: Asset) => object | undefined;
const LATEST: Readonly<Record<'quotes' | 'trades' | 'bars', { readonly one: string; readonly read: Latest }>> = {
  quotes: { one: 'quote', read: latestQuote },
  trades: { one: 'trade', read: latestTrade },
  bars: { one: 'bar', read: latestBar },
};

/** `GET /v2/stocks/{quotes|trades|bars}/latest?symbols=` */
export function getLatestMany(kind: 'quotes' | 'trades' | 'bars') {
  return (context: RouteContext, request: SimRequest): SimAnswer => {
    const assets = assetsAsked(context, request);
    context.engine.now();
    const found = assets.flatMap((asset) => {
      const value = LATEST[kind].read(context, asset);
      return value === undefined ? [] : [[asset.symbol, value] as const];
    });
    return { status: 200, body: { [kind]: Object.fromEntries(found) } };
  };
}

/** `GET /v2/stocks/{symbol}/{quotes|trades|bars}/latest` */
export function getLatestOne(kind: 'quotes' | 'trades' | 'bars') {
  return (context: RouteContext, _request: SimRequest, symbol: string): SimAnswer => {
    const asset = assetOf(context, symbol);
    context.engine.now();
    const value = LATEST[kind].read(context, asset);
    if (value === undefined) throw new ApiError(404, 40410000, `no ${LATEST[kind].one} found for ${symbol}`);
    return { status: 200, body: { symbol: asset.symbol, [LATEST[kind].one]: value } };
  };
}

interface BarsQuery {
  readonly timeframe: Timeframe;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  readonly descending: boolean;
  /** Where the page before ended. */
  readonly after: { readonly symbol: string; readonly startMs: number } | null;
}

function parsePageToken(token: string | null): BarsQuery['after'] {
  if (token === null || token === '') return null;
  const [symbol, startMs] = Buffer.from(token, 'base64url').toString('utf8').split('|');
  if (symbol === undefined || startMs === undefined || !/^\d{1,15}$/.test(startMs))
    throw badParameter('invalid page_token');
  return { symbol, startMs: Number(startMs) };
}

function barsQuery(context: RouteContext, query: URLSearchParams): BarsQuery {
  const timeframe = parseTimeframe(query.get('timeframe') ?? '1Min');
  if (timeframe === null) throw badParameter('invalid timeframe: give 1Min to 59Min, 1Hour to 23Hour or 1Day');
  const nowMs = context.engine.now();
  // The future of a recording is not for sale.
  const toMs = Math.min(instant(query, 'end') ?? nowMs, nowMs);
  const asked = instant(query, 'start') ?? bucketStart(nowMs, { unit: 'day' });
  const fromMs = context.market.source.kind === 'SYNTHETIC' ? Math.max(asked, nowMs - MAX_HISTORY_MS) : asked;
  return {
    timeframe,
    fromMs,
    toMs,
    limit: wholeNumber(query, 'limit', 1000, 1, MAX_BARS),
    descending: oneOf(query, 'sort', ['asc', 'desc'], 'asc') === 'desc',
    after: parsePageToken(query.get('page_token')),
  };
}

/** One symbol's bars in the order asked for, from where the page before ended: at most `limit`. */
function barsFor(context: RouteContext, symbol: string, query: BarsQuery, limit: number): MarketBar[] {
  const { source } = context.market;
  const after = query.after?.symbol === symbol ? query.after.startMs : null;
  if (query.descending) {
    const all = barsOf(source, symbol, query.timeframe, query.fromMs, query.toMs, MAX_BARS * 5).reverse();
    return all.filter((bar) => after === null || bar.startMs < after).slice(0, limit);
  }
  const fromMs = after === null ? query.fromMs : Math.max(query.fromMs, after + 1);
  const bars = barsOf(source, symbol, query.timeframe, fromMs, query.toMs, limit + 1);
  return bars.filter((bar) => after === null || bar.startMs > after).slice(0, limit);
}

/** One page of bars over the symbols in alphabetical order, and the token of the next. */
function page(
  context: RouteContext,
  symbols: readonly string[],
  query: BarsQuery,
): { bars: Map<string, object[]>; next: string | null } {
  const bars = new Map<string, object[]>();
  let left = query.limit;
  for (const symbol of [...symbols].sort()) {
    if (query.after !== null && symbol < query.after.symbol) continue;
    // One more than fits tells whether there is a next page.
    const found = barsFor(context, symbol, query, left + 1);
    const fitting = found.slice(0, left);
    if (fitting.length > 0) bars.set(symbol, fitting.map(presentBar));
    left -= fitting.length;
    const last = fitting[fitting.length - 1];
    if (found.length > fitting.length) {
      const token = last === undefined ? [symbol, query.descending ? query.toMs + 1 : 0] : [symbol, last.startMs];
      return { bars, next: Buffer.from(token.join('|')).toString('base64url') };
    }
  }
  return { bars, next: null };
}

/** `GET /v2/stocks/bars?symbols=&timeframe=&start=&end=&limit=&page_token=&sort=` */
export function getBarsMany(context: RouteContext, request: SimRequest): SimAnswer {
  const symbols = assetsAsked(context, request).map((asset) => asset.symbol);
  const { bars, next } = page(context, symbols, barsQuery(context, request.query));
  return { status: 200, body: { bars: Object.fromEntries(bars), next_page_token: next } };
}

/** `GET /v2/stocks/{symbol}/bars` */
export function getBarsOne(context: RouteContext, request: SimRequest, symbol: string): SimAnswer {
  const asset = assetOf(context, symbol);
  const { bars, next } = page(context, [asset.symbol], barsQuery(context, request.query));
  return { status: 200, body: { symbol: asset.symbol, bars: bars.get(asset.symbol) ?? [], next_page_token: next } };
}

function snapshot(context: RouteContext, asset: Asset): object {
  const nowMs = context.engine.now();
  const day = bucketStart(nowMs, { unit: 'day' });
  const daily = (fromMs: number, toMs: number): object => {
    const bar = barsOf(context.market.source, asset.symbol, { unit: 'day' }, fromMs, toMs, 1)[0];
    return bar === undefined ? {} : { bar: presentBar(bar) };
  };
  const [today, before] = [daily(day, nowMs), daily(bucketStart(day - 1, { unit: 'day' }), day)];
  const [quote, trade, minute] = [latestQuote(context, asset), latestTrade(context, asset), latestBar(context, asset)];
  return {
    ...(quote === undefined ? {} : { latestQuote: quote }),
    ...(trade === undefined ? {} : { latestTrade: trade }),
    ...(minute === undefined ? {} : { minuteBar: minute }),
    ...('bar' in today ? { dailyBar: today.bar } : {}),
    ...('bar' in before ? { prevDailyBar: before.bar } : {}),
  };
}

/** `GET /v2/stocks/snapshots?symbols=` */
export function getSnapshots(context: RouteContext, request: SimRequest): SimAnswer {
  const assets = assetsAsked(context, request);
  return { status: 200, body: Object.fromEntries(assets.map((asset) => [asset.symbol, snapshot(context, asset)])) };
}

/** `GET /v2/stocks/{symbol}/snapshot` */
export function getSnapshot(context: RouteContext, _request: SimRequest, symbol: string): SimAnswer {
  const asset = assetOf(context, symbol);
  return { status: 200, body: { symbol: asset.symbol, ...snapshot(context, asset) } };
}
