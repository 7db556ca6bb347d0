// The current SQL functions are files in server/adapters/postgres/sql, each with its grants. They are applied after the migrations,
// as often as needed: an unchanged set is skipped, a changed one is replaced in one transaction.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from 'pg';
import { ensureRoles, existingRoles } from './database-roles';
import { messageOf } from './errors';
import { repoRoot } from './repo';

interface SqlFile {
  readonly name: string;
  readonly text: string;
}

const FOLDER = path.join(repoRoot, 'server/adapters/postgres/sql');
/** Advisory lock that serialises concurrent runs of this step. */
const LOCK = 7_300_003;

/** Statements about a role: they stand at the start of a line and end with the line. */
const ABOUT_ROLE = /^(?:GRANT|REVOKE)\b[^;]*\bcountersign_(?:owner|web|worker)\b[^;]*;$/gm;

/**
 * Applies the SQL files if they, the applied migrations or the roles have changed since the last time.
 * @param client connected as the owner of the database's objects
 * @param folder of the SQL files
 * @returns false when there was nothing to do
 */
export async function applyFunctions(client: Client, folder = FOLDER): Promise<boolean> {
  await ensureRoles(client);
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const roles = await existingRoles(client);
    const files = readFiles(folder, roles.length > 0);
    const hash = await hashOf(client, files, roles);
    const { rows } = await client.query<{ hash: string }>('SELECT hash FROM sql_functions WHERE id = 1');
    const changed = rows[0]?.hash !== hash;
    if (changed) {
      for (const { name, text } of files) await applyFile(client, name, text);
      await client.query(
        `INSERT INTO sql_functions (id, hash) VALUES (1, $1)
         ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, applied_at = clock_timestamp()`,
        [hash],
      );
    }
    await client.query('COMMIT');
    return changed;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function applyFile(client: Client, name: string, text: string): Promise<void> {
  try {
    await client.query(text);
  } catch (error) {
    throw new Error(`applying server/adapters/postgres/sql/${name} failed: ${messageOf(error)}`, { cause: error });
  }
}

/** Without roles (where they cannot be created) one login does everything, and the grants are left out. */
function readFiles(folder: string, withRoles: boolean): SqlFile[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  if (names.length === 0) throw new Error(`no SQL files in ${folder}`);
  return names.map((name) => {
    const text = readFileSync(path.join(folder, name), 'utf8');
    return { name, text: withRoles ? text : text.replace(ABOUT_ROLE, '') };
  });
}

/** The migrations count too: grants on all tables must include the tables that a migration has added. */
async function hashOf(client: Client, files: readonly SqlFile[], roles: readonly string[]): Promise<string> {
  const { rows } = await client.query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1',
  );
  const hash = createHash('sha256');
  for (const { name, text } of files) hash.update(`${name}\0${text}\0`);
  hash.update(JSON.stringify([rows.map((row) => row.migration_name), roles]));
  return hash.digest('hex');
}
