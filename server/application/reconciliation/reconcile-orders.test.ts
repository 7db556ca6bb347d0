import { beforeEach, describe, expect, test } from 'vitest';
import { BrokerError, type BrokerOrder } from '@/server/application/ports/broker';
import type { BreakNews, OpenBreak } from '@/server/application/ports/reconciliation-store';
import {
  brokerOrder,
  claimedOrder,
  FakeBroker,
  FakeExecutionStore,
  fakeContext,
  orderState,
} from '@/server/application/testing/fakes';
import { parseUnits } from '@/server/kernel/money';
import { reconcileOrders } from './reconcile-orders';

/** Breaks in memory. */
class FakeBreaks {
  open: OpenBreak[] = [];
  openBreaks = async () => this.open;
  async openBreak(_fence: unknown, news: BreakNews) {
    this.open = [...this.open, { id: `k${this.open.length}`, ...news }];
    return true;
  }
  async resolveBreak(_fence: unknown, id: string) {
    this.open = this.open.filter((each) => each.id !== id);
  }
  bookNonTrades = async () => [];
  late: string[] = [];
  async cancelLate(_fence: unknown, orderId: string) {
    this.late.push(orderId);
  }
}

/** Counts what a round asks. */
class CountingBroker extends FakeBroker {
  asked: string[] = [];
  override orderById = (id: string) => {
    this.asked.push(id);
    return Promise.resolve([...this.orders.values()].find((each) => each.externalOrderId === id) ?? null);
  };
}

let broker: CountingBroker;
let store: FakeExecutionStore;
let books: FakeBreaks;

beforeEach(() => {
  broker = new CountingBroker();
  store = new FakeExecutionStore();
  books = new FakeBreaks();
});

const round = (settleMs = 5_000, openedAtMs = 0, closedAtMs: number | null = null) =>
  reconcileOrders(fakeContext(broker, store), books, {
    settleMs,
    cursorMs: openedAtMs,
    overlapMs: 1_000,
    openedAtMs,
    closedAtMs,
  });
const openCauses = () => books.open.map(({ cause, symbol }) => `${cause} ${symbol}`);
const named = (id: string, changes = {}) =>
  orderState(id, { claimed: true, status: 'ACCEPTED', pending: 'NONE', externalOrderId: `b-${id}`, ...changes });
const working = (changes = {}) => claimedOrder(named('o1'), changes);
const filled: Partial<BrokerOrder> = {
  status: 'FILLED',

  filledQty: parseUnits('10'),
  filledAvgPrice: parseUnits('100'),
};
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

test('an execution that only the statement tells is booked, and the end that follows from it', async () => {
  store.add(working());
  broker.activities = [fillActivity('e1', 'b-o1', '10')];
  broker.orders.set('o1', brokerOrder('o1', { status: 'FILLED', filledQty: parseUnits('10') }));
  await round();
  expect(store.state('o1')).toMatchObject({ status: 'FILLED', cumQty: parseUnits('10') });
});

test('an order that ended while nobody listened is looked up singly and closed', async () => {
  store.add(working());
  broker.orders.set('o1', brokerOrder('o1', { status: 'CANCELLED' }));
  await round();
  expect(store.state('o1').status).toBe('CANCELLED');
});

test('an order changed lately is left for the next round', async () => {
  store.add(working({ changedMsAgo: 1_000 }));
  broker.orders.set('o1', brokerOrder('o1', { status: 'CANCELLED' }));
  expect((await round()).left).toBe(1);
  expect(store.state('o1').status).toBe('ACCEPTED');
});

test('an order that the broker took after the close is cancelled', async () => {
  store.add(working());
  broker.orders.set('o1', brokerOrder('o1', { submittedAtMs: 2_000 }));
  await round(5_000, 0, 2_001);
  expect(books.late).toEqual([]);
  await round(5_000, 0, 2_000);
  expect(books.late).toEqual(['o1']);
});

test('a live order that the broker lacks is a break, after the look-up', async () => {
  store.add(working());
  await round();
  expect(openCauses()).toEqual(['MISSING_AT_BROKER AAPL']);
});

test('an order of ours that was never answered for is attached when the broker lists it', async () => {
  const id = '11111111-1111-4111-8111-111111111111';
  store.add(claimedOrder(orderState(id, { claimed: true })));
  broker.orders.set(id, brokerOrder(id));
  await round();
  expect(store.state(id)).toMatchObject({ status: 'ACCEPTED', externalOrderId: `b-${id}` });
});

describe('A10: an adopted order that had traded before our books knew it', () => {
  const OPENED_MS = 1_000;
  const foreign = (changes: Partial<BrokerOrder>) =>
    broker.orders.set(
      'x',
      brokerOrder('x', {
        clientOrderId: 'by hand',
        qty: parseUnits('10'),
        status: 'PARTIALLY_FILLED',
        filledQty: parseUnits('4'),
        filledAvgPrice: parseUnits('100'),
        submittedAtMs: 100,
        updatedAtMs: 100,
        ...changes,
      }),
    );
  const adopted = () => store.state('new-1');

  test('enters with what was left of it, and its earlier fills are never booked', async () => {
    foreign({});
    broker.activities = [{ ...fillActivity('e1', 'b-x', '4'), atMs: 900, cumQty: parseUnits('4') }];
    await round(0, OPENED_MS);
    expect(adopted()).toMatchObject({ qty: parseUnits('6'), cumQty: 0n, flags: ['EXTERNAL'] });
    await round(5_000, OPENED_MS);
    expect(adopted().cumQty).toBe(0n);
  });

  test('is credited with what it fills from then on, until it is filled', async () => {
    foreign({ filledQty: parseUnits('5') });
    broker.activities = [
      { ...fillActivity('e1', 'b-x', '4'), atMs: 900, cumQty: parseUnits('4') },
      { ...fillActivity('e2', 'b-x', '1'), atMs: 1_500, cumQty: parseUnits('5') },
    ];
    await round(0, OPENED_MS);
    expect(adopted()).toMatchObject({ qty: parseUnits('6'), cumQty: parseUnits('1') });
    foreign({ status: 'FILLED', filledQty: parseUnits('10') });
    broker.activities.push({ ...fillActivity('e3', 'b-x', '5'), atMs: 2_000, cumQty: parseUnits('10') });
    await round(0, OPENED_MS);
    expect(adopted()).toMatchObject({ status: 'FILLED', cumQty: parseUnits('6') });
  });

  test('O-10: one that replaced another does not bring that one’s fills along', async () => {
    foreign({ replaces: 'b-old', submittedAtMs: 5_000 });
    broker.activities = [{ ...fillActivity('e1', 'b-old', '4'), atMs: 4_000, cumQty: parseUnits('4') }];
    broker.orders.set(
      'old',
      brokerOrder('old', { status: 'REPLACED', filledQty: parseUnits('4'), qty: parseUnits('10') }),
    );
    store.add(claimedOrder(named('old', { cumQty: 0n })));
    await round(0, OPENED_MS);
    expect(adopted()).toMatchObject({ qty: parseUnits('6'), cumQty: 0n });
    expect(store.state('old').cumQty).toBe(parseUnits('4'));
  });

  test('one sent after the opening is credited with all that it filled', async () => {
    foreign({ submittedAtMs: 5_000 });
    broker.activities = [{ ...fillActivity('e1', 'b-x', '4'), atMs: 5_500, cumQty: parseUnits('4') }];
    await round(0, OPENED_MS);
    expect(adopted()).toMatchObject({ qty: parseUnits('10'), cumQty: parseUnits('4') });
  });
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

test('an order by amount is a break of its symbol, and is adopted once it has ended with what was filled', async () => {
  broker.orders.set('theirs', brokerOrder('theirs', { qty: null }));
  await round();
  await round();
  expect(openCauses()).toEqual(['EXTERNAL_ORDER AAPL']);
  expect(store.orders.size).toBe(0);
  broker.orders.set('theirs', brokerOrder('theirs', { ...filled, qty: null, filledQty: parseUnits('3') }));
  broker.activities = [fillActivity('e1', 'b-theirs', '3')];
  await round();
  expect(store.state('new-1')).toMatchObject({ status: 'FILLED', qty: parseUnits('3'), flags: ['EXTERNAL'] });
});

test('an execution of an order that came and went unseen brings the order with it', async () => {
  broker.activities = [fillActivity('e1', 'b-theirs', '10'), fillActivity('e2', 'b-nobody', '1')];
  broker.orders.set('theirs', brokerOrder('theirs', { status: 'FILLED', filledQty: parseUnits('10') }));
  await round();
  expect(store.state('new-1')).toMatchObject({ status: 'FILLED', flags: ['EXTERNAL'] });
  expect(store.orders.size).toBe(1);
});

test('an execution booked before is not looked at again, whatever the stream called it', async () => {
  const known = named('o1', {
    status: 'PARTIALLY_FILLED',
    cumQty: parseUnits('4'),
    cumNotional: parseUnits('4') * parseUnits('100'),
  });
  const reported = { qty: parseUnits('4'), price: parseUnits('100') };
  const fill = {
    executionId: 's1',
    ...reported,
    reportedQty: reported.qty,
    reportedPrice: reported.price,
    atMs: 400,
    busted: false,
    corrections: [],
  };
  store.add(claimedOrder({ ...known, fills: [fill] }));
  broker.activities = [{ ...fillActivity('e1', 'b-o1', '4'), cumQty: parseUnits('4') }];
  broker.orders.set(
    'o1',
    brokerOrder('o1', { status: 'PARTIALLY_FILLED', filledQty: parseUnits('4'), filledAvgPrice: parseUnits('100') }),
  );
  await round();
  expect(store.types('o1')).toEqual([]);
});

test('a total that no execution explains is inferred after a while, and the real execution takes its place', async () => {
  store.add(working());
  broker.orders.set('o1', brokerOrder('o1', filled));
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
    claimedOrder(orderState('o1', { claimed: true, status: 'CANCELLED', pending: 'NONE', externalOrderId: 'b-o1' })),
  );
  broker.orders.set('o1', brokerOrder('o1'));
  await round();
  expect(broker.cancelled).toEqual(['b-o1']);
  expect(openCauses()).toEqual(['EXTERNAL_ORDER AAPL']);
});

describe('many orders', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, n) => `o${n}`);

  test('of those that no longer are listed many are found in pages of ended orders, and only the others singly', async () => {
    for (const id of ids(20)) store.add(claimedOrder(named(id)));
    for (const id of ids(18)) broker.orders.set(id, brokerOrder(id, { status: 'CANCELLED' }));
    await round();
    expect(broker.asked).toEqual(['b-o18', 'b-o19']);
    expect(ids(18).map((id) => store.state(id).status)).toEqual(ids(18).map(() => 'CANCELLED'));
    expect(openCauses()).toEqual(['MISSING_AT_BROKER AAPL', 'MISSING_AT_BROKER AAPL']);
  });

  test('what takes more single requests than a round may have is no good round, goes on in the next, and ends', async () => {
    for (const id of ids(120)) store.add(claimedOrder(named(id)));
    await expect(round()).rejects.toThrow('no longer lists 70 more order(s)');
    await expect(round()).rejects.toThrow('no longer lists 20 more order(s)');
    await round();
    expect(books.open).toHaveLength(120);
    broker.asked = [];
    await round();
    expect(broker.asked).toHaveLength(5);
    expect(books.open).toHaveLength(120);
  });

  test('before a residue is believed the statement is asked once more, for all of them at once', async () => {
    for (const id of ids(3)) {
      store.add(claimedOrder(named(id)));
      broker.orders.set(id, brokerOrder(id, { ...filled, status: 'PARTIALLY_FILLED', filledQty: parseUnits('4') }));
    }
    let asked = 0;
    broker.activitiesAfter = async () => {
      asked += 1;
      return asked === 1 ? [] : [fillActivity('e1', 'b-o1', '4')];
    };
    await round();
    expect(asked).toBe(2);
    const names = ids(3).map((id) => store.state(id).fills.map(({ executionId }) => executionId));
    expect(names).toEqual([['inferred:o0:0-4'], ['e1'], ['inferred:o2:0-4']]);
  });
});

test('a ghost is asked for singly: one whose end has only just come is left alone', async () => {
  store.add(claimedOrder(named('o1', { status: 'CANCELLED' })));
  broker.orders.set('o1', brokerOrder('o1'));
  broker.orderById = async () => brokerOrder('o1', { status: 'CANCELLED' });
  await round();
  expect(broker.cancelled).toEqual([]);
  expect(openCauses()).toEqual([]);
});

test('a query that fails concludes nothing', async () => {
  store.add(working());
  broker.orderById = () => Promise.reject(new BrokerError('uncertain', 'no answer'));
  await expect(round()).rejects.toThrow('no answer');
  expect(store.state('o1').status).toBe('ACCEPTED');
  expect(openCauses()).toEqual([]);
});
