import { expect, test } from 'vitest';
import type { HaltCounts, ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { brokerOrder, FakeBroker, FakeExecutionStore, fakeContext, orderState, workOrder } from './testing/fakes';
import { SENDS_OVER_MS, verifyHalt } from './verify-halt';

const NONE: HaltCounts = { working: 0, uncertain: 0, cancelled: 0, filled: 0 };

/** One look; says whether it verified, what it cancelled and what it told of its progress. */
async function look(
  setup: { broker?: FakeBroker; store?: FakeExecutionStore; counts?: HaltCounts; since?: number | null } = {},
) {
  const { broker = new FakeBroker(), store = new FakeExecutionStore(), counts = NONE, since = SENDS_OVER_MS } = setup;
  const marked: string[] = [];
  let progress = {};
  const books: Pick<ReconciliationStore, 'haltCounts' | 'saveHaltProgress' | 'verifyHalt'> = {
    haltCounts: async () => counts,
    saveHaltProgress: async (_id, saved) => {
      progress = saved;
    },
    verifyHalt: async (id) => {
      marked.push(id);
    },
  };
  const halt = { id: 'h1', acknowledged: since !== null, verified: false, sinceAcknowledgedMs: since };
  const verified = await verifyHalt(fakeContext(broker, store), books, halt);
  return { verified, marked, progress, broker };
}

test('nothing works, all sends are over: verified', async () => {
  expect(await look()).toMatchObject({ verified: true, marked: ['h1'] });
});

test.each<[string, Parameters<typeof look>[0]]>([
  ['it is not acknowledged', { since: null }],
  ['a send may still be under way', { since: SENDS_OVER_MS - 1 }],
  ['an order of ours is live', { counts: { ...NONE, working: 1 } }],
  ['an order is in doubt', { counts: { ...NONE, uncertain: 1 } }],
])('not verified while %s', async (_why, setup) => {
  expect(await look(setup)).toMatchObject({ verified: false, marked: [] });
});

test('what works at the broker is cancelled all at once, and the look does not verify', async () => {
  const broker = new FakeBroker();
  broker.orders.set('x', brokerOrder('x'));
  expect(await look({ broker })).toMatchObject({ verified: false, progress: { at_broker: 1 } });
  expect(broker.cancelAllCalls).toBe(1);
});

test('beside a flatten the others are cancelled one by one, and the flatten does not stand in the way', async () => {
  const broker = new FakeBroker();
  const store = new FakeExecutionStore();
  store.add(workOrder(orderState('flat', { claimed: true, status: 'ACCEPTED', pending: 'NONE' }), { kind: 'FLATTEN' }));
  broker.orders.set('flat', brokerOrder('flat'));
  broker.orders.set('x', brokerOrder('x'));
  await look({ broker, store });
  expect(broker.cancelled).toEqual(['b-x']);
  broker.orders.delete('x');
  expect(await look({ broker, store })).toMatchObject({ verified: true });
});

test('a cancel whose answer is unknown is told of', async () => {
  const broker = new FakeBroker();
  const store = new FakeExecutionStore();
  store.add(workOrder(orderState('flat', { claimed: true, status: 'ACCEPTED', pending: 'NONE' }), { kind: 'FLATTEN' }));
  broker.orders.set('flat', brokerOrder('flat'));
  broker.orders.set('x', brokerOrder('x'));
  broker.cancelOutcome = { kind: 'uncertain', cause: 'no answer within 2000 ms' };
  expect(await look({ broker, store })).toMatchObject({
    verified: false,
    progress: { lastError: 'no answer within 2000 ms' },
  });
});
