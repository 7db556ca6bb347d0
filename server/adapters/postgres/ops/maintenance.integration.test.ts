import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { factsOf } from '@/test-support/placements';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';
import { createMaintenance } from './maintenance';

let fixture: TradingFixture;

beforeAll(async () => {
  fixture = await createTradingFixture();
});
beforeEach(() => fixture.refresh());
afterAll(() => fixture.close());

/** Evaluations of a kind that nothing refers to, with two hits each. @returns how many there are in all */
async function seedEvaluations(count: number, age: string): Promise<void> {
  await fixture.pool.query(
    `WITH made AS (
       INSERT INTO policy_evaluations (id, signal_id, kind, decision, approved_size_pct, policy_version, stage, input, input_hash, reasons, code_version, expires_at, created_at)
       SELECT gen_random_uuid(), gen_random_uuid(), 'ADVISORY', 'REJECT', 0, 1, 'M0_LOCAL', '{}', '', '[]', 'test', now(), now() - $2::interval
       FROM generate_series(1, $1) RETURNING id)
     INSERT INTO policy_rule_hits (evaluation_id, code, tier, observed, threshold, message)
     SELECT id, c, 'REJECT', '', '', '' FROM made, unnest(ARRAY['A', 'B']) c`,
    [count, age],
  );
}

const count = async (table: string, where = 'true') =>
  (await fixture.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table} WHERE ${where}`)).rows[0]?.n;
const makeOld = (where: string) =>
  fixture.pool.query(`UPDATE policy_evaluations SET created_at = now() - interval '400 days' WHERE ${where}`);

/** As the maintenance role does: again while there is more. @returns calls and what they deleted of evaluations */
async function retain(): Promise<{ calls: number; evaluations: number }> {
  const maintenance = createMaintenance(fixture.pool);
  let [calls, evaluations] = [0, 0];
  for (let more = true; more; calls++) {
    const step = await maintenance.applyRetention();
    more = step.more;
    evaluations += step.deleted['policy_evaluations'] ?? 0;
    expect(step.deleted['policy_evaluations'] ?? 0).toBeLessThanOrEqual(20_000);
  }
  return { calls, evaluations };
}

test('evaluations older than 180 days go with their hits, except those behind an order or its approval', async () => {
  await seedEvaluations(30, '181 days');
  await seedEvaluations(7, '179 days');
  // One behind an order, one behind an approval that waits, one behind an approval that was rejected.
  const placed = await fixture.commands.placeOrder(ACTOR, 'k1', orderFor(await fixture.signal()));
  expect(placed.kind).toBe('PLACED');
  const held = async (key: string) => {
    const answer = await fixture.commands.placeOrder(ACTOR, key, orderFor(await fixture.signal({ confidence: 0.5 })));
    expect(answer.kind).toBe('REVIEW');
    return factsOf(answer).approvalId;
  };
  await held('k2');
  const rejected = await held('k3');
  expect(await fixture.commands.reject(ACTOR, rejected, 'no')).toMatchObject({ ok: true });
  await makeOld(`kind <> 'ADVISORY'`);
  const evaluationOf = async (sql: string, values: unknown[] = []) =>
    (await fixture.pool.query<{ id: string }>(sql, values)).rows.map(({ id }) => id);
  const kept = [
    ...(await evaluationOf('SELECT evaluation_id AS id FROM orders')),
    ...(await evaluationOf(`SELECT evaluation_id AS id FROM approvals WHERE status = 'PENDING'`)),
  ];
  const gone = await evaluationOf('SELECT evaluation_id AS id FROM approvals WHERE id = $1', [rejected]);
  expect((await retain()).evaluations).toBe(31);
  const left = await evaluationOf('SELECT id FROM policy_evaluations');
  expect(kept).toHaveLength(2);
  for (const id of kept) expect(left).toContain(id);
  for (const id of gone) expect(left).not.toContain(id);
  expect(left).toHaveLength(9);
  expect(
    await count('policy_rule_hits', `NOT EXISTS (SELECT 1 FROM policy_evaluations e WHERE e.id = evaluation_id)`),
  ).toBe(0);
  expect(await count('policy_rule_hits', `code IN ('A', 'B')`)).toBe(14);
});

test('an approval that became an order keeps the evaluation that opened it', async () => {
  const answer = await fixture.commands.placeOrder(
    ACTOR,
    randomUUID(),
    orderFor(await fixture.signal({ confidence: 0.5 })),
  );
  const { approvalId } = factsOf(answer);
  const { rows } = await fixture.pool.query<{ shown_hash: string; evaluation_id: string }>(
    'SELECT shown_hash, evaluation_id FROM approvals WHERE id = $1',
    [approvalId],
  );
  expect(await fixture.commands.approve(ACTOR, approvalId, rows[0]?.shown_hash ?? '')).toMatchObject({
    ok: true,
  });
  await makeOld('true');
  await retain();
  expect(await count('policy_evaluations', `id = '${rows[0]?.evaluation_id ?? ''}'`)).toBe(1);
});

test('a great many go in bounded steps, until none is left', async () => {
  await seedEvaluations(45_000, '200 days');
  const { calls, evaluations } = await retain();
  expect(calls).toBe(3);
  expect(evaluations).toBeGreaterThanOrEqual(45_000);
  expect(await count('policy_evaluations', `kind = 'ADVISORY'`)).toBe(0);
  expect(await count('policy_rule_hits', `code IN ('A', 'B')`)).toBe(0);
});

test('news go after 30 days unless a memo cites them; memos after 180 days unless they were traded on', async () => {
  const remember = async (age: string, cites: readonly string[], from: string | null = null, confidence = 0.9) => {
    const signalId = await fixture.signal({ confidence });
    const memo = JSON.stringify({ cited_news_ids: cites });
    await fixture.pool.query(
      `INSERT INTO memos (signal_id, status, recommendation, memo, provider, model, decided_at, created_at, cached_from)
       VALUES ($1, 'OK', 'ALLOW', $2, 'rules', 'rules-1', now(), now() - $3::interval, $4)`,
      [signalId, memo, age, from],
    );
    return signalId;
  };
  await fixture.pool.query(
    `INSERT INTO news (source, id, symbols, headline, published_at, received_at)
     SELECT 'Wire', id, '{AAPL}', id, now(), now() - age::interval
       FROM (VALUES ('old', '31 days'), ('young', '29 days'), ('cited', '31 days'), ('forgotten', '31 days')) AS n(id, age)`,
  );
  const recent = await remember('1 day', ['cited']);
  const traded = await remember('181 days', []);
  expect((await fixture.commands.placeOrder(ACTOR, 'k4', orderFor(traded))).kind).toBe('PLACED');
  await remember('181 days', ['forgotten']);
  // Memos that were used again: for an order, for an approval that waits, and for nothing.
  const sources = [await remember('182 days', []), await remember('182 days', []), await remember('182 days', [])];
  const [forOrder = '', forApproval = '', forNothing = ''] = sources;
  const ordered = await remember('181 days', [], forOrder);
  expect((await fixture.commands.placeOrder(ACTOR, 'k5', orderFor(ordered))).kind).toBe('PLACED');
  const waiting = await remember('181 days', [], forApproval, 0.5);
  expect((await fixture.commands.placeOrder(ACTOR, 'k6', orderFor(waiting))).kind).toBe('REVIEW');
  await remember('181 days', [], forNothing);
  await retain();
  const { rows: news } = await fixture.pool.query('SELECT id FROM news ORDER BY id');
  expect(news).toEqual([{ id: 'cited' }, { id: 'young' }]);
  const { rows: memos } = await fixture.pool.query('SELECT signal_id FROM memos');
  expect(memos.map(({ signal_id }) => signal_id).sort()).toEqual(
    [recent, traded, forOrder, ordered, forApproval, waiting].sort(),
  );
});
