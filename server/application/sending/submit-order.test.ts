import { beforeEach, describe, expect, test } from 'vitest';
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
import { Slots } from '@/server/kernel/semaphore';
import { ABSENT_AFTER_MS, submitOrder } from './submit-order';

let broker: FakeBroker;
let store: FakeExecutionStore;

beforeEach(() => {
  broker = new FakeBroker();
  store = new FakeExecutionStore();
});

/** Carries order `o1`, claimed just now, to its answer. */
async function submit(neverSent = true) {
  const order = claimedOrder(orderState('o1', { claimed: true }));
  store.add(order);
  const context = fakeContext(broker, store);
  await submitOrder(context, order, { neverSent, slots: new Slots(1) });
  return { state: store.state('o1'), types: store.types('o1'), context };
}

test('an accepted order knows its name at the broker and is announced', async () => {
  const { state, types } = await submit();
  expect(state).toMatchObject({ status: 'ACCEPTED', pending: 'NONE', externalOrderId: 'b-o1' });
  expect(types).toEqual(['sent', 'accepted']);
  expect(store.topics).toEqual(['order.submitted', 'order.accepted']);
});

test("a refusal closes the order with the broker's words", async () => {
  broker.outcomes.push({ kind: 'refused', status: 403, code: '40310000', message: 'insufficient buying power' });
  const { state } = await submit();
  expect(state.status).toBe('REJECTED');
  expect(store.topics).toEqual(['order.submitted', 'order.rejected']);
});

test.each([
  ['halted', { tradingState: 'HALTED' as const }],
  ['reducing, and the order opens', { tradingState: 'REDUCING' as const }],
  ['a break is open', { breakOpen: true }],
  ['the market is closed', { marketOpen: false }],
  ['the decision has expired', { expired: true }],
])('an order whose re-check fails is closed unsent: %s', async (_why, facts) => {
  store.facts = facts;
  const { state } = await submit();
  expect(state.status).toBe('CANCELLED');
  expect(broker.sent).toEqual([]);
});

test('a re-check that asks to wait is repeated until it may go', async () => {
  store.nextFacts.push({ symbolUncertain: true }, { clockAgeMs: null }, { reconciledAgeMs: 60_000 });
  const { state } = await submit();
  expect(state.status).toBe('ACCEPTED');
  expect(broker.sent).toEqual(['o1']);
});

test('H1, O-13: an order that its decision does not bear is closed unsent, reported first', async () => {
  store.facts = { basis: null };
  const { state } = await submit();
  expect(state.status).toBe('CANCELLED');
  expect(broker.sent).toEqual([]);
  expect(store.unfounded.get('o1')).toBe('its decision is not stored');
});

test('an order that was found at the broker is never sent', async () => {
  store.facts = { kind: 'EXTERNAL', basis: null };
  await submit();
  expect(broker.sent).toEqual([]);
});

test('nothing is sent once another sender has the order', async () => {
  store.facts = { claimToken: '2' };
  await expect(submit()).rejects.toThrow(SupersededError);
  expect(broker.sent).toEqual([]);
});

test('an order that the stream answered for meanwhile is not sent again', async () => {
  store.facts = { orderStatus: 'ACCEPTED' };
  await submit();
  expect(broker.sent).toEqual([]);
});

test('a rate limit is waited out and the order sent again', async () => {
  broker.outcomes.push({ kind: 'rate_limited', retryAfterMs: 1_000 });
  const { state } = await submit();
  expect(broker.sent).toEqual(['o1', 'o1']);
  expect(state.status).toBe('ACCEPTED');
});

test('an order that was held back here waits and is sent when the broker answers again', async () => {
  broker.outcomes.push({ kind: 'not_sent', retryAfterMs: 60_000, cause: 'the broker does not answer' });
  const { state } = await submit();
  expect(broker.sent).toEqual(['o1', 'o1']);
  expect(state.status).toBe('ACCEPTED');
});

test('an order that is held back until its decision expires is closed unsent', async () => {
  broker.outcomes.push({ kind: 'not_sent', retryAfterMs: 1_000, cause: 'the broker refuses the keys' });
  store.nextFacts.push({}, { expired: true });
  const { state } = await submit();
  expect(broker.sent).toEqual(['o1']);
  expect(state.status).toBe('CANCELLED');
});

describe('when the answer to a send is unknown', () => {
  beforeEach(() => {
    broker.outcomes.push({ kind: 'uncertain', cause: 'no answer within 2000 ms' });
  });

  test('it is looked up until the broker answers, and attached when found', async () => {
    const found = brokerOrder('o1', { status: 'FILLED', filledQty: parseUnits('10') });
    const at = { symbol: 'AAPL', side: 'BUY', price: parseUnits('100'), atMs: 5, activityId: 't::e1' } as const;
    broker.activities = [
      {
        kind: 'FILL',
        executionId: 'e1',
        externalOrderId: 'b-o1',
        qty: parseUnits('10'),
        cumQty: parseUnits('10'),
        ...at,
      },
    ];
    broker.lookUps.push(noAnswer(), noAnswer(), null, found);
    const { state, types } = await submit();
    expect(broker.sent).toEqual(['o1']);
    expect(state).toMatchObject({ status: 'FILLED', externalOrderId: 'b-o1', flags: [] });
    expect(types).toEqual(['sent', 'submit_uncertain', 'looked_up', 'accepted', 'fill']);
    expect(store.topics).toContain('order.uncertain');
  });

  test('it is sent again under the same id only when the broker certainly lacks it', async () => {
    const { state, types, context } = await submit();
    expect(broker.sent).toEqual(['o1', 'o1']);
    expect(types.filter((type) => type === 'submit_absent')).toHaveLength(1);
    expect(state).toMatchObject({ status: 'ACCEPTED', flags: [] });
    expect(context.clock.nowMs() - context.leaseSinceMs).toBeGreaterThanOrEqual(ABSENT_AFTER_MS);
  });

  test('"client order id must be unique" on the second send means that it is there', async () => {
    broker.outcomes.push({ kind: 'duplicate' });
    broker.lookUps.push(...Array.from({ length: 20 }, () => null));
    const found = brokerOrder('o1');
    const submitting = submit();
    broker.orders.set('o1', found);
    const { state } = await submitting;
    expect(state).toMatchObject({ status: 'ACCEPTED', externalOrderId: 'b-o1' });
    expect(broker.sent).toEqual(['o1', 'o1']);
  });

  test('a cancel asked for meanwhile closes it once it is certainly absent', async () => {
    broker.outcomes.length = 0;
    const order = claimedOrder(orderState('o1', { claimed: true, cancelRequested: true }));
    store.add(order);
    await submitOrder(fakeContext(broker, store), order, { neverSent: false, slots: new Slots(1) });
    expect(store.state('o1').status).toBe('CANCELLED');
    expect(broker.sent).toEqual([]);
  });

  test('a halt that came meanwhile keeps it from being sent again', async () => {
    store.nextFacts.push({});
    store.facts = { tradingState: 'HALTED' };
    const { state } = await submit();
    expect(state.status).toBe('CANCELLED');
    expect(broker.sent).toEqual(['o1']);
  });
});

test('an order claimed by a sender that died is looked up before anything else', async () => {
  broker.lookUps.push(brokerOrder('o1'));
  const { state, types } = await submit(false);
  expect(broker.sent).toEqual([]);
  expect(state).toMatchObject({ status: 'ACCEPTED', externalOrderId: 'b-o1' });
  expect(types[0]).toBe('submit_uncertain');
});
