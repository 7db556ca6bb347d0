import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import { createExecutionStore } from '@/server/adapters/postgres/orders/execution-store';
import { createPool } from '@/server/adapters/postgres/pool';
import type { NonTradeActivity } from '@/server/application/ports/broker';
import { type Fence, SupersededError } from '@/server/application/ports/lease';
import type { ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { nonTrade } from '@/server/application/testing/fakes';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { createReconciliationStore } from './reconciliation-store';

let database: TestDatabase;
let pool: Pool;
let books: ReconciliationStore;
let fence: Fence;
let symbol = '';
let symbols = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { name: 'test', max: 8 });
  books = createReconciliationStore(pool);
  const taken = await createLeaseStore(pool).acquire('reconciliation', 'test', 600_000);
  if (taken === null) throw new Error('no lease');
  fence = taken;
  await pool.query(
    `UPDATE accounts SET last_equity = 1000, close_equity = 1000, close_at = '2026-01-02T21:00:00Z', trading_day = '2026-01-05', reconciled_at = now()`,
  );
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(() => {
  symbol = `B${++symbols}`;
});

const activity = (changes: Partial<NonTradeActivity>) =>
  nonTrade({ activityId: `t::${randomUUID()}`, atMs: Date.UTC(2026, 0, 5, 15), ...changes });
const book = (...activities: NonTradeActivity[]) => books.bookNonTrades(fence, activities);
const shares = (qty: string, changes: Partial<NonTradeActivity> = {}) =>
  activity({ type: 'SPLIT', category: 'SPLIT', symbol, shares: parseUnits(qty), ...changes });
const transferIn = (qty: string, price: string) =>
  activity({ type: 'ACATS', category: 'TRANSFER', symbol, shares: parseUnits(qty), price: parseUnits(price) });

async function one<T extends object>(sql: string, values: unknown[] = []): Promise<T> {
  const { rows } = await pool.query<T>(sql, values);
  const row = rows[0];
  if (row === undefined) throw new Error(`no row: ${sql}`);
  return row;
}
const position = (of = symbol) =>
  one(
    `SELECT trim_scale(qty)::text AS qty, trim_scale(cost)::text AS cost, trim_scale(realised_pnl)::text AS realised FROM positions WHERE symbol = $1`,
    [of],
  );
const account = async (name: string) =>
  (
    await one<{ sum: string }>(
      `SELECT trim_scale(coalesce(sum(amount), 0))::text AS sum FROM ledger_postings WHERE account = $1`,
      [name],
    )
  ).sum;
const imbalance = async () =>
  (await one<{ sum: string }>('SELECT trim_scale(coalesce(sum(amount), 0))::text AS sum FROM ledger_postings')).sum;
const day = () =>
  one<{ fees: string; open: string }>(
    `SELECT trim_scale(fees)::text AS fees, trim_scale(open_equity)::text AS open FROM pnl_history WHERE trading_day = '2026-01-05'`,
  );

describe('activities', () => {
  test('each goes once to its account, in double entry', async () => {
    const all = [
      activity({ type: 'DIV', category: 'DIVIDEND', symbol, amount: parseMoney('1.02') }),
      activity({ type: 'DIVNRA', category: 'DIVIDEND', symbol, amount: parseMoney('-0.3') }),
      activity({ type: 'INT', category: 'INTEREST', amount: parseMoney('-0.5') }),
      activity({ type: 'FEE', category: 'FEE', amount: parseMoney('-0.02') }),
      activity({ type: 'CSD', category: 'TRANSFER', amount: parseMoney('500') }),
      activity({ type: 'JNLC', category: 'TRANSFER', amount: parseMoney('-100') }),
    ];
    expect((await book(...all)).map(({ kind }) => kind)).toEqual([
      'DIVIDEND',
      'DIVIDEND',
      'INTEREST',
      'FEE',
      'TRANSFER',
      'TRANSFER',
    ]);
    expect(await book(...all)).toEqual([]);
    expect(await account('CASH')).toBe('400.2');
    expect(await account('INCOME')).toBe('-0.22');
    expect(await account('CAPITAL')).toBe('-400');
    expect(await account('FEES')).toBe('0.02');
    expect(await imbalance()).toBe('0');
  });

  test('a deposit is no profit: the day is measured from where it leaves the account', async () => {
    expect(await day()).toEqual({ fees: '0.02', open: '1400' });
    expect(await one(`SELECT trim_scale(last_equity)::text AS equity FROM accounts`)).toEqual({ equity: '1400' });
  });

  test.each([
    ['taken out before the last close', '-300', Date.UTC(2026, 0, 2, 15), 0],
    ['taken out on the day of that close, dated by its day alone', '-300', Date.UTC(2026, 0, 2), 0],
    ['taken out between that close and the day', '-300', Date.UTC(2026, 0, 4), -300],
    ['taken out on the day, dated by its day alone', '-300', Date.UTC(2026, 0, 5), -300],
    ['taken out within the day', '-300', Date.UTC(2026, 0, 5, 15), -300],
    ['brought in before the last close', '300', Date.UTC(2026, 0, 2, 15), 0],
    ['brought in on the day of that close, dated by its day alone', '300', Date.UTC(2026, 0, 2), 300],
    ['brought in between that close and the day', '300', Date.UTC(2026, 0, 3, 22), 300],
  ])(
    'A2: money %s moves the start of the day if it is not in the equity of the close',
    async (_, amount, atMs, moved) => {
      const before = await one<{ equity: string }>('SELECT last_equity::text AS equity FROM accounts');
      await book(activity({ type: 'JNLC', category: 'TRANSFER', amount: parseMoney(amount), atMs }));
      const after = await one<{ equity: string }>('SELECT last_equity::text AS equity FROM accounts');
      expect(Number(after.equity) - Number(before.equity)).toBe(moved);
    },
  );

  test('shares come at their price, split without a profit and leave at their cost', async () => {
    await book(transferIn('10', '20'));
    expect(await position()).toEqual({ qty: '10', cost: '200', realised: '0' });
    await book(shares('-10', { groupId: symbol }), shares('40', { groupId: symbol }));
    expect(await position()).toEqual({ qty: '40', cost: '200', realised: '0' });
    await book(activity({ type: 'JNLS', category: 'TRANSFER', symbol, shares: parseUnits('-10') }));
    expect(await position()).toEqual({ qty: '30', cost: '150', realised: '0' });
    expect(await imbalance()).toBe('0');
  });

  test('a reverse split stated as a difference keeps the cost', async () => {
    await book(transferIn('100', '1'));
    await book(shares('-90'));
    expect(await position()).toEqual({ qty: '10', cost: '100', realised: '0' });
  });

  test('shares that change their name take their cost along', async () => {
    const other = `${symbol}N`;
    await book(transferIn('10', '20'));
    await book(
      shares('5', { type: 'NC', category: 'SPLIT', symbol: other, groupId: symbol }),
      shares('-10', { type: 'NC', category: 'SPLIT', groupId: symbol }),
    );
    expect(await position()).toEqual({ qty: '0', cost: '0', realised: '0' });
    expect(await position(other)).toEqual({ qty: '5', cost: '200', realised: '0' });
  });

  test('a type that nobody has taught us is an adjustment, and named', async () => {
    const booked = await book(
      activity({ type: 'XYZ', category: 'ADJUSTMENT', symbol, amount: parseMoney('3'), shares: parseUnits('1') }),
    );
    expect(booked).toMatchObject([{ kind: 'ADJUSTMENT', note: expect.stringContaining('XYZ') }]);
    expect(await position()).toEqual({ qty: '1', cost: '0', realised: '0' });
  });

  test('what the broker takes back or corrects is reversed, once', async () => {
    const before = await account('CASH');
    const div = activity({ type: 'DIV', category: 'DIVIDEND', symbol, amount: parseMoney('5') });
    await book(div);
    const corrected = { ...div, amount: parseMoney('4'), status: 'CORRECTED' as const };
    await book(corrected);
    await book(corrected);
    expect(Number(await account('CASH')) - Number(before)).toBeCloseTo(4);
    await book({ ...div, status: 'CANCELLED' });
    await book({ ...div, status: 'CANCELLED' });
    expect(await account('CASH')).toBe(before);
    const wrong = activity({ type: 'CSD', category: 'TRANSFER', amount: parseMoney('7') });
    await book(
      wrong,
      activity({
        type: 'CSD',
        category: 'TRANSFER',
        amount: parseMoney('7'),
        status: 'CANCELLED',
        previousId: wrong.activityId,
      }),
    );
    expect(await account('CASH')).toBe(before);
    await book(activity({ type: 'DIV', category: 'DIVIDEND', symbol, amount: parseMoney('9'), status: 'CANCELLED' }));
    expect(await account('CASH')).toBe(before);
  });

  test('a bust after a split folds what happened in its order', async () => {
    const store = createExecutionStore(pool, pool);
    const execution = await createLeaseStore(pool).acquire('execution', symbol, 600_000);
    if (execution === null) throw new Error('no lease');
    const trade = async (side: string, qty: string, price: string) => {
      const id = randomUUID();
      await pool.query(
        `INSERT INTO orders (id, kind, symbol, side, qty, order_type, time_in_force, reference_price, created_at, updated_at)
         VALUES ($1, 'FLATTEN', $2, $3, $4, 'MARKET', 'DAY', 100, now(), now())`,
        [id, symbol, side, qty],
      );
      await store.claim(execution, 'test', 100);
      const fill = {
        kind: 'fill',
        executionId: `e-${id}`,
        qty: parseUnits(qty),
        price: parseUnits(price),
        atMs: 1,
      } as const;
      await store.book(
        execution,
        { orderId: id },
        { source: 'STREAM', externalOrderId: `b-${id}`, brokerAtMs: 1, inputs: [{ input: fill }] },
      );
      return id;
    };
    await trade('BUY', '10', '100');
    await trade('SELL', '5', '120');
    await book(shares('5'));
    const last = await trade('BUY', '10', '60');
    expect(await position()).toEqual({ qty: '20', cost: '1100', realised: '100' });
    const bust = { kind: 'bust', refExecutionId: `e-${last}` } as const;
    await store.book(
      execution,
      { orderId: last },
      { source: 'STREAM', externalOrderId: `b-${last}`, brokerAtMs: 2, inputs: [{ input: bust }] },
    );
    expect(await position()).toEqual({ qty: '10', cost: '500', realised: '100' });
    expect(await imbalance()).toBe('0');
  });

  test('a superseded holder books nothing', async () => {
    await expect(books.bookNonTrades({ ...fence, token: '0' }, [activity({ amount: 1n })])).rejects.toThrow(
      SupersededError,
    );
  });
});
