import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import { createPool } from '@/server/adapters/postgres/pool';
import type { NonTradeActivity } from '@/server/application/ports/broker';
import { type Fence, SupersededError } from '@/server/application/ports/lease';
import type { ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import type { FinishedTieOut } from '@/server/application/ports/tie-out-store';
import { createBooksCommands } from '@/server/application/reconciliation/books-commands';
import { nonTrade } from '@/server/application/testing/fakes';
import type { Actor } from '@/server/kernel/actor';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { createBooksStore } from './books-store';
import { createReconciliationStore } from './reconciliation-store';
import { createTieOutStore } from './tie-out-store';

const PERSON: Actor = { kind: 'user', principalId: randomUUID(), name: 'maria@example.com', correlationId: 'c1' };

let database: TestDatabase;
let pool: Pool;
let books: ReconciliationStore;
let fence: Fence;
let symbol = '';
let symbols = 0;
const commands = () => createBooksCommands(createBooksStore(pool));

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { name: 'test', max: 8 });
  books = createReconciliationStore(pool);
  const taken = await createLeaseStore(pool).acquire('reconciliation', 'test', 600_000);
  if (taken === null) throw new Error('no lease');
  fence = taken;
  await pool.query(`UPDATE accounts SET last_equity = 1000, trading_day = '2026-01-05', reconciled_at = now()`);
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
describe('breaks', () => {
  const mismatch = (ours: string, theirs: string, cost = '0') =>
    ({
      symbol,
      orderId: null,
      cause: 'POSITION_MISMATCH',
      ours: { qty: ours },
      theirs: { qty: theirs, cost },
    }) as const;
  const open = async () =>
    (await one<{ id: string }>('SELECT id FROM breaks WHERE symbol = $1 AND resolved_at IS NULL', [symbol])).id;
  const history = async () =>
    (
      await pool.query<{ kind: string }>(
        'SELECT e.kind FROM break_events e JOIN breaks b ON b.id = e.break_id WHERE b.symbol = $1 ORDER BY e.id',
        [symbol],
      )
    ).rows.map(({ kind }) => kind);

  test('an open one follows its figures, and its history is kept', async () => {
    expect(await books.openBreak(fence, mismatch('1', '2'))).toBe(true);
    expect(await books.openBreak(fence, mismatch('1', '2'))).toBe(false);
    await books.saveBreaks(fence, { open: [mismatch('1', '3')], resolve: [] });
    const [found] = (await books.openBreaks()).filter((each) => each.symbol === symbol);
    expect(found).toMatchObject({ ours: { qty: '1' }, theirs: { qty: '3' } });
    await books.saveBreaks(fence, { open: [], resolve: [{ id: found?.id ?? '', reason: 'both sides agree again' }] });
    expect(await history()).toEqual(['OPENED', 'CHANGED', 'RESOLVED']);
    const { rows } = await pool.query('SELECT topic FROM outbox WHERE subject = $1 ORDER BY seq', [symbol]);
    expect(rows.map(({ topic }) => topic)).toEqual(['break.opened', 'break.changed', 'break.resolved']);
  });

  test('are neither opened nor closed by a superseded holder', async () => {
    const superseded = { ...fence, token: '0' };
    await expect(books.openBreak(superseded, mismatch('1', '2'))).rejects.toThrow(SupersededError);
    await books.openBreak(fence, mismatch('1', '2'));
    const resolve = [{ id: await open(), reason: 'both sides agree again' }];
    await expect(books.saveBreaks(superseded, { open: [], resolve })).rejects.toThrow(SupersededError);
    await expect(books.resolveBreak(superseded, await open(), 'agreed')).rejects.toThrow(SupersededError);
    expect(await history()).toEqual(['OPENED']);
  });

  test('a position that differs is resolved only by taking over the broker, audited', async () => {
    await book(transferIn('10', '20'));
    await books.openBreak(fence, mismatch('10', '12', '246'));
    const id = await open();
    expect(await commands().resolveBreak(PERSON, id, 'mine')).toMatchObject({
      ok: false,
      code: 'CONFLICT',
      message: expect.stringContaining('accept'),
    });
    expect(await commands().resolveBreak(PERSON, id, 'shares were granted', { accept: true })).toEqual({
      ok: true,
      status: 'RESOLVED',
    });
    expect(await position()).toEqual({ qty: '12', cost: '246', realised: '0' });
    expect(await imbalance()).toBe('0');
    expect(await one(`SELECT actor FROM audit_log WHERE target = $1`, [`break:${id}`])).toEqual({ actor: PERSON.name });
    expect(await commands().resolveBreak(PERSON, id, 'again', { accept: true })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a holding that we do not know is taken over with its cost', async () => {
    await books.openBreak(fence, mismatch('0', '3', '30'));
    expect(await commands().resolveBreak(PERSON, await open(), 'bought elsewhere', { accept: true })).toMatchObject({
      ok: true,
    });
    expect(await position()).toEqual({ qty: '3', cost: '30', realised: '0' });
  });

  test('figures that moved, or were read long ago, are not taken over', async () => {
    await book(transferIn('10', '20'));
    await books.openBreak(fence, mismatch('9', '12'));
    expect(await commands().resolveBreak(PERSON, await open(), 'x', { accept: true })).toMatchObject({
      code: 'CONFLICT',
    });
    await books.openBreak(fence, mismatch('10', '12'));
    await pool.query(`UPDATE accounts SET reconciled_at = now() - interval '2 minutes'`);
    expect(await commands().resolveBreak(PERSON, await open(), 'x', { accept: true })).toMatchObject({
      code: 'UNAVAILABLE',
    });
    await pool.query(`UPDATE accounts SET reconciled_at = now()`);
  });

  test('figures that are not those shown are not taken over', async () => {
    await book(transferIn('10', '20'));
    await books.openBreak(fence, mismatch('10', '11', '220'));
    const id = await open();
    const shown = { ours: { qty: '10' }, theirs: { qty: '11', cost: '220' } };
    // A round brings the open break up to date between the look and the click.
    await books.openBreak(fence, mismatch('10', '1100', '22000'));
    expect(await commands().resolveBreak(PERSON, id, 'granted', { accept: true, shown })).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('moved since they were shown'),
    });
    expect(await position()).toMatchObject({ qty: '10' });
    const now = { ours: { qty: '10' }, theirs: { qty: '1100', cost: '22000' } };
    expect(await commands().resolveBreak(PERSON, id, 'granted', { accept: true, shown: now })).toMatchObject({
      ok: true,
    });
    expect(await position()).toEqual({ qty: '1100', cost: '22000', realised: '0' });
  });

  test('cash is taken over by its difference', async () => {
    const cash = Number(await account('CASH'));
    await pool.query('UPDATE accounts SET cash = $1', [cash + 2.5]);
    await books.openBreak(fence, {
      symbol,
      orderId: null,
      cause: 'CASH_MISMATCH',
      ours: { cash: '1' },
      theirs: { cash: '3.5', difference: '2.5' },
    });
    const id = await open();
    expect(await commands().resolveBreak(PERSON, id, 'x')).toMatchObject({ code: 'CONFLICT' });
    expect(await commands().resolveBreak(PERSON, id, 'a refund', { accept: true })).toMatchObject({ ok: true });
    expect(Number(await account('CASH')) - cash).toBeCloseTo(2.5);
  });

  test('any other cause takes a reason and has nothing to take over', async () => {
    await books.openBreak(fence, { symbol, orderId: null, cause: 'EXTERNAL_ORDER', ours: {}, theirs: {} });
    const id = await open();
    expect(await commands().resolveBreak(PERSON, id, '  ')).toMatchObject({ code: 'INVALID' });
    expect(await commands().resolveBreak(PERSON, id, 'x', { accept: true })).toMatchObject({ code: 'INVALID' });
    expect(await commands().resolveBreak(PERSON, id, 'placed by phone')).toMatchObject({ ok: true });
  });
});

describe('opening balances', () => {
  const balances = (cash: string) => ({
    account: {
      accountId: 'acc',
      cash: parseMoney(cash),
      equity: parseMoney(cash),
      buyingPower: 0n,
      lastEquity: parseMoney(cash),
      tradingBlocked: false,
      blockedBy: [],
    },
    positions: [{ symbol: `${symbol}O`, qty: parseUnits('2'), marketPrice: null, cost: parseMoney('10') }],
    environment: 'PAPER' as const,
  });
  const alerts = async () =>
    (await pool.query(`SELECT subject FROM alerts WHERE kind = 'OPENING' AND resolved_at IS NULL`)).rows.length;

  test('wait for a person, are proposed again when they change, and are booked once', async () => {
    const first = await books.proposeInitialBalances(balances('100'));
    expect(await books.proposeInitialBalances(balances('100'))).toEqual(first);
    expect(await alerts()).toBe(1);
    const second = await books.proposeInitialBalances(balances('101'));
    expect(second.id).not.toBe(first.id);
    const { hash } = await one<{ hash: string }>('SELECT shown_hash AS hash FROM account_openings WHERE id = $1', [
      second.id,
    ]);
    expect(await commands().signInitialBalances(PERSON, first.id, hash)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await commands().signInitialBalances(PERSON, second.id, 'f'.repeat(64))).toMatchObject({
      code: 'SHOWN_HASH_CHANGED',
    });
    expect(await commands().signInitialBalances(PERSON, second.id, hash)).toEqual({ ok: true, status: 'SIGNED' });
    expect(await commands().signInitialBalances(PERSON, second.id, hash)).toMatchObject({ code: 'ALREADY_DECIDED' });
    expect(await books.proposeInitialBalances(balances('101'))).toEqual({ id: second.id, signedBy: PERSON.name });
    const known = activity({ type: 'DIV', category: 'DIVIDEND', amount: parseMoney('5') });
    const opening = { ...balances('101'), signedBy: PERSON.name, atMs: 1_000, known: [known] };
    await books.bookInitialBalances(opening);
    await expect(books.bookInitialBalances(opening)).rejects.toThrow('opened meanwhile');
    expect(await alerts()).toBe(0);
    expect(await books.account()).toMatchObject({ brokerAccountId: 'acc', openedBy: PERSON.name, openedAtMs: 1_000 });
    expect(
      await one(`SELECT booked_at IS NOT NULL AS booked FROM account_openings WHERE id = $1`, [second.id]),
    ).toEqual({ booked: true });
    // What moved before the opening is in its balances.
    expect(await book(known)).toEqual([]);
    expect(await position(`${symbol}O`)).toMatchObject({ qty: '2', cost: '10' });
    expect(await imbalance()).toBe('0');
  });
});

describe('tie-outs', () => {
  const tieOuts = () => createTieOutStore(pool);
  const finished = (changes: Partial<FinishedTieOut>): FinishedTieOut => ({
    id: randomUUID(),
    tradingDay: '2026-01-05',
    kind: 'CLOSE',
    requestedBy: 'system',
    status: 'CLEAN',
    report: null,
    fault: null,
    ...changes,
  });
  const alerted = async () =>
    (await pool.query(`SELECT message FROM alerts WHERE kind = 'TIE_OUT' AND resolved_at IS NULL`)).rows.map(
      ({ message }) => message,
    );

  test('are requested one at a time, stored and announced', async () => {
    const asked = await commands().requestTieOut(PERSON);
    const again = await commands().requestTieOut(PERSON);
    expect(again).toEqual(asked);
    const { waiting } = await tieOuts().due();
    expect(waiting).toMatchObject([{ tradingDay: '2026-01-05', requestedBy: PERSON.name }]);
    const id = waiting[0]?.id ?? '';
    await tieOuts().finish(
      fence,
      finished({ id, kind: 'REQUESTED', status: 'FAILED', fault: 'the broker did not answer' }),
    );
    expect((await tieOuts().due()).waiting).toEqual([]);
    expect(await alerted()).toEqual([expect.stringContaining('the broker did not answer')]);
    await tieOuts().finish(fence, finished({}));
    expect(await alerted()).toEqual([]);
    expect((await tieOuts().due()).lastClose).toBe('2026-01-05');
    const { rows } = await pool.query(
      `SELECT data->>'status' AS status FROM outbox WHERE topic = 'tieout.finished' ORDER BY seq`,
    );
    expect(rows).toEqual([{ status: 'FAILED' }, { status: 'CLEAN' }]);
  });

  test('are not written by a superseded holder', async () => {
    await expect(tieOuts().finish({ ...fence, token: '0' }, finished({ tradingDay: '2026-01-06' }))).rejects.toThrow(
      SupersededError,
    );
  });

  test('read our side in one snapshot', async () => {
    const day = { fromMs: Date.UTC(2026, 0, 5, 5), untilMs: Date.UTC(2026, 0, 6, 5) };
    const before = await tieOuts().ourSide(day);
    await book(
      activity({ type: 'FEE', category: 'FEE', amount: parseMoney('-0.25') }),
      activity({ type: 'FEE', category: 'FEE', amount: parseMoney('-3'), atMs: day.untilMs }),
    );
    const after = await tieOuts().ourSide(day);
    expect(after.fees - before.fees).toBe(parseMoney('0.25'));
    expect(after.cash - before.cash).toBe(parseMoney('-3.25'));
    expect(await books.ledgerCash()).toBe(after.cash);
  });
});

test('P-16: the fills booked since the last clean tie-out are counted', async () => {
  const orderId = randomUUID();
  await pool.query(
    `INSERT INTO orders (id, kind, symbol, side, qty, order_type, time_in_force, reference_price, created_at, updated_at)
     VALUES ($1, 'FLATTEN', $2, 'BUY', 9, 'MARKET', 'DAY', 100, now(), now())`,
    [orderId, symbol],
  );
  const fill = (minutesAgo: number) =>
    pool.query(
      `INSERT INTO fills (order_id, execution_id, symbol, side, qty, price, at, source, booked_at)
       VALUES ($1, $2, $3, 'BUY', 1, 100, now(), 'STREAM', now() - $4 * interval '1 minute')`,
      [orderId, randomUUID(), symbol, minutesAgo],
    );
  const tieOut = (status: string, minutesAgo: number) =>
    pool.query(
      `INSERT INTO tie_outs (id, trading_day, kind, requested_by, status, created_at, finished_at)
       VALUES ($1, '2026-01-05', 'REQUESTED', 'test', $2, now(), now() - $3 * interval '1 minute')`,
      [randomUUID(), status, minutesAgo],
    );
  await pool.query('DELETE FROM tie_outs');
  const before = await books.fillsSinceTieOut();
  await fill(30);
  await fill(10);
  expect(await books.fillsSinceTieOut()).toBe(before + 2);
  await tieOut('CLEAN', 20);
  expect(await books.fillsSinceTieOut()).toBe(1);
  await tieOut('DIFFERENT', 5);
  expect(await books.fillsSinceTieOut()).toBe(1);
  await tieOut('CLEAN', 5);
  expect(await books.fillsSinceTieOut()).toBe(0);
});
