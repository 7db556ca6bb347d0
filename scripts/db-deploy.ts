// `npm run db:deploy`: migrations, SQL functions and grants for the database of DATABASE_URL (the owner's login).
import { messageOf } from './lib/errors';
import { migrate } from './lib/migrate';
import { fail } from './lib/terminal';

const url = process.env['DATABASE_URL'] ?? '';
if (url === '') fail('Set DATABASE_URL to the login that owns the database.');
try {
  console.log((await migrate(url, console.error)) ? 'The database is up to date now.' : 'The database was up to date.');
} catch (error) {
  fail(messageOf(error));
}
