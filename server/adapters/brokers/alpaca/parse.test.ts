import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { formatMoney, formatUnits } from '@/server/kernel/money';
import { haveShared, sharedFile } from '@/test-support/shared';
import { parseActivity } from './activity';
import { parseAccount, parseOrder, parsePosition, parseQuote, parseTradeUpdate, roundedUnits } from './parse';
import {
  accountSchema,
  activitySchema,
  latestQuotesSchema,
  orderSchema,
  positionSchema,
  quoteSchema,
  tradeUpdateSchema,
} from './schema';

const ORDER = {
  id: 'b1',
  client_order_id: 'c1',
  symbol: 'AAPL',
  side: 'buy',
  qty: '10',
  filled_qty: '3',
  filled_avg_price: '100.333333333333333333333',
  type: 'limit',
  time_in_force: 'gtc',
  limit_price: '101.5',
  status: 'partially_filled',
  submitted_at: '2026-01-05T14:30:00.123456789Z',
};

describe('orders', () => {
  test('quantities are exact, an average is rounded to twelve decimals', () => {
    const order = parseOrder(orderSchema.parse(ORDER));
    expect(order).toMatchObject({ side: 'BUY', orderType: 'LIMIT', timeInForce: 'GTC', status: 'PARTIALLY_FILLED' });
    expect(formatUnits(order.filledAvgPrice ?? 0n)).toBe('100.333333333333');
    expect(order.submittedAtMs).toBe(Date.parse('2026-01-05T14:30:00.123Z'));
  });

  test('a status that nobody knows survives and decides nothing', () => {
    const order = parseOrder(orderSchema.parse({ ...ORDER, status: 'teleported', novelty: { deep: true } }));
    expect(order).toMatchObject({ status: 'UNKNOWN', cancelPending: false });
  });

  test.each([
    ['new', 'ACCEPTED'],
    ['pending_new', 'PENDING'],
    ['pending_cancel', 'ACCEPTED'],
    ['filled', 'FILLED'],
    ['canceled', 'CANCELLED'],
    ['done_for_day', 'DONE_FOR_DAY'],
    ['replaced', 'REPLACED'],
  ] as const)('%s is %s', (raw, status) => {
    expect(parseOrder(orderSchema.parse({ ...ORDER, status: raw })).status).toBe(status);
  });

  test('an order without its quantities is unreadable', () => {
    const { filled_qty: _, ...rest } = ORDER;
    expect(orderSchema.safeParse(rest).success).toBe(false);
  });
});

test('an average of any length is rounded, halves away from zero', () => {
  expect(formatUnits(roundedUnits('0.0000000000005'))).toBe('0.000000000001');
  expect(formatUnits(roundedUnits(`1.${'3'.repeat(60)}`))).toBe('1.333333333333');
});

describe('activities', () => {
  const fill = {
    id: '20260105143000123::4f8c',
    activity_type: 'FILL',
    order_id: 'b1',
    symbol: 'AAPL',
    side: 'sell_short',
    qty: '1',
    price: '100.01',
    cum_qty: '4',
    transaction_time: '2026-01-05T14:30:00.123Z',
  };

  test('a fill is named by the part after the colons', () => {
    expect(parseActivity(activitySchema.parse(fill))).toMatchObject({
      kind: 'FILL',
      executionId: '4f8c',
      side: 'SELL',
    });
  });

  test.each([
    ['20260105093000123::f', '2026-01-05T14:30:00.123Z'],
    ['20260706093000123::f', '2026-07-06T13:30:00.123Z'],
    ['20260308033000000::f', '2026-03-08T07:30:00.000Z'],
    ['20260308013000000::f', '2026-03-08T06:30:00.000Z'],
  ])('the id %s carries New York time', (id, at) => {
    const fee = activitySchema.parse({ id, activity_type: 'FEE', net_amount: '-0.03' });
    expect(new Date(parseActivity(fee).atMs).toISOString()).toBe(at);
  });

  test('a fee moves cash at the time in its id when it has no other', () => {
    const fee = parseActivity(
      activitySchema.parse({ id: '20260105093000123::f', activity_type: 'FEE', net_amount: '-0.03' }),
    );
    expect(fee).toMatchObject({ kind: 'NON_TRADE', type: 'FEE', atMs: Date.parse('2026-01-05T14:30:00.123Z') });
    expect(fee.kind === 'NON_TRADE' && formatMoney(fee.amount)).toBe('-0.03');
  });

  test('shares that move, and what is taken back, are read as they come', () => {
    const split = { id: 's', activity_type: 'SPLIT', date: '2026-01-05', qty: '-10', symbol: 'A', group_id: 'g' };
    expect(parseActivity(activitySchema.parse(split))).toMatchObject({
      category: 'SPLIT',
      amount: 0n,
      shares: -10n * 10n ** 12n,
      groupId: 'g',
      status: 'EXECUTED',
    });
    const back = { id: 'd', activity_type: 'DIV', date: '2026-01-05', net_amount: '5', status: 'canceled' };
    expect(parseActivity(activitySchema.parse(back))).toMatchObject({ category: 'DIVIDEND', status: 'CANCELLED' });
  });

  test.each([
    ['FEE', 'FEE'],
    ['CFEE', 'FEE'],
    ['DIVNRA', 'DIVIDEND'],
    ['DIVROC', 'DIVIDEND'],
    ['INTNRA', 'INTEREST'],
    ['CSW', 'TRANSFER'],
    ['ACATS', 'TRANSFER'],
    ['SPIN', 'SPLIT'],
    ['OPEXC', 'ADJUSTMENT'],
    ['NEVER_SEEN', 'ADJUSTMENT'],
  ])('%s is a %s in the books', (type, category) => {
    const body = { id: 'x', activity_type: type, date: '2026-01-05', net_amount: '1' };
    expect(parseActivity(activitySchema.parse(body))).toMatchObject({ type, category });
  });

  test.each([
    ['a cash dividend', { activity_type: 'DIV', net_amount: '2', qty: '10' }, '0'],
    ['a dividend in shares', { activity_type: 'DIV', activity_sub_type: 'SDIV', qty: '1' }, '1'],
    ['a share dividend with cash', { activity_type: 'DIV', activity_sub_type: 'SDIV', net_amount: '1', qty: '1' }, '0'],
    ['a fee in cash', { activity_type: 'FEE', net_amount: '-1', qty: '3' }, '0'],
    ['a cash transfer', { activity_type: 'CSD', net_amount: '5', qty: '7' }, '0'],
    ['interest', { activity_type: 'INT', net_amount: '5', qty: '7' }, '0'],
    ['a share transfer', { activity_type: 'ACATS', qty: '-4' }, '-4'],
    ['a type nobody knows', { activity_type: 'NEVER_SEEN', qty: '2' }, '2'],
    ['no quantity', { activity_type: 'SPLIT' }, '0'],
  ])('the shares that move with %s', (_name, body, shares) => {
    const activity = parseActivity(activitySchema.parse({ id: 'x', date: '2026-01-05', ...body }));
    expect(activity.kind === 'NON_TRADE' && formatUnits(activity.shares)).toBe(shares);
  });

  test('a fill without its order is unreadable, not guessed', () => {
    expect(() => parseActivity(activitySchema.parse({ ...fill, order_id: null }))).toThrow('without its order');
  });
});

test('a trade update carries its execution, a bust the one it is about', () => {
  const update = {
    event: 'partial_fill',
    execution_id: 'e1',
    qty: '3',
    price: '100',
    timestamp: '2026-01-05T14:30:00Z',
    order: ORDER,
  };
  expect(parseTradeUpdate(tradeUpdateSchema.parse(update)).fill?.executionId).toBe('e1');
  const bust = parseTradeUpdate(tradeUpdateSchema.parse({ event: 'trade_bust', execution_id: 'e1', order: ORDER }));
  expect(bust).toMatchObject({ event: 'FILL_BUSTED', fill: null, refExecutionId: 'e1' });
  expect(() => parseTradeUpdate(tradeUpdateSchema.parse({ event: 'fill', order: ORDER }))).toThrow(
    'without quantity or price',
  );
});

const fixtures = sharedFile('data/alpaca/rest-fixtures.json');
const fixtureSchema = z.array(z.object({ context: z.unknown(), json: z.unknown() }));

/** Bodies that the SDK's own tests use; `part` names the request. */
function bodies(part: RegExp): unknown[] {
  const requestOf = z.object({ request: z.string() });
  return fixtureSchema.parse(JSON.parse(readFileSync(fixtures, 'utf8'))).flatMap(({ context, json }) => {
    const parsed = requestOf.safeParse(context);
    return parsed.success && part.test(parsed.data.request) ? [json] : [];
  });
}

describe.skipIf(!haveShared)("bodies of Alpaca's SDK tests (skipped where ../shared is missing)", () => {
  test('orders', () => {
    const found = bodies(/(get|post|patch) .*\/v2\/orders/).flatMap((body) => (Array.isArray(body) ? body : [body]));
    expect(found.length).toBeGreaterThan(5);
    for (const body of found) expect(parseOrder(orderSchema.parse(body)).externalOrderId).not.toBe('');
  });

  test('the account', () => {
    const [body] = bodies(/\/v2\/account$/);
    expect(formatMoney(parseAccount(accountSchema.parse(body)).cash)).toBe('-23140.2');
  });

  test('positions', () => {
    const [body] = bodies(/get .*\/v2\/positions$/);
    const [position] = z.array(positionSchema).parse(body).map(parsePosition);
    expect(position).toMatchObject({ symbol: 'AAPL', qty: 5n * 10n ** 12n });
  });

  test('latest quotes', () => {
    const [body] = bodies(/quotes\/latest\?symbols=AAPL$/).filter((each) => latestQuotesSchema.safeParse(each).success);
    const quote = quoteSchema.parse(latestQuotesSchema.parse(body).quotes['AAPL']);
    expect(formatUnits(parseQuote('AAPL', quote).ask)).toBe('161.11');
  });
});

test.each([
  ['new', 'ACCEPTED'],
  ['pending_new', 'ACCEPTED'],
  ['held', 'ACCEPTED'],
  ['rejected', 'REJECTED'],
  ['canceled', 'CANCELLED'],
  ['expired', 'EXPIRED'],
  ['done_for_day', 'DONE_FOR_DAY'],
  ['order_cancel_rejected', 'CANCEL_REJECTED'],
  ['pending_cancel', 'OTHER'],
  ['replaced', 'OTHER'],
  ['teleported', 'OTHER'],
])('the event %s is %s', (word, event) => {
  expect(parseTradeUpdate(tradeUpdateSchema.parse({ event: word, order: ORDER })).event).toBe(event);
});

test('an order whose cancel is under way works on, with its cancel pending', () => {
  const order = parseOrder(orderSchema.parse({ ...ORDER, status: 'pending_cancel' }));
  expect(order).toMatchObject({ status: 'ACCEPTED', cancelPending: true });
});

describe('an account', () => {
  const ACCOUNT = {
    id: 'a',
    cash: '1',
    equity: '2',
    buying_power: '3',
    last_equity: '2',
    status: 'ACTIVE',
    currency: 'USD',
  };
  const { currency, status, ...bare } = ACCOUNT;

  test.each<[string, object, readonly string[]]>([
    ['active and in dollars', ACCOUNT, []],
    ['blocked', { ...ACCOUNT, trading_blocked: true }, ['trading_blocked']],
    ['not active', { ...ACCOUNT, status: 'ACCOUNT_CLOSED' }, ['status ACCOUNT_CLOSED']],
    ['in another currency', { ...ACCOUNT, currency: 'EUR' }, ['currency EUR']],
    ['without a status', { ...bare, currency }, ['status unknown']],
    ['without a currency', { ...bare, status }, ['currency unknown']],
  ])('A12: %s', (_what, account, blockedBy) => {
    const parsed = parseAccount(accountSchema.parse(account));
    expect(parsed).toMatchObject({ tradingBlocked: blockedBy.length > 0, blockedBy });
  });
});
