import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack, TESTER } from '../testing/stack';

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start();
  await stack.worker();
  await stack.reconciled();
});
afterAll(() => stack.stop());

const control = (body: object) => stack.sim<{ activities: string[] }>('POST', '/sim/v1/control', body);

async function rows<T extends object>(sql: string, values: unknown[] = []): Promise<T[]> {
  return (await stack.pool.query<T>(sql, values)).rows;
}

interface TieOut {
  readonly status: string;
  readonly kind: string;
  readonly trading_day: string;
  readonly report: { differences: number; cash: { difference: string }; breaks: unknown[] };
}

async function tieOut(): Promise<TieOut> {
  const asked = await stack.commands.requestTieOut(TESTER);
  if (!asked.ok) throw new Error(asked.message);
  const found = () =>
    rows<TieOut>(`SELECT status, kind, trading_day, report FROM tie_outs WHERE id = $1 AND status <> 'WAITING'`, [
      asked.tieOutId,
    ]);
  await stack.until('the tie-out', async () => (await found()).length === 1);
  const [done] = await found();
  if (done === undefined) throw new Error('no tie-out');
  return done;
}

const position = async (symbol: string) =>
  (
    await rows(`SELECT trim_scale(qty)::text AS qty, trim_scale(cost)::text AS cost FROM positions WHERE symbol = $1`, [
      symbol,
    ])
  )[0];
const booked = async (ids: readonly string[]) =>
  (
    await rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM ledger_entries WHERE split_part(ref, ':', 2) || '::' || split_part(ref, '::', 2) = ANY ($1) AND ref !~ 'taken-back|corrected'`,
      [ids],
    )
  )[0]?.n;
const openBreaks = () => rows<{ id: string; cause: string }>('SELECT id, cause FROM breaks WHERE resolved_at IS NULL');

test('dividends, deposits, transfers and splits at the broker reach the books, and the tie-out is clean', {
  timeout: 180_000,
}, async () => {
  const { orderId } = await stack.place({ symbol: 'AAPL', qty: '2' });
  await stack.until('the fill', async () => (await stack.status(orderId)) === 'FILLED');
  const first = await control({
    activities: [
      { type: 'DIV', sub_type: 'CDIV', symbol: 'AAPL', qty: '2', net_amount: '0.48' },
      { type: 'CSD', net_amount: '1500' },
      { type: 'ACATS', symbol: 'MSFT', qty: '10', price: '200' },
      { type: 'XYZ', net_amount: '-3' },
    ],
  });
  const split = await control({
    activities: [
      { type: 'SPLIT', symbol: 'MSFT', qty: '-10', group_id: 'g1' },
      { type: 'SPLIT', symbol: 'MSFT', qty: '40', group_id: 'g1' },
    ],
  });
  await stack.until('the activities', async () => (await booked([...first.activities, ...split.activities])) === 6);
  expect(await position('MSFT')).toEqual({ qty: '40', cost: '2000' });
  const done = await tieOut();
  expect(done).toMatchObject({
    status: 'CLEAN',
    kind: 'REQUESTED',
    report: { differences: 0, cash: { difference: '0' } },
  });
  expect(await openBreaks()).toEqual([]);
});

test('cash that nothing explains is a break and an alert, until a person takes over the broker', {
  timeout: 180_000,
}, async () => {
  await stack.pool.query(
    `WITH e AS (INSERT INTO ledger_entries (ref, kind, at) VALUES ('test:1', 'ADJUSTMENT', now()) RETURNING id)
     INSERT INTO ledger_postings (entry_id, account, amount) SELECT id, a, n FROM e, (VALUES ('CASH', 5), ('ADJUSTMENTS', -5)) v(a, n)`,
  );
  await stack.until('the break', async () => (await openBreaks()).length === 1);
  const different = await tieOut();
  expect(different).toMatchObject({ status: 'DIFFERENT', report: { cash: { difference: '5' } } });
  expect(await rows(`SELECT kind FROM alerts WHERE kind = 'TIE_OUT' AND resolved_at IS NULL`)).toHaveLength(1);
  const [open] = await openBreaks();
  expect(await stack.commands.resolveBreak(TESTER, open?.id ?? '', 'mine')).toMatchObject({
    ok: false,
    code: 'CONFLICT',
  });
  expect(await stack.commands.resolveBreak(TESTER, open?.id ?? '', 'mine', { accept: true })).toMatchObject({
    ok: true,
  });
  await stack.reconciled();
  expect(await openBreaks()).toEqual([]);
  expect(await tieOut()).toMatchObject({ status: 'CLEAN' });
  expect(await rows(`SELECT kind FROM alerts WHERE kind = 'TIE_OUT' AND resolved_at IS NULL`)).toEqual([]);
});

test('the day ends at midnight in New York: it is tied out once, and its figures start again', {
  timeout: 180_000,
}, async () => {
  const [before] = await rows<{ day: string }>('SELECT trading_day AS day FROM accounts');
  await control({ advance_ms: 24 * 3_600_000 });
  const closed = () => rows<TieOut>(`SELECT status, trading_day FROM tie_outs WHERE kind = 'CLOSE'`);
  await stack.until('the close', async () => (await closed()).length === 1);
  expect(await closed()).toEqual([{ status: 'CLEAN', trading_day: before?.day }]);
  // The round that ties out may have read the account before midnight: the new day's figures come with the next round.
  let after: { day: string; last: string } | undefined;
  await stack.until('the account of the new day', async () => {
    [after] = await rows<{ day: string; last: string }>(
      `SELECT trading_day AS day, trim_scale(last_equity)::text AS last FROM accounts`,
    );
    return (after?.day ?? '') > (before?.day ?? '');
  });
  const { last_equity } = await stack.sim<{ last_equity: string }>('GET', '/v2/account');
  expect(Number(after?.last)).toBeCloseTo(Number(last_equity));
  await stack.reconciled();
  expect(await closed()).toHaveLength(1);
});
