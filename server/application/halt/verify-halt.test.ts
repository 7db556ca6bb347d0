import { describe, expect, test } from 'vitest';
import type { UnreadableItem } from '@/server/application/ports/broker';
import type { HaltCounts, HaltOrder } from '@/server/application/ports/reconciliation-store';
import { brokerOrder, FakeBroker, FakeExecutionStore, fakeContext, noAnswer } from '@/server/application/testing/fakes';
import { type HaltBooks, SENDS_OVER_MS, sweepHalt, sweepPauseMs, verifyHalt } from './verify-halt';

const NONE: HaltCounts = { working: 0, uncertain: 0, cancelled: 0, filled: 0 };

const ours = (id: string, changes: Partial<HaltOrder> = {}): HaltOrder => ({
  orderId: id,
  externalOrderId: `b-${id}`,
  kind: 'GATED',
  symbol: 'AAPL',
  cancelSentAgoMs: null,
  cancelFault: null,
  ...changes,
});

class Books implements HaltBooks {
  orders: HaltOrder[] = [];
  counts = NONE;
  progress: Record<string, unknown> = {};
  verified: string[] = [];
  marked = 0;

  haltOrders = async () => this.orders;
  haltCounts = async () => this.counts;
  async cancelAllSent() {
    this.marked += 1;
  }
  async cancelsRefused(refused: readonly { externalOrderId: string; message: string }[]) {
    const why = new Map(refused.map((each) => [each.externalOrderId, each.message]));
    this.orders = this.orders.map((each) => ({
      ...each,
      cancelFault: why.get(each.externalOrderId ?? '') ?? each.cancelFault,
    }));
  }
  async saveHaltProgress(_fence: unknown, _id: string, progress: Readonly<Record<string, unknown>>) {
    this.progress = { ...progress };
  }
  async verifyHalt(_fence: unknown, id: string) {
    this.verified.push(id);
  }
}

interface Setup {
  broker?: FakeBroker;
  books?: Books;
  counts?: HaltCounts;
  since?: number | null;
  endedHolders?: number;
  verified?: boolean;
  unreadable?: readonly UnreadableItem[];
}

const MANY_MS = 100_000;

/** The time of the last cancel of everything, moved back. */
function later(books: Books, ms: number) {
  for (const name of ['cancel_all_at', 'unreadable_since'])
    if (typeof books.progress[name] === 'number') books.progress[name] = Number(books.progress[name]) - ms;
}

/** One pass; what the last one reported is handed on, as the database does. */
async function look({
  broker = new FakeBroker(),
  books = new Books(),
  counts,
  since = 0,
  endedHolders = 0,
  verified: before = false,
  unreadable = [],
}: Setup) {
  if (counts !== undefined) books.counts = counts;
  const context = fakeContext(broker, new FakeExecutionStore());
  const halt = {
    id: 'h1',
    acknowledged: since !== null,
    verified: before,
    sinceAcknowledgedMs: since,
    endedHolders,
    progress: books.progress,
  };
  const openOrders = async () => ({ open: await broker.openOrders(), unreadable });
  const options = { openOrders, requests: () => broker.cancelAllCalls };
  const verified = await verifyHalt(context, books, halt, options);
  return { verified, marked: books.verified, progress: books.progress, broker, books };
}

test('nothing works and every sender released the lock itself: verified in the first pass', async () => {
  expect(await look({})).toMatchObject({ verified: true, marked: ['h1'] });
});

test('where a sender was disconnected, a look that began before its send was over does not verify', async () => {
  expect(await look({ endedHolders: 1, since: SENDS_OVER_MS - 1 })).toMatchObject({ verified: false, marked: [] });
  expect(await look({ endedHolders: 1, since: SENDS_OVER_MS })).toMatchObject({ verified: true });
});

test.each<[string, Setup]>([
  ['it is not acknowledged', { since: null }],
  ['an order of ours is live', { counts: { ...NONE, working: 1 } }],
  ['an order is in doubt', { counts: { ...NONE, uncertain: 1 } }],
])('not verified while %s', async (_why, setup) => {
  expect(await look(setup)).toMatchObject({ verified: false, marked: [] });
});

test('not verified while the broker does not answer; what was done is kept', async () => {
  const broker = new FakeBroker();
  const books = new Books();
  books.orders = [ours('x')];
  broker.failing = noAnswer();
  const { verified, progress } = await look({ broker, books });
  expect(verified).toBe(false);
  expect(progress).toMatchObject({ lastError: 'no answer', at_broker: null, cancel_all: 1 });
});

test.each([
  ['orders of ours work', [ours('x'), ours('y')]],
  ['nothing is known to work', []],
  ['a flatten is running', [ours('flat', { kind: 'FLATTEN' })]],
])('H-2: everything is cancelled by one request before anything is asked: %s', async (_when, orders) => {
  const broker = new FakeBroker();
  const books = new Books();
  books.orders = orders;
  let open = 0;
  broker.openOrders = async () => {
    open = broker.cancelAllCalls;
    return [];
  };
  expect(await look({ broker, books })).toMatchObject({ progress: { cancel_all: 1, requests: 1 } });
  expect([open, books.marked]).toEqual([1, 1]);
});

test('what the broker shows beyond it is cancelled too, and the look does not verify', async () => {
  const broker = new FakeBroker();
  broker.orders.set('x', brokerOrder('x'));
  expect(await look({ broker })).toMatchObject({ verified: false, progress: { at_broker: 1, cancel_all: 1 } });
});

test('a refused cancel is reported with the broker’s words, and cancelling everything again waits longer each time', async () => {
  const broker = new FakeBroker();
  const books = new Books();
  books.orders = [ours('x')];
  broker.orders.set('x', brokerOrder('x'));
  broker.cancelAllAnswer = {
    asked: 1,
    refused: [{ externalOrderId: 'b-x', status: 422, message: 'order is not cancelable' }],
  };
  const setup = { broker, books, counts: { ...NONE, working: 1 } };
  const stuck = [{ order_id: 'x', symbol: 'AAPL', why: 'order is not cancelable' }];
  expect(await look(setup)).toMatchObject({ verified: false, progress: { stuck, cancel_all: 1, working: 1 } });
  // The context's clock stands still between looks: the second is too early to cancel everything again.
  expect(await look(setup)).toMatchObject({ progress: { cancel_all: 1 } });
  later(books, 999);
  expect(await look(setup)).toMatchObject({ progress: { cancel_all: 1 } });
  later(books, 1);
  expect(await look(setup)).toMatchObject({ progress: { cancel_all: 2, stuck } });
});

test('orders that filled before their cancel are shown as filled, not as stuck', async () => {
  const broker = new FakeBroker();
  const books = new Books();
  books.orders = [ours('x')];
  broker.cancelAllAnswer = {
    asked: 1,
    refused: [{ externalOrderId: 'b-x', status: 422, message: 'order is already in "filled" state' }],
  };
  broker.openOrders = async () => {
    books.orders = [];
    books.counts = { ...NONE, filled: 1 };
    return [];
  };
  expect(await look({ broker, books })).toMatchObject({ verified: true, progress: { filled: 1, stuck: [] } });
});

test('H-2: the sweep cancels everything at once and 1, 2, 4 and 8 s later, then every 8 s', () => {
  const times = [0];
  for (let sent = 1; sent < 7; sent += 1) times.push((times.at(-1) ?? 0) + sweepPauseMs(sent) / 1_000);
  expect(times).toEqual([0, 1, 2, 4, 8, 16, 24]);
});

describe('H-2: in the hold', () => {
  const held = (changes: Setup = {}): Setup => {
    const books = new Books();
    books.orders = [ours('flat', { kind: 'FLATTEN' }), ours('x')];
    const broker = new FakeBroker();
    broker.orders.set('flat', brokerOrder('flat'));
    broker.orders.set('x', brokerOrder('x'));
    return { broker, books, verified: true, ...changes };
  };

  test('what works is cancelled one by one, a flatten is left alone', async () => {
    const { broker } = await look(held());
    expect([broker.cancelled, broker.cancelAllCalls]).toEqual([['b-x'], 0]);
  });

  test('a cancel that is not answered is reported', async () => {
    const setup = held();
    if (setup.broker) setup.broker.cancelOutcome = { kind: 'uncertain', cause: 'no answer within 2000 ms' };
    expect(await look(setup)).toMatchObject({ progress: { lastError: 'no answer within 2000 ms' } });
  });

  test('everything is cancelled again only after lists have been unreadable for 5 s', async () => {
    const setup = held();
    const { broker, books } = await look(setup);
    broker.openOrders = async () => {
      throw noAnswer();
    };
    await look(setup);
    later(books, 4_999);
    await look(setup);
    expect(broker.cancelAllCalls).toBe(0);
    later(books, 1);
    await look(setup);
    await look(setup);
    expect(broker.cancelAllCalls).toBe(1);
  });

  test('an order that cannot be read is cancelled by its id', async () => {
    const item: UnreadableItem = { kind: 'ORDER', id: 'odd', symbol: null, why: 'it has no side' };
    const { broker } = await look(held({ unreadable: [item] }));
    expect(broker.cancelled).toEqual(['b-x', 'odd']);
  });
});

test('a flatten of ours does not stand in the way of the verification', async () => {
  const broker = new FakeBroker();
  const books = new Books();
  books.orders = [ours('flat', { kind: 'FLATTEN' })];
  broker.orders.set('flat', brokerOrder('flat'));
  expect(await look({ broker, books })).toMatchObject({ verified: true });
});

test('R-2: an open order that cannot be read works: the halt is not verified, and names it', async () => {
  const item: UnreadableItem = { kind: 'ORDER', id: 'odd', symbol: null, why: 'a multi-leg order is not traded here' };
  const { verified, progress } = await look({ unreadable: [item], since: MANY_MS });
  expect(verified).toBe(false);
  expect(progress).toMatchObject({ at_broker: 1, stuck: [{ order_id: 'odd', symbol: '' }] });
});

test('an error that is not the broker’s ends the look, and the time of the last cancel of everything is kept', async () => {
  const broker = new FakeBroker();
  const books = new Books();
  broker.openOrders = async () => {
    throw new Error('numeric field overflow');
  };
  await expect(look({ broker, books })).rejects.toThrow('numeric field overflow');
  await expect(look({ broker, books })).rejects.toThrow('numeric field overflow');
  expect(broker.cancelAllCalls).toBe(1);
  expect(books.progress).toMatchObject({ cancel_all: 1, lastError: 'numeric field overflow' });
});

test('H-2: everything is cancelled while the acknowledgement still waits for a sender', async () => {
  const broker = new FakeBroker();
  const halt = {
    id: 'h1',
    acknowledged: false,
    verified: false,
    sinceAcknowledgedMs: null,
    endedHolders: 0,
    progress: {},
  };
  await sweepHalt(fakeContext(broker, new FakeExecutionStore()), new Books(), halt, () => broker.cancelAllCalls);
  expect(broker.cancelAllCalls).toBe(1);
});
