import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type UnreadableItem, UnreadableItemError } from '@/server/application/ports/broker';
import { formatUnits } from '@/server/kernel/money';
import { haveShared, sharedFile } from '@/test-support/shared';
import { createAlpacaBroker } from './broker';
import { createHttpClient, type HttpClient } from './client';
import { parseBar } from './parse';
import { barSchema } from './schema';
import { alpacaSettings } from './settings';

const ORDER = {
  id: 'b1',
  client_order_id: 'good',
  symbol: 'AAPL',
  side: 'buy',
  qty: '1',
  filled_qty: '0',
  type: 'market',
  time_in_force: 'day',
  status: 'new',
  submitted_at: '2026-01-05T14:30:00Z',
};
const POSITION = { symbol: 'AAPL', qty: '1', side: 'long', cost_basis: '100', asset_class: 'us_equity' };
const FILL = {
  id: '20260105093000000::e1',
  activity_type: 'FILL',
  order_id: 'b1',
  symbol: 'AAPL',
  side: 'buy',
  qty: '1',
  price: '100',
  transaction_time: '2026-01-05T14:30:00Z',
};

let server: Server;
let http: HttpClient;
let body: unknown;
let unread: UnreadableItem[];
beforeAll(async () => {
  server = createServer((_request, response) => response.end(JSON.stringify(body)));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  http = createHttpClient(alpacaSettings({ SIMULATOR_PORT: typeof address === 'object' ? (address?.port ?? 0) : 0 }));
});
afterAll(async () => {
  await http.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});
beforeEach(() => {
  unread = [];
});
const collect = (item: UnreadableItem) => unread.push(item);
const shared = (name: string): unknown => JSON.parse(readFileSync(sharedFile(`cases/broker/${name}`), 'utf8'));

const THIRTY = `1.${'3'.repeat(30)}`;
const ODD_ORDERS: readonly (readonly [string, object])[] = [
  ['without a side', { side: undefined }],
  ['with an empty side', { side: '' }],
  ['with a new side', { side: 'lend' }],
  ['without a symbol', { symbol: undefined }],
  ['with an empty symbol', { symbol: '' }],
  ['of a pair of currencies', { symbol: 'BTC/USD' }],
  ['of an option', { symbol: 'AAPL260116C00200000', asset_class: 'us_option' }],
  ['of an option on a symbol that looks like a share', { asset_class: 'us_option' }],
  ['with a quantity of 30 decimals', { qty: THIRTY }],
  ['with a filled quantity of 30 decimals', { filled_qty: THIRTY }],
  ['with a quantity beyond any market', { qty: `1${'0'.repeat(25)}` }],
  ['with a new type', { type: 'iceberg' }],
  ['with a new time in force', { time_in_force: 'gtd' }],
  ['without a status', { status: undefined }],
  ['with several legs', { order_class: 'mleg', symbol: '', side: '' }],
  ['submitted at no time', { submitted_at: 'yesterday' }],
];

describe('R-2: a list is read item by item', () => {
  test.each(ODD_ORDERS)('an order %s hides no other, and is named', async (_what, change) => {
    body = [{ ...ORDER, id: 'odd', client_order_id: 'odd', ...change }, ORDER];
    const orders = await createAlpacaBroker(http).openOrders(collect);
    expect(orders.map(({ clientOrderId }) => clientOrderId)).toEqual(['good']);
    expect(unread).toMatchObject([{ kind: 'ORDER', id: 'odd' }]);
    expect(unread[0]?.why).not.toBe('');
  });

  test.each([
    ['null', null],
    ['a text', 'order'],
    ['a number', 7],
  ])('%s in place of an order hides no other', async (_what, item) => {
    body = [item, ORDER];
    expect(await createAlpacaBroker(http).openOrders(collect)).toHaveLength(1);
    expect(unread).toMatchObject([{ kind: 'ORDER', id: null, symbol: null }]);
  });

  test('an order with a new status is read, and its status means nothing', async () => {
    body = [{ ...ORDER, status: 'teleported' }];
    expect(await createAlpacaBroker(http).openOrders(collect)).toMatchObject([{ status: 'UNKNOWN' }]);
    expect(unread).toEqual([]);
  });

  test.each([
    ['an option', { symbol: 'AAPL260116C00200000', asset_class: 'us_option' }],
    ['a crypto position', { symbol: 'BTCUSD', asset_class: 'crypto' }],
    ['a position of a new asset class', { asset_class: 'us_bond' }],
    ['a position with a new side', { side: 'boxed' }],
    ['a position of 30 decimals', { qty: THIRTY }],
  ])('%s is no position in shares', async (_what, change) => {
    body = [{ ...POSITION, ...change }, POSITION];
    expect(await createAlpacaBroker(http).positions(collect)).toMatchObject([{ symbol: 'AAPL' }]);
    expect(unread).toMatchObject([{ kind: 'POSITION' }]);
  });

  test.each([
    ['a fill of an option', { symbol: 'AAPL260116C00200000' }],
    ['a fill of a pair of currencies', { symbol: 'BTC/USD' }],
    ['a fill of another asset class', { asset_class: 'crypto' }],
    ['a fill without a side', { side: null }],
    ['a fill with a new side', { side: 'assign' }],
    ['a fill of 30 decimals', { qty: THIRTY }],
    ['an exercise of an option', { activity_type: 'OPEXC', symbol: 'AAPL260116C00200000', net_amount: '0' }],
    ['a fee in coins', { activity_type: 'CFEE', symbol: 'ETHUSD', qty: '-0.1' }],
  ])('%s is not booked as shares', async (_what, change) => {
    body = [{ ...FILL, id: 'odd', ...change }, FILL];
    expect(await createAlpacaBroker(http).activitiesAfter(0, collect)).toHaveLength(1);
    expect(unread).toMatchObject([{ kind: 'ACTIVITY', id: 'odd' }]);
  });

  test('distinguishes a single order that cannot be read from an answer that is not an order', async () => {
    const broker = createAlpacaBroker(http);
    body = { ...ORDER, side: '' };
    await expect(broker.orderById('b1')).rejects.toBeInstanceOf(UnreadableItemError);
    await expect(broker.orderByClientId('good')).rejects.toMatchObject({ item: { id: 'b1', why: 'it has no side' } });
    body = { message: 'try later' };
    await expect(broker.orderById('b1')).rejects.not.toBeInstanceOf(UnreadableItemError);
  });
});

describe.skipIf(!haveShared)('bodies of the broker beside ordinary ones (skipped where ../shared is missing)', () => {
  test('a multi-leg order', async () => {
    body = [shared('alpaca-order-mleg.json'), ORDER];
    expect(await createAlpacaBroker(http).openOrders(collect)).toHaveLength(1);
    expect(unread).toEqual([
      {
        kind: 'ORDER',
        id: '61e69015-8549-4bfd-b9c3-01e75843f47d',
        symbol: null,
        why: 'a multi-leg order is not traded here',
      },
    ]);
  });

  test('a dividend on 16 decimals of shares moves cash alone', async () => {
    body = [shared('alpaca-activity-div.json'), FILL];
    const [dividend, fill] = await createAlpacaBroker(http).activitiesAfter(0, collect);
    expect(dividend).toMatchObject({ kind: 'NON_TRADE', category: 'DIVIDEND', symbol: 'SPY', shares: 0n });
    expect(fill).toMatchObject({ kind: 'FILL' });
    expect(unread).toEqual([]);
  });

  test('a position with a cost of 28 decimals', async () => {
    body = [shared('alpaca-position-notional.json'), POSITION];
    const [position, other] = await createAlpacaBroker(http).positions(collect);
    expect(formatUnits(position?.qty ?? 0n)).toBe('0.173011547');
    expect(other).toMatchObject({ symbol: 'AAPL' });
    expect(unread).toEqual([]);
  });
});

test('A23: bars and fills with more decimals than we keep are rounded to nine', async () => {
  const bar = { t: '2026-01-05T14:30:00Z', o: 500.15000000000003, h: 501, l: 499, c: 500.3, v: 7 };
  expect(formatUnits(parseBar('SPY', barSchema.parse(bar)).open)).toBe('500.15');
  body = [{ ...FILL, price: '500.15000000000003', qty: '0.3333333333333' }];
  const [fill] = await createAlpacaBroker(http).activitiesAfter(0, collect);
  if (fill?.kind !== 'FILL') throw new Error('it is no fill');
  expect([formatUnits(fill.price), formatUnits(fill.qty)]).toEqual(['500.15', '0.333333333']);
});
