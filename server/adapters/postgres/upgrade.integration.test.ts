import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import pg, { type Pool } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { type Rejudged, rejudgeAll } from '@/e2e/system/support/rejudge';
import { prepareRoles } from '@/scripts/lib/database-roles';
import { migrate } from '@/scripts/lib/migrate';
import { createAuditLog } from '@/server/adapters/postgres/access/audit-chain';
import { ensureDefaults, loadPolicyBody, publishNewThresholds } from '@/server/adapters/postgres/ops/policy-versions';
import { createExecutionStore } from '@/server/adapters/postgres/orders/execution-store';
import { createPool } from '@/server/adapters/postgres/pool';
import { verifyAuditLog } from '@/server/application/audit/verify-audit-log';
import { PolicyCache } from '@/server/application/policy/policy-cache';
import { createCommands } from '@/server/composition/web';
import { DEFAULT_POLICY_BODY } from '@/server/domain/policy';
import { seedFeatures } from '@/test-support/seed-features';
import { ACTOR, orderFor, SYMBOLS } from '@/test-support/trading-fixture';

const reasonsSchema = z.array(z.looseObject({ message: z.string().min(1) }));

/** The last migration of the version that made `testing/previous-version.sql`. */
const LAST_MIGRATION = '20261123900000_bell';
const MIGRATIONS = path.resolve('prisma/migrations');
const PASSWORDS = { owner: 'owner-password', web: 'web-password', worker: 'worker-password' };

let superuserUrl: string;
let urls: Readonly<Record<'owner' | 'web' | 'worker', string>>;
let worker: Pool;

async function execute(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Prisma's own table, and what `migrate deploy` of that version would have run. */
function previousSchema(): string[] {
  const names = readdirSync(MIGRATIONS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name <= LAST_MIGRATION)
    .map((entry) => entry.name)
    .sort();
  const table = `CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
    migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(),
    applied_steps_count integer NOT NULL DEFAULT 0)`;
  return [
    table,
    ...names.flatMap((name) => {
      const sql = readFileSync(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return [
        sql,
        `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
         VALUES ('${randomUUID()}', '${checksum}', now(), '${name}', 1)`,
      ];
    }),
  ];
}

beforeAll(async () => {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(inject('testServerUrl'), [`CREATE DATABASE ${name}`]);
  const url = new URL(inject('testServerUrl'));
  url.pathname = `/${name}`;
  superuserUrl = url.href;
  const session = readFileSync(path.join(import.meta.dirname, 'testing/previous-version.sql'), 'utf8');
  await execute(superuserUrl, [...previousSchema(), session]);
  // From here on, what a start of this version does.
  urls = await prepareRoles(superuserUrl, PASSWORDS);
  expect(await migrate(urls.owner)).toBe(true);
  worker = createPool(urls.worker, { name: 'worker', max: 6 });
  await ensureDefaults(worker);
});
afterAll(async () => {
  await worker.end();
  await execute(inject('testServerUrl'), [
    `DROP DATABASE IF EXISTS ${new URL(superuserUrl).pathname.slice(1)} WITH (FORCE)`,
  ]);
});

test('orders, fills and positions are kept and can be read', async () => {
  const { rows } = await worker.query<{ id: string }>('SELECT id FROM orders ORDER BY created_at');
  expect(rows).toHaveLength(5);
  const store = createExecutionStore(worker, worker);
  for (const { id } of rows) {
    expect(await store.load({ orderId: id })).toMatchObject({
      kind: 'GATED',
      state: { symbol: 'NVDA', status: 'FILLED', timeInForce: 'DAY', fills: [expect.anything()] },
    });
  }
  expect((await worker.query('SELECT symbol, qty::text FROM positions')).rows).toEqual([
    { symbol: 'NVDA', qty: '8.000000000000' },
  ]);
});

async function policyBody(version: number): Promise<object> {
  const { rows } = await worker.query<{ body: object }>('SELECT body FROM policy_versions WHERE version = $1', [
    version,
  ]);
  return rows[0]?.body ?? {};
}

test('P-6: the policy loads, thresholds added since are published once, and old decisions are judged again to the same', async () => {
  const old = await policyBody(1);
  const added = Object.keys(DEFAULT_POLICY_BODY).filter((name) => !(name in old));
  expect(added).toContain('approval_exposure_drift_pct');
  expect(await publishNewThresholds(worker)).toEqual({ version: 2, added });
  expect(await publishNewThresholds(worker)).toBeNull();
  expect(await policyBody(1)).toEqual(old);
  const policies = new PolicyCache((version) => loadPolicyBody(worker, version));
  expect(await policies.get(1)).toMatchObject({ version: 1 });
  await judgedAgain();
});

async function judgedAgain() {
  const judged = await rejudgeAll(worker);
  expect(judged.length).toBeGreaterThanOrEqual(7);
  expect(new Set(judged.map(({ stored }) => stored.decision))).toEqual(new Set(['APPROVE', 'REVIEW', 'REJECT']));
  for (const { stored, again } of judged) expect(withoutWords(again)).toEqual(withoutWords(stored));
}

/** A judgement without the rules' messages: how a finding is worded may improve from version to version, nothing else may. */
function withoutWords(judgement: Rejudged['stored']) {
  return { ...judgement, reasons: reasonsSchema.parse(judgement.reasons).map(({ message: _words, ...rest }) => rest) };
}

test('the audit log verifies', async () => {
  const verified = await verifyAuditLog(createAuditLog(worker), null);
  expect(verified.broken).toBeNull();
  expect(verified.count).toBeGreaterThanOrEqual(2);
});

test('trading goes on: the web role places an order through the gate', async () => {
  await worker.query(
    `UPDATE accounts SET portfolio_at = clock_timestamp(), reconciled_at = clock_timestamp();
     UPDATE market_clock SET is_open = true, market_time = clock_timestamp(), observed_at = clock_timestamp(), next_close = clock_timestamp() + interval '4 hours'`,
  );
  await worker.query(
    `INSERT INTO quotes (symbol, bid, ask, bid_size, ask_size, quoted_at, received_at)
     SELECT s, 99.99, 100.01, 1000, 1000, clock_timestamp(), clock_timestamp() FROM unnest($1::text[]) AS s`,
    [SYMBOLS],
  );
  await seedFeatures(worker, SYMBOLS);
  const id = randomUUID();
  await worker.query(
    `INSERT INTO signals (id, source, strategy, symbol, action, confidence, size_pct, created_at, expires_at)
     VALUES ($1, 'STRATEGY', 'fake', 'AAPL', 'BUY', 0.9, 0.02, clock_timestamp(), clock_timestamp() + interval '1 minute')`,
    [id],
  );
  const web = createPool(urls.web, { name: 'web', max: 4 });
  try {
    const commands = createCommands({ main: web, control: web }, { codeVersion: 'test' });
    await commands.placeOrder(ACTOR, randomUUID(), orderFor(id));
    const { rows } = await worker.query('SELECT status, symbol FROM orders WHERE signal_id = $1', [id]);
    expect(rows).toEqual([{ status: 'NEW', symbol: 'AAPL' }]);
    await judgedAgain();
    await commands.halt(ACTOR, 'test');
    expect(await commands.tradingState()).toMatchObject({ state: 'HALTED' });
  } finally {
    await web.end();
  }
});

test('after a later version has added a threshold, the old policy and its decisions are as they were', async () => {
  const later = { ...DEFAULT_POLICY_BODY, a_later_threshold: 0.1 };
  const old = await policyBody(1);
  expect(await publishNewThresholds(worker, later)).toEqual({ version: 3, added: ['a_later_threshold'] });
  expect(await policyBody(1)).toEqual(old);
  expect((await verifyAuditLog(createAuditLog(worker), null)).broken).toBeNull();
});

test('starting it again changes nothing', async () => {
  await prepareRoles(superuserUrl, PASSWORDS);
  expect(await migrate(urls.owner)).toBe(false);
});
