import { beforeEach, describe, expect, test } from 'vitest';
import { BrokerError } from '@/server/application/ports/broker';
import type {
  BreakNews,
  OpenBreak,
  PortfolioRow,
  ReconciliationStore,
} from '@/server/application/ports/reconciliation-store';
import { parseMoney, parseUnits } from '@/server/domain/money/decimal';
import { reconcile } from './reconcile';
import { grossBuyingPower } from './reconcile-portfolio';
import {
  brokerOrder,
  FakeBroker,
  FakeExecutionStore,
  fakeContext,
  nonTrade,
  orderState,
  workOrder,
} from './testing/fakes';

class FakeBooks implements ReconciliationStore {
  accountId: string | null = 'a1';
  held = new Map<string, { qty: bigint; updatedAtMs: number }>();
  cash = 0n;
  breaks: (OpenBreak & { resolved: boolean })[] = [];
  saved: PortfolioRow[] = [];
  opened: string[] = [];
  booked = new Set<string>();
  cashBooked: string[] = [];

  account = async () => ({
    brokerAccountId: this.accountId,
    openedBy: 'system',
    activityCursorMs: this.accountId === null ? null : 0,
  });
  async open(account: { accountId: string }, _positions: unknown, signedBy: string) {
    this.accountId = account.accountId;
    this.opened.push(signedBy);
  }
  bookedExecutions = async () => this.booked;
  async bookNonTrades(_fence: unknown, activities: readonly { activityId: string }[]) {
    this.cashBooked.push(...activities.map(({ activityId }) => activityId));
    return [];
  }
  positions = async () => this.held;
  ledgerCash = async () => this.cash;
  openBreaks = async () => this.breaks.filter(({ resolved }) => !resolved);
  async openBreak({ symbol, orderId, cause }: BreakNews) {
    this.breaks.push({ id: `k${this.breaks.length}`, symbol, orderId, cause, resolved: false });
    return true;
  }
  async resolveBreak(id: string) {
    this.breaks = this.breaks.map((each) => (each.id === id ? { ...each, resolved: true } : each));
  }
  async savePortfolio(_fence: unknown, row: PortfolioRow) {
    this.saved.push(row);
  }
  failRound = async () => 1;
  halt = async () => null;
  haltCounts = async () => ({ working: 0, uncertain: 0, cancelled: 0, filled: 0 });
  async saveHaltProgress() {}
  async verifyHalt() {}
}

let broker: FakeBroker;
let store: FakeExecutionStore;
let books: FakeBooks;

beforeEach(() => {
  broker = new FakeBroker();
  store = new FakeExecutionStore();
  books = new FakeBooks();
});

const options = { openingSignedBy: 'system (simulator)', overlapMs: 1_000, settleMs: 5_000 };
const round = (changes = {}) => reconcile(fakeContext(broker, store), books, { ...options, ...changes });
const openCauses = () =>
  books.breaks.filter(({ resolved }) => !resolved).map(({ cause, symbol }) => `${cause} ${symbol}`);
const working = (changes = {}) =>
  workOrder(orderState('o1', { claimed: true, status: 'ACCEPTED', pending: 'NONE', externalOrderId: 'b-o1' }), changes);
const fillActivity = (executionId: string, externalOrderId: string, qty: string) =>
  ({
    kind: 'FILL',
    activityId: `t::${executionId}`,
    executionId,
    externalOrderId,
    symbol: 'AAPL',
    side: 'BUY',
    qty: parseUnits(qty),
    price: parseUnits('100'),
    cumQty: null,
    atMs: 500,
  }) as const;

test('a good round saves the portfolio and the cursor of the newest activity', async () => {
  broker.activities = [nonTrade({ activityId: 't::f1', type: 'FEE', amount: -1n, atMs: 700 })];
  await round();
  expect(books.saved).toHaveLength(1);
  expect(books.saved[0]).toMatchObject({ activityCursorMs: 700, tradingDay: '1969-12-31' });
  expect(books.cashBooked).toEqual(['t::f1']);
});

test('a query that fails ends the round: nothing is saved, no break opened', async () => {
  store.add(working());
  broker.failing = new BrokerError('uncertain', 'no answer');
  await expect(round()).rejects.toThrow('no answer');
  expect(books.saved).toEqual([]);
  expect(openCauses()).toEqual([]);
});

test('the first connection books opening balances, signed for', async () => {
  books.accountId = null;
  await round();
  expect(books.opened).toEqual(['system (simulator)']);
});

test('a real account waits for a person to sign', async () => {
  books.accountId = null;
  await expect(round({ openingSignedBy: null })).rejects.toThrow('a person must sign');
});

test('another account at the broker stops everything', async () => {
  books.accountId = 'someone else';
  await expect(round()).rejects.toThrow('the books are of account someone else');
});

describe('orders', () => {
  test('an execution that only the statement tells is booked, and the end that follows from it', async () => {
    store.add(working());
    broker.activities = [fillActivity('e1', 'b-o1', '10')];
    broker.orders.set('o1', brokerOrder('o1', { status: 'FILLED', rawStatus: 'filled', filledQty: parseUnits('10') }));
    await round();
    expect(store.state('o1')).toMatchObject({ status: 'FILLED', cumQty: parseUnits('10') });
  });

  test('an order that ended while nobody listened is looked up singly and closed', async () => {
    store.add(working());
    broker.orders.set('o1', brokerOrder('o1', { status: 'CANCELLED', rawStatus: 'canceled' }));
    await round();
    expect(store.state('o1').status).toBe('CANCELLED');
  });

  test('an order changed lately is left for the next round', async () => {
    store.add(working({ updatedAtMs: 999_000 }));
    broker.orders.set('o1', brokerOrder('o1', { status: 'CANCELLED', rawStatus: 'canceled' }));
    expect((await round()).left).toBe(1);
    expect(store.state('o1').status).toBe('ACCEPTED');
  });

  test('a live order that the broker lacks is a break, after the look-up', async () => {
    store.add(working());
    await round();
    expect(openCauses()).toEqual(['MISSING_AT_BROKER AAPL']);
  });

  test('an order of ours that was never answered for is attached when the broker lists it', async () => {
    const id = '11111111-1111-4111-8111-111111111111';
    store.add(workOrder(orderState(id, { claimed: true })));
    broker.orders.set(id, brokerOrder(id));
    await round();
    expect(store.state(id)).toMatchObject({ status: 'ACCEPTED', externalOrderId: `b-${id}` });
  });

  test('an order that nobody here placed is adopted', async () => {
    broker.orders.set('theirs', brokerOrder('theirs'));
    await round();
    expect(store.state('new-1')).toMatchObject({
      flags: ['EXTERNAL'],
      externalOrderId: 'b-theirs',
      status: 'ACCEPTED',
    });
  });

  test.each([
    ['a limit', { orderType: 'LIMIT', limitPrice: parseUnits('99') }, 'LIMIT'],
    ['a stop', { orderType: 'STOP', stopPrice: parseUnits('90') }, 'STOP'],
    ['a kind we do not place, with a limit', { orderType: null, limitPrice: parseUnits('99') }, 'LIMIT'],
    ['a kind we do not place', { orderType: null }, 'MARKET'],
  ] as const)('%s is adopted as what it can be told as', async (_name, terms, orderType) => {
    broker.orders.set('theirs', brokerOrder('theirs', terms));
    await round();
    expect(store.state('new-1').orderType).toBe(orderType);
  });

  test('an order by amount cannot be told and is left alone', async () => {
    broker.orders.set('theirs', brokerOrder('theirs', { qty: null }));
    await round();
    expect(store.orders.size).toBe(0);
  });

  test('an execution of an order that came and went unseen brings the order with it', async () => {
    broker.activities = [fillActivity('e1', 'b-theirs', '10'), fillActivity('e2', 'b-nobody', '1')];
    broker.orders.set(
      'theirs',
      brokerOrder('theirs', { status: 'FILLED', rawStatus: 'filled', filledQty: parseUnits('10') }),
    );
    await round();
    expect(store.state('new-1')).toMatchObject({ status: 'FILLED', flags: ['EXTERNAL'] });
    expect(store.orders.size).toBe(1);
  });

  test('an execution booked before is not looked at again', async () => {
    books.booked.add('e1');
    broker.activities = [fillActivity('e1', 'b-o1', '10')];
    store.add(working());
    broker.orders.set('o1', brokerOrder('o1'));
    await round();
    expect(store.types('o1')).toEqual([]);
  });

  test('a total that no execution explains is inferred after a while, and the real execution takes its place', async () => {
    store.add(working());
    const done = {
      status: 'FILLED',
      rawStatus: 'filled',
      filledQty: parseUnits('10'),
      filledAvgPrice: parseUnits('100'),
    } as const;
    broker.orders.set('o1', brokerOrder('o1', done));
    await round();
    expect(store.state('o1')).toMatchObject({ status: 'FILLED', cumQty: parseUnits('10') });
    broker.activities = [fillActivity('e1', 'b-o1', '10')];
    await round();
    expect(store.state('o1').fills).toHaveLength(1);
    expect(store.types('o1')).toEqual(['fill', 'correct']);
  });

  test('a missing order that the broker shows again closes its break', async () => {
    store.add(working());
    await round();
    broker.orders.set('o1', brokerOrder('o1'));
    await round();
    expect(openCauses()).toEqual([]);
  });

  test('an order that is closed here and works there is cancelled there, and somebody must know', async () => {
    store.add(
      workOrder(orderState('o1', { claimed: true, status: 'CANCELLED', pending: 'NONE', externalOrderId: 'b-o1' })),
    );
    broker.orders.set('o1', brokerOrder('o1'));
    await round();
    expect(broker.cancelled).toEqual(['b-o1']);
    expect(openCauses()).toEqual(['EXTERNAL_ORDER AAPL']);
  });
});

describe('portfolio', () => {
  test('a position that differs on every look is a break, and closes when both sides agree again', async () => {
    books.held.set('AAPL', { qty: parseUnits('1'), updatedAtMs: 0 });
    await round();
    expect(openCauses()).toEqual(['POSITION_MISMATCH AAPL']);
    books.held.set('AAPL', { qty: 0n, updatedAtMs: 0 });
    await round();
    expect(openCauses()).toEqual([]);
  });

  test('a difference that the news explains a moment later is none', async () => {
    books.cash = parseMoney('5');
    const looks = [parseMoney('5'), 0n];
    books.ledgerCash = async () => looks.shift() ?? 0n;
    await round();
    expect(openCauses()).toEqual([]);
  });

  test('cash that differs is a break of the account', async () => {
    books.cash = parseMoney('5');
    await round();
    expect(openCauses()).toEqual(['CASH_MISMATCH $CASH']);
  });

  test('buying power is put back what the broker holds for buys that it listed before and after', () => {
    const account = { ...broker.accountAnswer, buyingPower: parseMoney('1000') };
    const limit = brokerOrder('l', { limitPrice: parseUnits('50'), filledQty: parseUnits('4') });
    const market = brokerOrder('m');
    const late = brokerOrder('late', { limitPrice: parseUnits('70') });
    const sale = brokerOrder('s', { side: 'SELL', limitPrice: parseUnits('90') });
    const power = grossBuyingPower(
      account,
      [limit, market, sale],
      [limit, market, late, sale],
      new Map([['b-m', parseUnits('20')]]),
    );
    expect(power).toBe(parseMoney('1500'));
  });
});
