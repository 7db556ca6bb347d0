import { beforeEach, describe, expect, it } from 'vitest';
import type { ExecutionStore } from '@/server/application/ports/execution-store';
import {
  claimedOrder,
  FakeBroker,
  FakeExecutionStore,
  fakeContext,
  orderState,
} from '@/server/application/testing/fakes';
import { Executor } from './executor';

/** As many as are sent at once. */
const SLOTS = 16;
const PASSES = 60;
const FREE = 'free';

/** Orders of other symbols than the free one wait for something, as long as the test lasts. */
class WaitingStore extends FakeExecutionStore {
  override withSendLock<T>(
    fence: unknown,
    orderId: string,
    work: Parameters<ExecutionStore['withSendLock']>[2],
  ): Promise<T> {
    this.facts = orderId === FREE ? {} : { clockAgeMs: null };
    return super.withSendLock(fence, orderId, work);
  }
}

let broker: FakeBroker;
let store: WaitingStore;

beforeEach(() => {
  broker = new FakeBroker();
  store = new WaitingStore();
});

/** Passes, while sleepers sleep for a moment of real time. */
async function passes(): Promise<void> {
  const context = fakeContext(broker, store);
  const clock = { ...context.clock, sleep: () => new Promise<void>((wake) => setTimeout(wake, 1)) };
  const executor = new Executor({ ...context, clock }, (error) => {
    throw error;
  });
  for (let n = 0; n < PASSES && !broker.sent.includes(FREE); n += 1) {
    await executor.pass();
    await clock.sleep();
  }
  context.stop();
}

const waiting = (claimed: boolean) =>
  Array.from({ length: SLOTS }, (_, n) => claimedOrder(orderState(`waiting ${n}`, { claimed })));

describe('O-14: an order that nothing holds back, behind sixteen', () => {
  it('that wait is sent (A4)', async () => {
    for (const order of [...waiting(false), claimedOrder(orderState(FREE))]) store.add(order);
    await passes();
    expect(broker.sent).toEqual([FREE]);
  });

  it('whose look-ups are not answered is sent (A4)', async () => {
    for (const order of [...waiting(true), claimedOrder(orderState(FREE))]) store.add(order);
    broker.orderByClientId = () => new Promise(() => undefined);
    await passes();
    expect(broker.sent).toEqual([FREE]);
  });
});
