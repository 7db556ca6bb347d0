import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAuditLog } from '@/server/adapters/postgres/access/audit-chain';
import { createPool } from '@/server/adapters/postgres/pool';
import { verifyAuditLog } from '@/server/application/audit/verify-audit-log';
import { PolicyCache } from '@/server/application/policy/policy-cache';
import { DEFAULT_POLICY_BODY } from '@/server/domain/policy';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { ensureDefaults, loadPolicyBody, publishNewThresholds } from './policy-versions';

/** The defaults of a later version of the code, which has two thresholds more. */
const LATER = { ...DEFAULT_POLICY_BODY, max_example_pct: 0.1, example_required: null };

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { name: 'test', max: 4 });
  await ensureDefaults(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await pool.query(`ALTER TABLE policy_versions DISABLE TRIGGER USER;
    DELETE FROM policy_versions WHERE version > 1; UPDATE settings SET active_policy_version = 1;
    ALTER TABLE policy_versions ENABLE TRIGGER USER`);
});

async function state() {
  const { rows } = await pool.query<{ active: number; version: string; stored: number[] }>(
    `SELECT active_policy_version AS active, version::text, (SELECT array_agg(version ORDER BY version) FROM policy_versions) AS stored FROM settings`,
  );
  return rows[0];
}

test('an upgrade without new thresholds publishes nothing', async () => {
  expect(await publishNewThresholds(pool)).toBeNull();
  expect(await state()).toMatchObject({ active: 1, stored: [1] });
});

test('new thresholds become the next version with their defaults; the version before keeps its body', async () => {
  const before = await state();
  expect(await publishNewThresholds(pool, LATER)).toEqual({
    version: 2,
    added: ['max_example_pct', 'example_required'],
  });
  expect(await state()).toEqual({ active: 2, version: String(Number(before?.version) + 1), stored: [1, 2] });
  expect(await loadPolicyBody(pool, 1)).toEqual(DEFAULT_POLICY_BODY);
  expect(await loadPolicyBody(pool, 2)).toEqual(LATER);
  // A threshold that a version states as null was switched off: it is not new.
  expect(await publishNewThresholds(pool, LATER)).toBeNull();
});

test('what people changed in the active version stays', async () => {
  const changed = { ...DEFAULT_POLICY_BODY, min_confidence: 0.9 };
  await pool.query(`INSERT INTO policy_versions (version, body, created_by) VALUES (5, $1, 'someone')`, [changed]);
  await pool.query('UPDATE settings SET active_policy_version = 5');
  expect(await publishNewThresholds(pool, LATER)).toMatchObject({ version: 6 });
  expect(await loadPolicyBody(pool, 6)).toEqual({ ...LATER, min_confidence: 0.9 });
});

test('of several processes that start together one publishes', async () => {
  const results = await Promise.all([1, 2, 3, 4].map(() => publishNewThresholds(pool, LATER)));
  expect(results.filter((result) => result !== null)).toHaveLength(1);
  expect(await state()).toMatchObject({ active: 2, stored: [1, 2] });
});

test('it is audited with what was added', async () => {
  await publishNewThresholds(pool, LATER);
  const { rows } = await pool.query(
    'SELECT actor, action, target, before, after FROM audit_log ORDER BY id DESC LIMIT 1',
  );
  expect(rows[0]).toEqual({
    actor: 'system',
    action: 'policy.publish',
    target: 'policy:2',
    before: { version: 1 },
    after: { version: 2, added: { max_example_pct: 0.1, example_required: null } },
  });
  expect(await verifyAuditLog(createAuditLog(pool), null)).toMatchObject({ broken: null });
});

test('a stored version that is not a policy is refused', async () => {
  const { min_confidence: _, ...lacking } = DEFAULT_POLICY_BODY;
  await pool.query(`INSERT INTO policy_versions (version, body, created_by) VALUES (3, $1, 'someone')`, [lacking]);
  const cache = new PolicyCache((version) => loadPolicyBody(pool, version));
  await expect(cache.get(3)).rejects.toThrow(/min_confidence/);
  await expect(cache.get(1)).resolves.toMatchObject({ version: 1 });
});
