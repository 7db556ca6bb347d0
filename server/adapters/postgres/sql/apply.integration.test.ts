import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { migrate, NewerSchemaError } from '@/scripts/lib/migrate';
import { deployMigrations } from '@/scripts/lib/prisma';
import { applyFunctions } from '@/scripts/lib/sql-functions';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';

const FILES = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.sql'))
  .map((name) => readFileSync(path.join(import.meta.dirname, name), 'utf8'));

let database: TestDatabase;
let client: pg.Client;

async function connect(url: string): Promise<pg.Client> {
  const opened = new pg.Client({ connectionString: url });
  await opened.connect();
  return opened;
}

beforeAll(async () => {
  database = await createTestDatabase();
  client = await connect(database.url);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** Name and body of every function in the files: the text between the dollar quotes, as Postgres stores it. */
function inFiles(): string[] {
  return FILES.flatMap((text) =>
    [...text.matchAll(/^CREATE OR REPLACE FUNCTION (\w+)\([\s\S]*?\$\$([\s\S]*?)\$\$;$/gm)].map(
      ([, name, body]) => `${name}: ${body}`,
    ),
  ).sort();
}

async function inDatabase(db: pg.Client): Promise<string[]> {
  const { rows } = await db.query<{ name: string; body: string }>(
    `SELECT proname AS name, prosrc AS body FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
  );
  return rows.map(({ name, body }) => `${name}: ${body}`).sort();
}

test('a database that was upgraded from the migrations alone has the functions of the files, and no others', async () => {
  const admin = await connect(inject('testServerUrl'));
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(inject('testServerUrl'));
  url.pathname = `/${name}`;
  try {
    await admin.query(`CREATE DATABASE ${name}`);
    await deployMigrations(url.href);
    expect(await migrate(url.href)).toBe(true);
    const upgraded = await connect(url.href);
    try {
      expect(await inDatabase(upgraded)).toEqual(inFiles());
    } finally {
      await upgraded.end();
    }
  } finally {
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await admin.end();
  }
});

test('the files declare what the database holds; a function that was changed by hand is found', async () => {
  expect(await inDatabase(client)).toEqual(inFiles());
  await client.query('BEGIN');
  await client.query(
    `CREATE OR REPLACE FUNCTION bus_part(p_data jsonb, p_subject text) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 0 $$`,
  );
  expect(await inDatabase(client)).not.toEqual(inFiles());
  await client.query('ROLLBACK');
});

test('an unchanged set is skipped; a new migration applies it again, because grants cover its tables', async () => {
  expect(await migrate(database.url)).toBe(false);
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ('x', 'x', '0_probe', now(), 1)`,
  );
  expect(await applyFunctions(client)).toBe(true);
  await client.query(`DELETE FROM _prisma_migrations WHERE id = 'x'`);
  expect(await migrate(database.url)).toBe(true);
});

test('a file that fails is named, and nothing of the set is applied', async () => {
  const before = await inDatabase(client);
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-sql-'));
  writeFileSync(
    path.join(folder, 'a.sql'),
    'CREATE FUNCTION left_behind() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;',
  );
  writeFileSync(
    path.join(folder, 'b.sql'),
    'CREATE FUNCTION broken() RETURNS int LANGUAGE sql AS $$ SELECT nothing $$;',
  );
  await expect(applyFunctions(client, folder)).rejects.toThrow(/sql\/b\.sql failed/);
  expect(await inDatabase(client)).toEqual(before);
});

test('a database of a newer version is refused with what to do, and stays as it was', async () => {
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ('y', 'y', '29990101000000_future', now(), 1)`,
  );
  const hash = await client.query('SELECT hash FROM sql_functions');
  const refused = migrate(database.url);
  await expect(refused).rejects.toThrow(NewerSchemaError);
  await expect(refused).rejects.toThrow(/29990101000000_future.*Start that version or a later one/);
  expect((await client.query('SELECT hash FROM sql_functions')).rows).toEqual(hash.rows);
  await client.query(`DELETE FROM _prisma_migrations WHERE id = 'y'`);
});

describe('the roles web and worker', () => {
  const ROLES = ['countersign_web', 'countersign_worker'];

  /** Runs one statement as the role, in a transaction that is rolled back. */
  async function as(role: string, sql: string): Promise<unknown> {
    await client.query(`BEGIN; SET LOCAL ROLE ${role}`);
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.query('ROLLBACK');
    }
  }

  test('none of the three is a superuser or may create roles or databases', async () => {
    const { rows } = await client.query(
      `SELECT rolname, rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication AS privileged
       FROM pg_roles WHERE rolname LIKE 'countersign\\_%' ORDER BY 1`,
    );
    expect(rows).toEqual(['countersign_owner', ...ROLES.toSorted()].map((rolname) => ({ rolname, privileged: false })));
  });

  test.each(ROLES)('%s reads and writes, but cannot change the schema or get around a trigger', async (role) => {
    await expect(as(role, `SELECT gate_read('{}', '{}', '{}', '{}')`)).resolves.toHaveLength(1);
    for (const sql of [
      'TRUNCATE orders',
      'ALTER TABLE audit_log DISABLE TRIGGER USER',
      'ALTER TABLE orders DROP CONSTRAINT orders_status',
      'DROP FUNCTION gate_commit(jsonb)',
      'CREATE TABLE mine (id int)',
      'SET session_replication_role = replica',
      `UPDATE _prisma_migrations SET checksum = ''`,
      `DELETE FROM sql_functions`,
    ]) {
      await expect(as(role, sql), sql).rejects.toThrow(/permission denied|must be owner/);
    }
  });

  test('what only the worker writes or calls is closed to web', async () => {
    for (const table of ['fills', 'ledger_postings', 'quotes', 'market_clock', 'leases', 'memos']) {
      const sql = `DELETE FROM ${table} WHERE false`;
      await expect(as('countersign_web', sql), table).rejects.toThrow(/permission denied/);
      await expect(as('countersign_worker', sql), table).resolves.toEqual([]);
    }
    await expect(as('countersign_web', `SELECT halt_cancel_all_sent('execution', 1)`)).rejects.toThrow(
      /permission denied/,
    );
    await expect(as('countersign_worker', `SELECT halt_cancel_all_sent('execution', 1)`)).resolves.toHaveLength(1);
  });

  test('a login without grants can execute nothing', async () => {
    await client.query('CREATE ROLE countersign_probe');
    try {
      await expect(as('countersign_probe', `SELECT gate_read('{}', '{}', '{}', '{}')`)).rejects.toThrow(
        /permission denied/,
      );
    } finally {
      await client.query('DROP ROLE countersign_probe');
    }
  });
});
