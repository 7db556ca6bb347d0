import { beforeEach, expect, test } from 'vitest';
import { bookUpdate } from '@/server/application/booking/book-update';
import type { TradeEvent, TradeUpdate } from '@/server/application/ports/broker';
import { SupersededError } from '@/server/application/ports/lease';
import {
  brokerOrder,
  claimedOrder,
  FakeBroker,
  FakeExecutionStore,
  fakeContext,
  noAnswer,
  orderState,
} from '@/server/application/testing/fakes';
import { parseUnits } from '@/server/kernel/money';
import { Executor } from './executor';

const ID = '11111111-1111-4111-8111-111111111111';
let broker: FakeBroker;
let store: FakeExecutionStore;

beforeEach(() => {
  broker = new FakeBroker();
  store = new FakeExecutionStore();
});

async function pass(): Promise<void> {
  const executor = new Executor(fakeContext(broker, store), (error) => {
    throw error;
  });
  await executor.pass();
  await executor.idle();
}

const live = (changes = {}) =>
  orderState(ID, { claimed: true, status: 'ACCEPTED', pending: 'NONE', externalOrderId: `b-${ID}`, ...changes });

test('a pass claims and sends what waits, each once', async () => {
  store.add(claimedOrder(orderState('o1')));
  store.add(claimedOrder(orderState('o2')));
  await pass();
  expect([...broker.sent].sort()).toEqual(['o1', 'o2']);
  expect(store.state('o1').status).toBe('ACCEPTED');
});

test('an order cancelled before its claim is closed unsent', async () => {
  store.add(claimedOrder(orderState('o1', { cancelRequested: true })));
  await pass();
  expect(store.state('o1').status).toBe('CANCELLED');
  expect(broker.sent).toEqual([]);
});

test('a cancel that is due is sent by the name that the broker gave', async () => {
  store.add(claimedOrder(live({ cancelRequested: true, pending: 'CANCEL' })));
  await pass();
  expect(broker.cancelled).toEqual([`b-${ID}`]);
});

test.each([
  ['filled meanwhile', { status: 'FILLED', filledQty: parseUnits('10') }, 'FILLED'],
  ['cancelled meanwhile', { status: 'CANCELLED' }, 'CANCELLED'],
  ['works on', {}, 'ACCEPTED'],
] as const)('a cancel that comes too late is answered by what the broker says: %s', async (_name, theirs, status) => {
  store.add(claimedOrder(live({ cancelRequested: true, pending: 'CANCEL' })));
  broker.cancelOutcome = { kind: 'too_late', message: 'order is already in "filled" state' };
  broker.orders.set(ID, brokerOrder(ID, theirs));
  if (status === 'FILLED') {
    const at = {
      symbol: 'AAPL',
      side: 'BUY',
      price: parseUnits('100'),
      atMs: 5,
      activityId: 't::e1',
      cumQty: null,
    } as const;
    broker.activities = [{ kind: 'FILL', executionId: 'e1', externalOrderId: `b-${ID}`, qty: parseUnits('10'), ...at }];
  }
  await pass();
  expect(store.state(ID)).toMatchObject({ status, cancelRequested: false, pending: 'NONE' });
});

test.each([
  ['filled', { status: 'FILLED' }],
  ['expired, and traded to the full after that', { status: 'EXPIRED' }],
] as const)(
  'an order that filled before its cancel was sent is answered for, be it %s there',
  async (_name, theirs) => {
    const fill = { executionId: 'e1', qty: parseUnits('10'), price: parseUnits('100'), atMs: 5, busted: false };
    const booked = { ...fill, reportedQty: fill.qty, reportedPrice: fill.price, corrections: [] };
    const filled = { status: 'FILLED', cumQty: fill.qty, cumNotional: fill.qty * fill.price, fills: [booked] } as const;
    store.add(claimedOrder(live({ ...filled, cancelRequested: true, pending: 'CANCEL' })));
    store.cancelsDue = async () => [{ orderId: ID, externalOrderId: `b-${ID}` }];
    broker.cancelOutcome = { kind: 'too_late', message: 'order is closed' };
    broker.orders.set(ID, brokerOrder(ID, { ...theirs, filledQty: fill.qty }));
    await pass();
    expect(store.state(ID)).toMatchObject({ status: 'FILLED', cancelRequested: false, pending: 'NONE' });
  },
);

test('a cancel that the broker is carrying out stays outstanding', async () => {
  store.add(claimedOrder(live({ cancelRequested: true, pending: 'CANCEL' })));
  broker.cancelOutcome = { kind: 'too_late', message: 'order is already being cancelled' };
  broker.orders.set(ID, brokerOrder(ID, { cancelPending: true }));
  await pass();
  expect(store.state(ID)).toMatchObject({ status: 'ACCEPTED', cancelRequested: true });
});

const update = (event: TradeEvent, changes: Partial<TradeUpdate> = {}): TradeUpdate => ({
  event,
  order: brokerOrder(ID),
  fill: null,
  refExecutionId: null,
  atMs: 5,
  ...changes,
});
const tell = (news: TradeUpdate) => bookUpdate(fakeContext(broker, store), news);
const execution = (executionId: string | null) => ({
  executionId,
  qty: parseUnits('10'),
  price: parseUnits('100'),
  atMs: 5,
});

test('the stream can be the first to name an order', async () => {
  store.add(claimedOrder(orderState(ID, { claimed: true })));
  expect(await tell(update('ACCEPTED'))).toBe(true);
  expect(store.state(ID)).toMatchObject({ status: 'ACCEPTED', externalOrderId: `b-${ID}` });
});

test('an order of somebody else is not ours', async () => {
  expect(await tell(update('ACCEPTED'))).toBe(false);
});

test('a fill is booked, and a late acceptance changes nothing', async () => {
  store.add(claimedOrder(live()));
  await tell(update('FILL', { fill: execution('e1') }));
  await tell(update('ACCEPTED'));
  expect(store.state(ID).status).toBe('FILLED');
  expect(store.types(ID)).toEqual(['fill']);
});

test('a fill without a name is asked for by REST', async () => {
  store.add(claimedOrder(live()));
  const at = {
    symbol: 'AAPL',
    side: 'BUY',
    price: parseUnits('100'),
    atMs: 5,
    activityId: 't::e9',
    cumQty: null,
  } as const;
  broker.activities = [{ kind: 'FILL', executionId: 'e9', externalOrderId: `b-${ID}`, qty: parseUnits('10'), ...at }];
  const order = brokerOrder(ID, { status: 'FILLED', filledQty: parseUnits('10') });
  await tell(update('FILL', { order, fill: execution(null) }));
  expect(store.state(ID).fills.map(({ executionId }) => executionId)).toEqual(['e9']);
});

test('an end waits for executions that are not reported yet', async () => {
  store.add(claimedOrder(live()));
  const order = brokerOrder(ID, { status: 'CANCELLED', filledQty: parseUnits('3') });
  await tell(update('CANCELLED', { order }));
  expect(store.state(ID).status).toBe('ACCEPTED');
});

test.each([
  ['CANCELLED', {}, 'CANCELLED'],
  ['EXPIRED', {}, 'EXPIRED'],
  ['REJECTED', {}, 'REJECTED'],
  ['OTHER', {}, 'ACCEPTED'],
] as const)('after an update %s', async (event, changes, status) => {
  store.add(claimedOrder(live()));
  await tell(update(event, changes));
  expect(store.state(ID).status).toBe(status);
});

test('a bust takes its execution back', async () => {
  store.add(claimedOrder(live()));
  await tell(update('FILL', { fill: execution('e1') }));
  await tell(update('FILL_BUSTED', { refExecutionId: 'e1' }));
  expect(store.state(ID)).toMatchObject({ status: 'ACCEPTED', cumQty: 0n });
});

test.each([
  ['a rate limit', { kind: 'rate_limited', retryAfterMs: 500 }],
  ['no answer', { kind: 'uncertain', cause: 'no answer within 2000 ms' }],
] as const)('after %s a cancel stays outstanding and is asked again', async (_why, outcome) => {
  store.add(claimedOrder(live({ cancelRequested: true, pending: 'CANCEL' })));
  broker.cancelOutcome = outcome;
  await pass();
  await pass();
  expect(broker.cancelled).toHaveLength(2);
  expect(store.state(ID)).toMatchObject({ status: 'ACCEPTED', cancelRequested: true });
});

test('a refused cancel whose look-up fails decides nothing', async () => {
  store.add(claimedOrder(live({ cancelRequested: true, pending: 'CANCEL' })));
  broker.cancelOutcome = { kind: 'not_found' };
  broker.failing = noAnswer();
  await pass();
  expect(store.state(ID)).toMatchObject({ status: 'ACCEPTED', cancelRequested: true });
});

test('a lost lease is reported at once; a defect leaves the order to be looked up', async () => {
  const reported: unknown[] = [];
  const executor = new Executor(fakeContext(broker, store), (error) => reported.push(error));
  store.add(claimedOrder(orderState('o1')));
  store.facts = { leaseHeld: false };
  await executor.pass();
  await executor.idle();
  expect(reported).toEqual([expect.any(SupersededError)]);
  store.facts = {};
  broker.lookUps.push(new Error('a defect'));
  await executor.pass();
  await executor.idle();
  expect(reported).toHaveLength(1);
  expect(store.state('o1')).toMatchObject({ status: 'NEW', flags: ['SUBMIT_UNCERTAIN'] });
  broker.orders.set('o1', brokerOrder('o1'));
  await executor.pass();
  await executor.idle();
  expect(store.state('o1').status).toBe('ACCEPTED');
});

test('a correction without the execution it is about is asked for by REST; one with it is booked', async () => {
  store.add(claimedOrder(live()));
  await tell(update('FILL', { fill: execution('e1') }));
  await tell(update('FILL_CORRECTED', { fill: { ...execution('c0'), qty: parseUnits('9') } }));
  expect(store.state(ID).cumQty).toBe(parseUnits('10'));
  await tell(update('FILL_CORRECTED', { fill: { ...execution('c1'), qty: parseUnits('9') }, refExecutionId: 'e1' }));
  expect(store.state(ID)).toMatchObject({ status: 'PARTIALLY_FILLED', cumQty: parseUnits('9') });
});
