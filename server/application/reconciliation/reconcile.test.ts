import { beforeEach, describe, expect, test } from 'vitest';
import { BrokerError } from '@/server/application/ports/broker';
import type {
  BreakChanges,
  BreakNews,
  DayState,
  InitialBalances,
  OpenBreak,
  PortfolioRow,
  ReconciliationStore,
} from '@/server/application/ports/reconciliation-store';
import {
  claimedOrder,
  FakeBroker,
  FakeExecutionStore,
  fakeContext,
  nonTrade,
  orderState,
} from '@/server/application/testing/fakes';
import { compilePolicy, DEFAULT_POLICY_BODY } from '@/server/domain/policy';
import type { CauseChange } from '@/server/domain/policy/loss-limits';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { reconcile } from './reconcile';

class FakeBooks implements ReconciliationStore {
  accountId: string | null = 'a1';
  signature: string | null = null;
  breakWrites = 0;
  tookBack = false;
  held = new Map<string, { qty: bigint; updatedAtMs: number }>();
  cash = 0n;
  breaks: (OpenBreak & { resolved: boolean })[] = [];
  saved: PortfolioRow[] = [];
  opened: string[] = [];
  cashBooked: string[] = [];

  account = async () => ({
    brokerAccountId: this.accountId,
    openedBy: 'system',
    activityCursorMs: this.accountId === null ? null : 0,
    openedAtMs: this.accountId === null ? null : 0,
    tradingDay: null,
  });
  proposeInitialBalances = async () => ({ id: 'p1', signedBy: this.signature });
  async bookInitialBalances({ account, signedBy }: InitialBalances) {
    this.accountId = account.accountId;
    this.opened.push(signedBy);
  }
  async bookNonTrades(_fence: unknown, activities: readonly { activityId: string }[]) {
    this.cashBooked.push(...activities.map(({ activityId }) => activityId));
    return [];
  }
  positions = async () => this.held;
  ledgerCash = async () => this.cash;
  fillsSinceTieOut = async () => 0;
  acceptedUnreadable = async () => new Set<string>();
  openBreaks = async () => this.breaks.filter(({ resolved }) => !resolved);
  async openBreak(_fence: unknown, news: BreakNews) {
    this.breaks.push({ id: `k${this.breaks.length}`, ...news, resolved: false });
    return true;
  }
  overfillsTakenBack = async () =>
    this.breaks.filter(({ cause }) => cause === 'OVERFILL' && this.tookBack).map(({ id }) => id);
  async saveBreaks(fence: unknown, { open, resolve }: BreakChanges) {
    this.breakWrites += 1;
    for (const news of open) await this.openBreak(fence, news);
    for (const { id } of resolve) await this.resolveBreak(fence, id);
  }
  async resolveBreak(_fence: unknown, id: string) {
    this.breaks = this.breaks.map((each) => (each.id === id ? { ...each, resolved: true } : each));
  }
  async savePortfolio(_fence: unknown, row: PortfolioRow) {
    this.saved.push(row);
    return { ...this.day, baseline: this.day.baseline ?? row.account.equity };
  }
  day: Omit<DayState, 'baseline'> & { baseline: bigint | null } = {
    stage: 'M0_LOCAL',
    policy: compilePolicy(DEFAULT_POLICY_BODY, 1),
    baseline: null,
    causes: [],
    cancelsOpening: false,
  };
  causeChanges: CauseChange[] = [];
  openingCancels = 0;
  async changeCauses(_fence: unknown, changes: readonly CauseChange[]) {
    this.causeChanges.push(...changes);
  }
  async cancelOpening() {
    this.openingCancels += 1;
    return [{ orderId: 'o1', symbol: 'AAPL' }];
  }
  async cancelLate() {}
  failRound = async () => 1;
  halt = async () => null;
  haltOrders = async () => [];
  async cancelAllSent() {}
  async cancelsRefused() {}
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

const options = { initialBalancesSignedBy: 'system (simulator)', overlapMs: 1_000, settleMs: 5_000 };
const round = (changes = {}) => reconcile(fakeContext(broker, store), books, { ...options, ...changes });
const openCauses = () =>
  books.breaks.filter(({ resolved }) => !resolved).map(({ cause, symbol }) => `${cause} ${symbol}`);
const working = (changes = {}) =>
  claimedOrder(
    orderState('o1', { claimed: true, status: 'ACCEPTED', pending: 'NONE', externalOrderId: 'b-o1' }),
    changes,
  );
test('a good round saves the portfolio and the cursor of the newest activity', async () => {
  const clock = await broker.clock();
  broker.clock = async () => ({ ...clock, marketTimeMs: 1_000 });
  broker.activities = [nonTrade({ activityId: 't::f1', type: 'FEE', category: 'FEE', amount: -1n, atMs: 700 })];
  await round();
  expect(books.saved).toHaveLength(1);
  expect(books.saved[0]).toMatchObject({ activityCursorMs: 700, tradingDay: '1969-12-31' });
  expect(books.cashBooked).toEqual(['t::f1']);
});

test('an activity that is dated ahead does not move the cursor past what may still trade', async () => {
  const { marketTimeMs } = await broker.clock();
  broker.activities = [
    nonTrade({ activityId: 't::d1', type: 'DIV', category: 'DIVIDEND', amount: 1n, atMs: marketTimeMs + 86_400_000 }),
  ];
  await round();
  expect(books.saved[0]?.activityCursorMs).toBe(marketTimeMs);
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
  await expect(round({ initialBalancesSignedBy: null })).rejects.toThrow('a person must sign');
});

test('another account at the broker stops everything', async () => {
  books.accountId = 'someone else';
  await expect(round()).rejects.toThrow('the books are of account someone else');
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

  test.each([
    ['0.01', 0, []],
    ['0.010001', 0, ['CASH_MISMATCH $CASH']],
    ['-0.04', 3, []],
    ['-0.040001', 3, ['CASH_MISMATCH $CASH']],
    ['5', 100_000, []],
    ['5.000001', 100_000, ['CASH_MISMATCH $CASH']],
  ])('P-16: cash that differs by %s after %i fills since the last tie-out: %j', async (cash, fills, causes) => {
    books.cash = parseMoney(cash);
    books.fillsSinceTieOut = async () => fills;
    await round({ cashRounding: parseMoney('0.01') });
    expect(openCauses()).toEqual(causes);
  });

  test('P-16: a break in cash states the tolerance', async () => {
    books.cash = parseMoney('1');
    books.fillsSinceTieOut = async () => 2;
    await round({ cashRounding: parseMoney('0.01') });
    expect(books.breaks[0]?.theirs).toEqual({ cash: '0', difference: '-1', tolerance: '0.03' });
  });

  test('a break is written when its figures change, and only then', async () => {
    books.held.set('AAPL', { qty: parseUnits('1'), updatedAtMs: 0 });
    books.cash = parseMoney('5');
    await round();
    // Both sides trade elsewhere: cash differs by the same amount as before.
    books.cash = parseMoney('105');
    broker.accountAnswer = { ...broker.accountAnswer, cash: parseMoney('100') };
    await round();
    expect(books.breakWrites).toBe(1);
    broker.positionsAnswer = [{ symbol: 'AAPL', qty: parseUnits('3'), marketPrice: null, cost: parseMoney('30') }];
    await round();
    expect(books.breakWrites).toBe(2);
    expect(books.breaks.at(-1)).toMatchObject({ ours: { qty: '1' }, theirs: { qty: '3', cost: '30' } });
  });

  test('breaks whose figures move from look to look stay open: nothing agreed', async () => {
    books.held.set('AAPL', { qty: parseUnits('1'), updatedAtMs: 0 });
    books.cash = parseMoney('5');
    await round();
    const open = ['POSITION_MISMATCH AAPL', 'CASH_MISMATCH $CASH'];
    expect(openCauses()).toEqual(open);
    // Somebody trades there all the time: every look shows another difference.
    let looks = 1;
    broker.positions = async () => {
      looks += 1;
      const qty = parseUnits(`${looks}`);
      return [{ symbol: 'AAPL', qty, marketPrice: null, cost: qty }];
    };
    books.ledgerCash = async () => parseMoney(`${looks * 10}`);
    await round();
    expect(openCauses()).toEqual(open);
  });

  test('an overfill that the broker took back closes its break', async () => {
    books.breaks.push({
      id: 'o',
      symbol: 'AAPL',
      orderId: 'o9',
      cause: 'OVERFILL',
      ours: {},
      theirs: {},
      resolved: false,
    });
    await round();
    expect(openCauses()).toEqual(['OVERFILL AAPL']);
    books.tookBack = true;
    await round();
    expect(openCauses()).toEqual([]);
  });
});

test('A1: a loss at the limit opens its cause and cancels what opens risk', async () => {
  const account = broker.account;
  broker.account = async () => ({ ...(await account()), equity: parseMoney('96000') });
  books.cash = (await account()).cash;
  books.day = { ...books.day, baseline: parseMoney('100000') };
  await round();
  expect(books.causeChanges).toMatchObject([{ kind: 'open', cause: 'DRAWDOWN', state: 'REDUCING' }]);
  expect(books.openingCancels).toBe(1);
});

test('P-13: cash that moved without an explanation is a break and no loss', async () => {
  const account = broker.account;
  const { cash } = await account();
  const gone = parseMoney('40000');
  broker.account = async () => ({ ...(await account()), cash: cash - gone, equity: parseMoney('60000') });
  books.cash = cash;
  books.day = { ...books.day, baseline: parseMoney('100000') };
  await round();
  expect(openCauses()).toEqual(['CASH_MISMATCH $CASH']);
  expect(books.causeChanges).toEqual([]);
});

test('P-16: a good round cancels what opens risk while trading is not active', async () => {
  await round();
  expect(books.openingCancels).toBe(0);
  books.day = { ...books.day, cancelsOpening: true };
  await round();
  expect(books.openingCancels).toBe(1);
});
