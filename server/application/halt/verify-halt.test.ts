import { expect, test } from 'vitest';
import type { HaltCounts, HaltOrder } from '@/server/application/ports/reconciliation-store';
import { brokerOrder, FakeBroker, FakeExecutionStore, fakeContext, noAnswer } from '@/server/application/testing/fakes';
import { type HaltBooks, SENDS_OVER_MS, verifyHalt } from './verify-halt';

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
}

/** One look; what the last one told is handed on, as the database does. */
async function look({ broker = new FakeBroker(), books = new Books(), counts, since = 0, endedHolders = 0 }: Setup) {
  if (counts !== undefined) books.counts = counts;
  const context = fakeContext(broker, new FakeExecutionStore());
  const halt = {
    id: 'h1',
    acknowledged: since !== null,
    verified: false,
    sinceAcknowledgedMs: since,
    endedHolders,
    progress: books.progress,
  };
  const options = { openOrders: () => broker.openOrders(), requests: () => broker.cancelAllCalls };
  const verified = await verifyHalt(context, books, halt, options);
  return { verified, marked: books.verified, progress: books.progress, broker, books };
}

test('nothing works and every sender let go by itself: verified in the first look', async () => {
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

test('what we know to work is cancelled by one request before anything is asked', async () => {
  const broker = new FakeBroker();
  const books = new Books();
  books.orders = [ours('x'), ours('y')];
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

test('a refused cancel is told with the broker’s words, and cancelling everything again waits longer each time', async () => {
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
  // The context's clock stands still between looks: the second is too early to ask again.
  expect(await look(setup)).toMatchObject({ progress: { cancel_all: 1 } });
  books.progress['cancel_all_at'] = Number(books.progress['cancel_all_at']) - 500;
  expect(await look(setup)).toMatchObject({ progress: { cancel_all: 2 } });
  books.progress['cancel_all_at'] = Number(books.progress['cancel_all_at']) - 500;
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

test('beside a flatten the others are cancelled one by one, and the flatten does not stand in the way', async () => {
  const broker = new FakeBroker();
  const books = new Books();
  books.orders = [ours('flat', { kind: 'FLATTEN' }), ours('x')];
  broker.orders.set('flat', brokerOrder('flat'));
  broker.orders.set('x', brokerOrder('x'));
  broker.cancelOutcome = { kind: 'uncertain', cause: 'no answer within 2000 ms' };
  expect(await look({ broker, books })).toMatchObject({ progress: { lastError: 'no answer within 2000 ms' } });
  expect([broker.cancelled, broker.cancelAllCalls]).toEqual([['b-x'], 0]);
  broker.orders.delete('x');
  books.orders = [ours('flat', { kind: 'FLATTEN' })];
  expect(await look({ broker, books })).toMatchObject({ verified: true });
});
