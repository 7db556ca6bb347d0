#!/usr/bin/env node
// `npm run db:deploy`: migrations, SQL functions and grants for the database of DATABASE_URL (the owner's login).
import { migrate } from './lib/migrate.mjs';
import { fail } from './lib/terminal.mjs';

const url = process.env.DATABASE_URL ?? '';
if (url === '') fail('Set DATABASE_URL to the login that owns the database.');
try {
  console.log((await migrate(url, console.error)) ? 'The database is up to date now.' : 'The database was up to date.');
} catch (error) {
  fail(error.message);
}
