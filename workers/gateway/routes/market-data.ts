import { BarQueryError } from '@/server/application/history/market-reads';
import { type BarListBody, type BarQuery, DEFAULT_BARS } from '@/server/contracts/market';
import { symbolSchema } from '@/server/contracts/symbol';
import { newYorkDate } from '@/server/domain/calendar';
import { presentBar, presentQuote } from '../alpaca/present-market';
import { ApiError, notFound } from '../errors';
import { instant, list, oneOf, wholeNumber } from '../query';
import type { Answer, Call, Route } from '../route';

const MAX_SYMBOLS = 100;
const MAX_BARS = 10_000;

/** 400: the Market Data API answers bad parameters so. */
const badParameter = (message: string): ApiError => new ApiError(400, 40010001, message);

function symbolOf(text: string): string {
  const parsed = symbolSchema.safeParse(text);
  if (!parsed.success) throw badParameter(`invalid symbol: ${text.slice(0, 32)}`);
  return parsed.data;
}

function symbolsOf(query: URLSearchParams): readonly string[] {
  const symbols = [...new Set(list(query, 'symbols').map(symbolOf))].sort();
  if (symbols.length === 0) throw badParameter('symbols is required');
  if (symbols.length > MAX_SYMBOLS) throw badParameter(`at most ${MAX_SYMBOLS} symbols`);
  return symbols;
}

type Read = (call: Call, symbol: string) => Promise<object | null>;

const newestQuote: Read = async ({ services }, symbol) => {
  const quote = await services.market.quote(symbol);
  return quote === null ? null : presentQuote(quote);
};

const newestBars = async ({ services }: Call, symbol: string, timeframe: BarQuery['timeframe'], limit: number) =>
  (await services.market.bars(symbol, { timeframe, limit }))?.bars ?? [];

const newestBar: Read = async (call, symbol) => {
  const bar = (await newestBars(call, symbol, '1Min', 1)).at(-1);
  return bar === undefined ? null : presentBar(bar);
};

/** The last two days, the last minute and the newest quote; trades are not stored. */
const snapshot: Read = async (call, symbol) => {
  const [latestQuote, minuteBar, days] = await Promise.all([
    newestQuote(call, symbol),
    newestBar(call, symbol),
    newestBars(call, symbol, '1Day', 2),
  ]);
  if (latestQuote === null && minuteBar === null) return null;
  const [daily, previous] = [days.at(-1), days.at(-2)];
  return {
    ...(latestQuote === null ? {} : { latestQuote }),
    ...(minuteBar === null ? {} : { minuteBar }),
    ...(daily === undefined ? {} : { dailyBar: presentBar(daily) }),
    ...(previous === undefined ? {} : { prevDailyBar: presentBar(previous) }),
  };
};

/** What is known of each symbol; one of which nothing is known is absent from the answer. */
async function many(call: Call, read: Read): Promise<Record<string, object>> {
  const symbols = symbolsOf(call.query);
  const values = await Promise.all(symbols.map((symbol) => read(call, symbol)));
  return Object.fromEntries(
    symbols.flatMap((symbol, index) => {
      const value = values[index] ?? null;
      return value === null ? [] : [[symbol, value] as const];
    }),
  );
}

async function one(call: Call, read: Read): Promise<{ readonly symbol: string; readonly value: object }> {
  const symbol = symbolOf(call.name);
  const value = await read(call, symbol);
  if (value === null) throw notFound(`nothing is known of ${symbol}`);
  return { symbol, value };
}

const latestMany =
  (kind: 'quotes' | 'bars', read: Read) =>
  async (call: Call): Promise<Answer> => ({
    status: 200,
    body: { [kind]: await many(call, read) },
  });

const latestOne =
  (kind: 'quote' | 'bar', read: Read) =>
  async (call: Call): Promise<Answer> => {
    const { symbol, value } = await one(call, read);
    return { status: 200, body: { symbol, [kind]: value } };
  };

interface AskedBars {
  readonly query: BarQuery;
  readonly limit: number;
  /** Where the page before ended. */
  readonly from: { readonly symbol: string; readonly token: string | null } | null;
}

function askedBars({ query, services }: Call): AskedBars {
  const timeframe = query.get('timeframe') ?? '1Min';
  const minutes = ['1Min', '1T'].includes(timeframe);
  if (!minutes && !['1Day', '1D'].includes(timeframe))
    throw badParameter(`timeframe ${timeframe.slice(0, 16)} is not served by Countersign: give 1Min or 1Day`);
  if (oneOf(query, 'sort', ['asc', 'desc'], 'asc') === 'desc')
    throw badParameter('sort=desc is not served by Countersign: bars are listed from the oldest');
  const nowMs = services.nowMs();
  const startMs = instant(query, 'start') ?? Date.parse(`${newYorkDate(nowMs)}T00:00:00Z`);
  const endMs = instant(query, 'end');
  const iso = (ms: number): string => new Date(ms).toISOString();
  const [symbol, token] = (query.get('page_token') ?? '').split('.');
  return {
    query: {
      timeframe: minutes ? '1Min' : '1Day',
      start: iso(startMs),
      // Alpaca's end is inclusive.
      ...(endMs === null ? {} : { end: iso(endMs + 1) }),
    },
    limit: wholeNumber(query, 'limit', DEFAULT_BARS, 1, MAX_BARS),
    from: symbol === undefined || symbol === '' ? null : { symbol: symbolOf(symbol), token: token || null },
  };
}

async function pageOf({ services }: Call, symbol: string, query: BarQuery): Promise<BarListBody | null> {
  try {
    return await services.market.bars(symbol, query);
  } catch (error) {
    if (error instanceof BarQueryError) throw badParameter(`${error.field} ${error.message}`);
    throw error;
  }
}

/** Bars of several symbols, one symbol after the other, until the page is full. */
async function readBars(call: Call, symbols: readonly string[]) {
  const { query, limit, from } = askedBars(call);
  const bars: Record<string, object[]> = {};
  let left = limit;
  for (const symbol of symbols) {
    if (from !== null && symbol < from.symbol) continue;
    if (left === 0) return { bars, next_page_token: `${symbol}.` };
    const token = from?.symbol === symbol ? from.token : null;
    const page = await pageOf(call, symbol, {
      ...query,
      limit: left,
      ...(token === null ? {} : { page_token: token }),
    });
    if (page === null || page.bars.length === 0) continue;
    bars[symbol] = page.bars.map(presentBar);
    left -= page.bars.length;
    if (page.next_page_token !== null) return { bars, next_page_token: `${symbol}.${page.next_page_token}` };
  }
  return { bars, next_page_token: null };
}

async function barsMany(call: Call): Promise<Answer> {
  return { status: 200, body: await readBars(call, symbolsOf(call.query)) };
}

async function barsOne(call: Call): Promise<Answer> {
  const symbol = symbolOf(call.name);
  const { bars, next_page_token } = await readBars(call, [symbol]);
  return { status: 200, body: { symbol, bars: bars[symbol] ?? [], next_page_token } };
}

const read = (path: string, handle: Route['handle']): Route => ({ method: 'GET', path, scope: 'market:read', handle });

/** What Alpaca's Market Data API has that is stored here. */
export const dataRoutes: readonly Route[] = [
  read('/v2/stocks/quotes/latest', latestMany('quotes', newestQuote)),
  read('/v2/stocks/bars/latest', latestMany('bars', newestBar)),
  read('/v2/stocks/bars', barsMany),
  read('/v2/stocks/snapshots', async (call) => ({ status: 200, body: await many(call, snapshot) })),
  read('/v2/stocks/:name/quotes/latest', latestOne('quote', newestQuote)),
  read('/v2/stocks/:name/bars/latest', latestOne('bar', newestBar)),
  read('/v2/stocks/:name/bars', barsOne),
  read('/v2/stocks/:name/snapshot', async (call) => {
    const { symbol, value } = await one(call, snapshot);
    return { status: 200, body: { symbol, ...value } };
  }),
];
