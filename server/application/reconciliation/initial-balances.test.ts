import { beforeEach, expect, test } from 'vitest';
import type { InitialBalances, SeenBalances } from '@/server/application/ports/reconciliation-store';
import { FakeBroker, FakeExecutionStore, fakeContext, nonTrade } from '@/server/application/testing/fakes';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { bookInitialBalances } from './initial-balances';

class FakeOpenings {
  readonly seen: SeenBalances[] = [];
  readonly opened: InitialBalances[] = [];
  signedBy: string | null = null;
  proposeInitialBalances = async (seen: SeenBalances) => {
    this.seen.push(seen);
    return { id: 'o1', signedBy: this.signedBy };
  };
  bookInitialBalances = async (opening: InitialBalances) => {
    this.opened.push(opening);
  };
}

let broker: FakeBroker;
let openings: FakeOpenings;
const open = (signedBy: string | null) =>
  bookInitialBalances(fakeContext(broker, new FakeExecutionStore()), openings, signedBy);

beforeEach(() => {
  broker = new FakeBroker();
  openings = new FakeOpenings();
  broker.positionsAnswer = [{ symbol: 'A', qty: parseUnits('2'), marketPrice: null, cost: parseMoney('10') }];
});

test('the simulator opens without a person', async () => {
  await open('system (simulator)');
  expect(openings.seen).toEqual([]);
  expect(openings.opened).toMatchObject([{ signedBy: 'system (simulator)', environment: 'SIM', known: [] }]);
});

test('a real account proposes what it holds, and says what to do', async () => {
  await expect(open(null)).rejects.toThrow('countersign account sign o1');
  expect(openings.seen).toMatchObject([{ positions: broker.positionsAnswer }]);
  expect(openings.opened).toEqual([]);
});

test('signed for, it is opened by the signer with what the broker shows now', async () => {
  openings.signedBy = 'maria@example.com';
  const before = nonTrade({ activityId: 't::before', atMs: 0 });
  broker.activities = [before, nonTrade({ activityId: 't::after', atMs: 1 })];
  await open(null);
  expect(openings.opened).toMatchObject([{ signedBy: 'maria@example.com', known: [before] }]);
});

test('an account that trades while it is read is not opened', async () => {
  let cash = 0n;
  broker.account = async () => ({ ...broker.accountAnswer, cash: ++cash });
  await expect(open('system (simulator)')).rejects.toThrow('changed while');
  expect(openings.opened).toEqual([]);
});
