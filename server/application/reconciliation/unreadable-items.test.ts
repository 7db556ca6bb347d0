import { beforeEach, expect, test } from 'vitest';
import type { UnreadableItem } from '@/server/application/ports/broker';
import type { BreakChanges, OpenBreak } from '@/server/application/ports/reconciliation-store';
import { FakeBroker, FakeExecutionStore, fakeContext } from '@/server/application/testing/fakes';
import { keepUnreadableItems } from './unreadable-items';

class Books {
  open: OpenBreak[] = [];
  accepted = new Set<string>();
  writes = 0;
  openBreaks = async () => this.open;
  acceptedUnreadable = async () => this.accepted;
  async saveBreaks(_fence: unknown, { open, resolve }: BreakChanges) {
    this.writes += 1;
    const gone = new Set([...resolve.map(({ id }) => id), ...open.map(({ symbol }) => symbol)]);
    const kept = this.open.filter(({ id }) => !gone.has(id));
    this.open = [...kept, ...open.map((each) => ({ id: each.symbol, ...each }))];
  }
}

let books: Books;
beforeEach(() => {
  books = new Books();
});

const keep = (...items: UnreadableItem[]) =>
  keepUnreadableItems(fakeContext(new FakeBroker(), new FakeExecutionStore()), books, items);
const openItems = () => books.open.map(({ symbol, theirs }) => ({ symbol, theirs }));

const order: UnreadableItem = { kind: 'ORDER', id: 'b1', symbol: null, why: 'a multi-leg order' };
const option: UnreadableItem = { kind: 'POSITION', id: 'AAPL240119C', symbol: 'AAPL240119C', why: 'an option' };
const activity: UnreadableItem = { kind: 'ACTIVITY', id: 'a1', symbol: null, why: 'no side' };

test('R-2: each item is named, by symbol, in a break that is written once', async () => {
  await keep(order, activity, option);
  await keep(order, activity, option);
  expect(openItems()).toEqual([
    { symbol: '$BROKER', theirs: { 'ORDER b1': 'a multi-leg order', 'ACTIVITY a1': 'no side' } },
    { symbol: 'AAPL240119C', theirs: { 'POSITION AAPL240119C': 'an option' } },
  ]);
  expect(books.writes).toBe(1);
});

test('a break ends once its orders and positions are gone', async () => {
  await keep(order, option);
  await keep(option);
  expect(openItems()).toMatchObject([{ symbol: 'AAPL240119C' }]);
  await keep();
  expect(openItems()).toEqual([]);
});

test('an activity is listed once: its break stays until a person resolves it', async () => {
  await keep(order, activity);
  await keep();
  expect(openItems()).toEqual([{ symbol: '$BROKER', theirs: { 'ACTIVITY a1': 'no side' } }]);
});

test('what a person has accepted is not opened again', async () => {
  books.accepted.add('$BROKER ACTIVITY a1 no side');
  await keep(activity);
  expect(books.writes).toBe(0);
  await keep(activity, order);
  expect(openItems()).toEqual([{ symbol: '$BROKER', theirs: { 'ORDER b1': 'a multi-leg order' } }]);
});

test('a round without any such item and without any such break asks and writes nothing more', async () => {
  await keep();
  expect(books.writes).toBe(0);
});
