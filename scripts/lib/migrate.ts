// The one way in which a database gets its schema: the migrations it lacks, then the current SQL functions and grants.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { codeOf } from './errors';
import { deployMigrations } from './prisma';
import { repoRoot } from './repo';
import { applyFunctions } from './sql-functions';

/** The database has migrations that this version does not know. */
export class NewerSchemaError extends Error {
  override readonly name = 'NewerSchemaError';
}

/**
 * Brings a database up to date. Safe to repeat: when nothing is missing it takes milliseconds.
 * @param url of the owner of the database's objects
 * @returns false when there was nothing to do
 * @throws NewerSchemaError for a database that a newer version has migrated
 */
export async function migrate(url: string, notice: (line: string) => void = () => {}): Promise<boolean> {
  const known = listMigrations();
  const applied = await appliedMigrations(url);
  refuseNewer(applied, known);
  const changed = known.find(({ name, checksum }) => applied.has(name) && applied.get(name) !== checksum);
  if (changed) {
    notice(
      `this database was made with another version of migration ${changed.name}: set DATA_DIR to a new folder if something fails`,
    );
  }
  const missing = known.some(({ name }) => !applied.has(name));
  // Prisma needs two seconds to find out that nothing is to be done; its own table says so in a millisecond.
  if (missing) await deployMigrations(url);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await applyFunctions(client)) || missing;
  } finally {
    await client.end();
  }
}

function refuseNewer(applied: ReadonlyMap<string, string>, known: readonly Migration[]): void {
  const names = new Set(known.map(({ name }) => name));
  const unknown = [...applied.keys()].filter((name) => !names.has(name));
  if (unknown.length === 0) return;
  throw new NewerSchemaError(
    `This database was migrated by a newer version of Countersign (unknown here: ${unknown.slice(0, 3).join(', ')}). ` +
      'Start that version or a later one, or restore a backup made before the upgrade. Nothing was changed.',
  );
}

/** Checksum by name; empty for a database that is new or does not exist yet. */
async function appliedMigrations(url: string): Promise<Map<string, string>> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ migration_name: string; checksum: string }>(
      'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    );
    return new Map(rows.map((row) => [row.migration_name, row.checksum]));
  } catch (error) {
    // No database yet, or no table yet. Anything else must not be mistaken for "nothing applied".
    const code = codeOf(error);
    if (code === '3D000' || code === '42P01') return new Map();
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

interface Migration {
  readonly name: string;
  /** SHA-256 of its SQL, as Prisma records it. */
  readonly checksum: string;
}

function listMigrations(): Migration[] {
  const folder = path.join(repoRoot, 'prisma/migrations');
  const found = readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name, 'migration.sql');
    if (!existsSync(file)) return [];
    return [{ name, checksum: createHash('sha256').update(readFileSync(file)).digest('hex') }];
  });
  if (found.length === 0) throw new Error(`no migrations in ${folder}`);
  return found;
}
