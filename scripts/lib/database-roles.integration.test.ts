import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { prepareRoles } from './database-roles';
import { migrate } from './migrate';

const PASSWORDS = { owner: 'owner-password', web: 'web/p@ss:word', worker: 'worker-password' };
let database: TestDatabase;

beforeAll(async () => {
  // As a previous version left it: everything belongs to the superuser.
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const OWNERS = `
  SELECT DISTINCT owner::text FROM (
    SELECT relowner::regrole AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT proowner::regrole FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT typowner::regrole FROM pg_type WHERE typnamespace = 'public'::regnamespace
    UNION ALL SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'public'
    UNION ALL SELECT datdba::regrole FROM pg_database WHERE datname = current_database()) owners`;

test('a database that the superuser owned is given to the owner, and each role gets its login', async () => {
  const urls = await prepareRoles(database.url, PASSWORDS);
  expect(await query(urls.owner, OWNERS)).toEqual([{ owner: 'countersign_owner' }]);
  for (const role of ['owner', 'web', 'worker'] as const) {
    expect(
      await query(urls[role], 'SELECT current_user::text AS name, usesuper FROM pg_user WHERE usename = current_user'),
    ).toEqual([{ name: `countersign_${role}`, usesuper: false }]);
  }
});

test('the owner migrates; repeating it all changes nothing; passwords can change', async () => {
  const urls = await prepareRoles(database.url, { ...PASSWORDS, web: 'another' });
  await query(urls.owner, 'CREATE TABLE of_a_migration (id int); DELETE FROM sql_functions');
  expect(await migrate(urls.owner)).toBe(true);
  expect(await migrate(urls.owner)).toBe(false);
  expect(await query(urls.web, 'SELECT count(*)::int AS n FROM of_a_migration')).toEqual([{ n: 0 }]);
  const wrong = new URL(urls.web);
  wrong.password = PASSWORDS.web;
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
});

test('a role may end a session of another one, as a halt must, and sees how many there are', async () => {
  const urls = await prepareRoles(database.url, PASSWORDS);
  const holder = new pg.Client({ connectionString: urls.worker });
  holder.on('error', () => undefined);
  await holder.connect();
  const { rows } = await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const pid = rows[0]?.pid;
  expect(await query(urls.web, `SELECT backend_type FROM pg_stat_activity WHERE pid = ${pid}`)).toEqual([
    { backend_type: 'client backend' },
  ]);
  expect(await query(urls.web, `SELECT pg_terminate_backend(${pid}) AS ended`)).toEqual([{ ended: true }]);
});
