import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from './postgres';

let first: TestDatabase;
let second: TestDatabase;

beforeAll(async () => {
  [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
});

afterAll(async () => {
  await Promise.all([first.drop(), second.drop()]);
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('a test database is migrated and shares nothing with another', async () => {
  await query(first.url, 'CREATE TABLE only_here (id int)');
  const tables = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`;
  expect(await query(first.url, tables)).toEqual(
    expect.arrayContaining([{ table_name: 'only_here' }, { table_name: 'orders' }]),
  );
  expect(await query(second.url, tables)).not.toContainEqual({ table_name: 'only_here' });
});
