import { describe, expect, test, vi } from 'vitest';
import { closeDue, dayWindow } from '@/server/application/exits/close-due';
import type { CalendarDay } from '@/server/application/ports/broker';
import { FakeBroker, FakeExecutionStore, fakeContext, nonTrade } from '@/server/application/testing/fakes';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { takeTieOut } from './take-tie-out';
import { compareSides, type OurTiedSide, type TiedFill, type TiedSide } from './tie-out-report';

const fill = (executionId: string, qty: string, price = '100', externalOrderId = 'b1'): TiedFill => ({
  executionId,
  externalOrderId,
  symbol: 'AAPL',
  qty: parseUnits(qty),
  price: parseUnits(price),
});
const side = (changes: Partial<TiedSide> = {}): TiedSide => ({
  cash: 0n,
  fees: 0n,
  positions: new Map(),
  openOrders: [],
  fills: [],
  ...changes,
});
const ours = (changes: Partial<OurTiedSide> = {}): OurTiedSide => ({
  ...side(),
  busted: new Set(),
  breaks: [],
  fillsSinceTieOut: 0,
  ...changes,
});
const order = (externalOrderId: string, filled = '0') => ({
  externalOrderId,
  symbol: 'AAPL',
  qty: parseUnits('10'),
  filledQty: parseUnits(filled),
});
const counted = (a: Partial<OurTiedSide>, b: Partial<TiedSide>, tolerance = '0') =>
  compareSides(ours(a), side(b), parseMoney(tolerance)).differences;

describe('the report', () => {
  test.each<[string, Partial<OurTiedSide>, Partial<TiedSide>, number]>([
    ['nothing', {}, {}, 0],
    ['cash', { cash: 1n }, {}, 1],
    ['fees', { fees: 1n }, {}, 1],
    [
      'a holding that one side does not name',
      { positions: new Map([['A', 1n]]) },
      { positions: new Map([['B', 1n]]) },
      2,
    ],
    ['an order that one side lacks', { openOrders: [order('b1')] }, {}, 1],
    ['an order filled further', { openOrders: [order('b1', '3')] }, { openOrders: [order('b1', '4')] }, 1],
    ['the same orders', { openOrders: [order('b1', '3')] }, { openOrders: [order('b1', '3')] }, 0],
    ['a fill that we lack', {}, { fills: [fill('e1', '5')] }, 1],
    ['a fill at another price', { fills: [fill('e1', '5')] }, { fills: [fill('e1', '5', '101')] }, 1],
    [
      'an inferred fill that sums up to theirs',
      { fills: [fill('inferred:1', '5')] },
      { fills: [fill('e1', '2'), fill('e2', '3')] },
      0,
    ],
    ['a busted fill that their statement shows', { busted: new Set(['e1']) }, { fills: [fill('e1', '5')] }, 0],
    [
      'an open break',
      { breaks: [{ id: 'k', symbol: 'A', cause: 'EXTERNAL_ORDER', openedAt: '2026-01-05T00:00:00Z' }] },
      {},
      1,
    ],
  ])('%s', (_, our, their, differences) => {
    expect(counted(our, their)).toBe(differences);
  });

  test('P-16: cash within the tolerance agrees, and both are shown', () => {
    expect(counted({ cash: parseMoney('0.01') }, {}, '0.01')).toBe(0);
    expect(counted({ cash: parseMoney('-0.010001') }, {}, '0.01')).toBe(1);
    expect(counted({ cash: parseMoney('-0.03'), fillsSinceTieOut: 2 }, {}, '0.01')).toBe(0);
    expect(counted({ cash: parseMoney('-0.030001'), fillsSinceTieOut: 2 }, {}, '0.01')).toBe(1);
    const report = compareSides(ours({ cash: parseMoney('0.004') }), side(), parseMoney('0.01'));
    expect(report).toMatchObject({ cash: { difference: '0.004' }, cash_tolerance: '0.01' });
  });
});

describe('taking it', () => {
  const day = dayWindow('2026-01-05');
  const books = { bookNonTrades: async () => [] };
  const take = (broker: FakeBroker, ourSide: () => Promise<OurTiedSide>) =>
    takeTieOut(fakeContext(broker, new FakeExecutionStore()), { books, tieOuts: { ourSide }, cashRounding: 0n }, day);

  test('ends with the first look at which both agree', async () => {
    const broker = new FakeBroker();
    const looks = [ours({ cash: 5n }), ours()];
    const result = await take(broker, async () => looks.shift() ?? ours());
    expect(result).toMatchObject({ settled: true, looks: 2, report: { differences: 0 } });
  });

  test('believes a difference that stays the same', async () => {
    expect(await take(new FakeBroker(), async () => ours({ cash: 5n }))).toMatchObject({
      settled: true,
      looks: 2,
      report: { differences: 1 },
    });
  });

  test('gives up on an account that never stands still', async () => {
    let cash = 0n;
    expect(await take(new FakeBroker(), async () => ours({ cash: ++cash }))).toEqual({ settled: false, looks: 6 });
  });

  test('reads again what belongs to two moments at the broker', async () => {
    const broker = new FakeBroker();
    const amounts = [1n, 2n];
    broker.account = vi.fn(async () => ({ ...broker.accountAnswer, cash: amounts.shift() ?? 7n }));
    expect(await take(broker, async () => ours({ cash: 7n }))).toMatchObject({
      settled: true,
      looks: 2,
      report: { differences: 0 },
    });
  });

  test('counts the fees of the day alone, and not what was taken back', async () => {
    const broker = new FakeBroker();
    const fee = (id: string, atMs: number, status: 'EXECUTED' | 'CANCELLED' = 'EXECUTED') =>
      nonTrade({ activityId: id, amount: parseMoney('-1'), atMs, status });
    broker.activities = [
      fee('a', day.fromMs),
      fee('b', day.untilMs),
      fee('c', day.fromMs - 1),
      fee('d', day.fromMs, 'CANCELLED'),
    ];
    expect(await take(broker, async () => ours({ fees: parseMoney('1') }))).toMatchObject({
      report: { differences: 0 },
    });
  });
});

describe('the close that is due', () => {
  const session = (date: string, close = '16:00'): CalendarDay => ({ date, open: '09:30', close });
  const calendar = [session('2026-11-25'), session('2026-11-27', '13:00'), session('2026-11-30')];
  const at = (iso: string) => Date.parse(iso);
  test.each<[string, string, string | null, string | null]>([
    ['a minute after a half day', '2026-11-27T18:01:00Z', '2026-11-25', '2026-11-27'],
    ['at its close', '2026-11-27T18:00:30Z', '2026-11-25', null],
    ['when it is done', '2026-11-27T22:00:00Z', '2026-11-27', null],
    ['after a weekend away', '2026-11-30T15:00:00Z', '2026-11-25', '2026-11-27'],
    ['the first ever', '2026-11-30T21:05:00Z', null, '2026-11-30'],
  ])('%s', (_, now, lastClose, due) => {
    expect(closeDue(calendar, at(now), at('2026-11-20T15:00:00Z'), lastClose)).toBe(due);
  });

  test('is none before the account was opened', () => {
    expect(closeDue(calendar, at('2026-11-27T22:00:00Z'), at('2026-11-27T19:00:00Z'), null)).toBeNull();
  });

  test('comes at midnight where the market never closes', () => {
    const days = ['2026-07-18', '2026-07-19'].map((date) => ({ date, open: '00:00', close: '23:59' }));
    const opened = at('2026-07-18T12:00:00Z');
    expect(closeDue(days, at('2026-07-19T03:59:59Z'), opened, null)).toBeNull();
    expect(closeDue(days, at('2026-07-19T04:00:00Z'), opened, null)).toBe('2026-07-18');
  });

  test('covers 23 and 25 hours on the days on which clocks change', () => {
    const hours = (date: string) => (dayWindow(date).untilMs - dayWindow(date).fromMs) / 3_600_000;
    expect(['2026-03-08', '2026-03-09', '2026-11-01'].map(hours)).toEqual([23, 24, 25]);
  });
});
