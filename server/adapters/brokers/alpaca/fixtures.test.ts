import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { haveShared, sharedFile } from '@/test-support/shared';
import { parseActivity } from './activity';
import { read } from './ask';
import { parseAccount, parseBar, parseClock, parseOrder, parsePosition, parseQuote, parseTradeUpdate } from './parse';
import {
  accountSchema,
  activitySchema,
  assetSchema,
  barSchema,
  barsSchema,
  calendarSchema,
  cancelAnswersSchema,
  clockSchema,
  latestQuotesSchema,
  newsItemSchema,
  newsPageSchema,
  orderSchema,
  positionSchema,
  quoteSchema,
  tradeUpdateSchema,
} from './schema';

const FILE = sharedFile('data/alpaca/rest-fixtures.json');

/** Reads one body as the adapter would; throws when it cannot. */
type Reader = (body: unknown) => unknown;

const one =
  <S extends z.ZodType>(schema: S, map: (value: z.output<S>) => unknown): Reader =>
  (body) =>
    read(schema, body, map);
const many = <S extends z.ZodType>(schema: S, map: (value: z.output<S>) => unknown): Reader =>
  one(z.array(schema), (list) => list.map(map));
const same = <T>(value: T): T => value;

/** What of Alpaca's pages the adapter reads, by `METHOD /path`. */
const READERS: readonly (readonly [RegExp, Reader])[] = [
  [/^GET \/v2\/account$/, one(accountSchema, parseAccount)],
  [/^GET \/v2\/clock$/, one(clockSchema, parseClock)],
  [/^GET \/v2\/calendar$/, one(calendarSchema, same)],
  [/^GET \/v2\/account\/activities$/, many(activitySchema, parseActivity)],
  [/^GET \/v2\/assets$/, many(assetSchema, same)],
  [/^GET \/v2\/assets\/[^/]+$/, one(assetSchema, same)],
  [/^GET \/v2\/orders$/, many(orderSchema, parseOrder)],
  [/^(GET|PATCH) \/v2\/orders\/[^/]+$/, one(orderSchema, parseOrder)],
  [/^GET \/v2\/orders:by_client_order_id$/, one(orderSchema, parseOrder)],
  [/^POST \/v2\/orders$/, one(orderSchema, parseOrder)],
  [/^DELETE \/v2\/orders$/, one(cancelAnswersSchema, same)],
  [/^DELETE \/v2\/positions\/[^/]+$/, one(orderSchema, parseOrder)],
  [/^GET \/v2\/positions$/, many(positionSchema, parsePosition)],
  [
    /^GET \/v2\/stocks\/quotes\/latest$/,
    one(latestQuotesSchema, ({ quotes }) =>
      Object.entries(quotes).map(([s, q]) => parseQuote(s, quoteSchema.parse(q))),
    ),
  ],
  [
    /^GET \/v2\/stocks\/bars$/,
    one(barsSchema, ({ bars }) =>
      Object.entries(bars ?? {}).map(([s, list]) => list.map((bar) => parseBar(s, barSchema.parse(bar)))),
    ),
  ],
  [
    /^GET \/v1beta1\/news$/,
    one(newsPageSchema, ({ news }) => news?.map((item) => newsItemSchema.parse(item).headline)),
  ],
];

const readerOf = (route: string): Reader | undefined => READERS.find(([pattern]) => pattern.test(route))?.[1];

/** Something that nobody has heard of, in every object of a body. */
function withUnknownFields(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => withUnknownFields(each));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withUnknownFields(each, key)]));
  // A map by symbol has no fields of its own.
  return name === 'quotes' || name === 'bars' ? fields : { ...fields, something_new: { of: ['2031'] } };
}

describe.skipIf(!haveShared)('bodies of Alpaca’s own clients’ tests (skipped without ../shared)', () => {
  const fixtureSchema = z.object({ context: z.object({ request: z.string() }), json: z.unknown() });
  const fixtures = haveShared ? z.array(fixtureSchema).parse(JSON.parse(readFileSync(FILE, 'utf8'))) : [];
  const routed = fixtures.map(({ context: { request }, json }) => {
    const [method = '', url = ''] = request.split(' ');
    const path = url.replace(/^https:\/\/[^/]+|^\{BaseURL[^}]*\}/, '').replace(/\?.*$/, '');
    return { route: `${method.toUpperCase()} ${path}`, json };
  });
  const read = routed.filter(({ route }) => readerOf(route) !== undefined);

  test('every one of a page that is read can be read', () => {
    const routes = new Set<string>();
    for (const { route, json } of read) {
      expect(() => readerOf(route)?.(json), route).not.toThrow();
      routes.add(route);
    }
    const other = new Set(routed.filter(({ route }) => readerOf(route) === undefined).map(({ route }) => route));
    console.log(
      `fixtures: ${routed.length} in all; ${read.length} of ${routes.size} pages read; ${routed.length - read.length} are of ${other.size} pages that the adapter does not use`,
    );
    expect(read.length).toBeGreaterThanOrEqual(20);
  });

  test('fields that nobody knows change nothing of what is read', () => {
    for (const { route, json } of read)
      expect(readerOf(route)?.(withUnknownFields(json)), route).toEqual(readerOf(route)?.(keepUnknown(json, route)));
  });

  test('a status that nobody knows is kept as text, and nothing is concluded from it', () => {
    let orders = 0;
    for (const { route, json } of read) {
      const parsed = orderSchema.safeParse(json);
      if (!parsed.success) continue;
      orders += 1;
      const parsedOrder = parseOrder({ ...parsed.data, status: 'quantum_filled' });
      expect(parsedOrder, route).toMatchObject({ status: 'UNKNOWN', cancelPending: false });
    }
    expect(orders).toBeGreaterThanOrEqual(5);
  });

  /** Pages whose reading is the body itself keep the unknown field. */
  function keepUnknown(json: unknown, route: string): unknown {
    return /assets|DELETE \/v2\/orders$|calendar/.test(route) ? withUnknownFields(json) : json;
  }
});

/** Written by hand after the public documentation; these run wherever the tests run. */
const ORDER = {
  id: '61e69015-8549-4bfd-b9c3-01e75843f47d',
  client_order_id: 'eb9e2aaa-f71a-4f51-b5b4-52a6c565dad4',
  created_at: '2026-03-16T18:38:01.942282Z',
  updated_at: '2026-03-16T18:38:01.942282Z',
  submitted_at: '2026-03-16T18:38:01.937734Z',
  filled_at: null,
  asset_class: 'us_equity',
  symbol: 'AAPL',
  notional: null,
  qty: '15.5',
  filled_qty: '0',
  filled_avg_price: null,
  order_class: '',
  order_type: 'market',
  type: 'market',
  side: 'buy',
  time_in_force: 'day',
  limit_price: null,
  stop_price: null,
  status: 'accepted',
};

describe('shapes of our own', () => {
  const account = { id: 'a', cash: '1', equity: '2.5', buying_power: '3', last_equity: '2', status: 'ACTIVE', x: 1 };
  const activity = { id: '20260316143000000::e1', activity_type: 'FILL', order_id: 'o', symbol: 'AAPL', side: 'buy' };
  test.each<[string, Reader, unknown]>([
    ['an account', one(accountSchema, parseAccount), account],
    ['a clock', one(clockSchema, parseClock), { timestamp: '2026-03-16T14:30:00.1-04:00', is_open: true, new: 1 }],
    ['an order', one(orderSchema, parseOrder), ORDER],
    ['a position', one(positionSchema, parsePosition), { symbol: 'A', qty: '1', side: 'long', cost_basis: '10' }],
    ['a fill', one(activitySchema, parseActivity), { ...activity, qty: '1', price: '2', leaves_qty: '0' }],
    ['a type nobody knows', one(activitySchema, parseActivity), { id: '20260316000000000::x', activity_type: 'NEWX' }],
    ['a quote', one(quoteSchema, (q) => parseQuote('A', q)), { t: '2026-03-16T14:30:00Z', bp: 1, bs: 1, ap: 2, as: 1 }],
    [
      'a bar',
      one(barSchema, (bar) => parseBar('A', bar)),
      { t: '2026-03-16T14:30:00Z', o: 1, h: 2, l: 1, c: 2, v: 10, vw: 1.5, n: 3 },
    ],
    ['an update', one(tradeUpdateSchema, parseTradeUpdate), { event: 'restated', timestamp: null, order: ORDER }],
  ])('%s is read', (_name, reader, body) => {
    expect(() => reader(body)).not.toThrow();
    expect(() => reader({ ...(typeof body === 'object' ? body : {}), something_new: [1] })).not.toThrow();
  });

  test('an unknown event is read with its order and no fill', () => {
    const parsedOrder = read(tradeUpdateSchema, { event: 'teleported', order: ORDER, qty: '5' }, parseTradeUpdate);
    expect(parsedOrder).toMatchObject({ event: 'OTHER', fill: null, order: { externalOrderId: ORDER.id } });
  });

  test('what lacks its heart is refused, not guessed', () => {
    for (const missing of ['id', 'symbol', 'side', 'filled_qty', 'status']) {
      const { [missing]: _, ...rest } = { ...ORDER } as Record<string, unknown>;
      expect(() => read(orderSchema, rest, parseOrder), missing).toThrow(/unreadable answer|it has no (symbol|side)/);
    }
  });
});
