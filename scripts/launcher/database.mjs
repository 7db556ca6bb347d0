// The database of `npm start`: the embedded one or the one of DATABASE_URL, with every migration applied.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repoRoot } from '../lib/repo.mjs';
import { portTaken } from './checks.mjs';
import { openLog } from './log-file.mjs';
import { SetupError } from './settings.mjs';

const DATABASE = 'countersign';

/**
 * Starts the embedded PostgreSQL and keeps it running.
 * @param {object} options
 * @param {import('./settings.mjs').Settings} options.settings
 * @param {string} options.password
 * @param {(line: string) => void} options.say
 */
export async function startEmbedded({ settings, password, say }) {
  const { startPostgres } = await import('../lib/embedded-postgres.mjs');
  const log = openLog(path.join(settings.dataDir, 'logs/postgres.log'));
  let stopping = false;
  const start = async () => {
    const server = await startPostgres({
      dataDir: path.join(settings.dataDir, 'postgres'),
      port: settings.postgresPort,
      password,
      notice: say,
      log: (line) => {
        log.write(line);
        if (/ (FATAL|PANIC): /.test(line) && !/starting up|shutting down|not yet accepting/.test(line)) say(line);
      },
    });
    void server.exited.then(() => (stopping ? undefined : restart()));
    return server;
  };
  const restart = async () => {
    say('the database stopped; starting it again');
    try {
      server = await start();
    } catch (error) {
      say(`the database does not start: ${error.message}; trying again in 5 s`);
      setTimeout(() => (stopping ? undefined : void restart()), 5_000);
    }
  };
  let server;
  try {
    server = await start();
  } catch (error) {
    if (error.name === 'PortTakenError') throw portTaken('EMBEDDED_PG_PORT', settings.postgresPort);
    throw error;
  }
  await server.ensureDatabase(DATABASE);
  return {
    url: server.url(DATABASE),
    where: server.dataDir,
    async stop() {
      stopping = true;
      await server.stop();
    },
    kill() {
      stopping = true;
      process.kill(server.pid, 'SIGQUIT');
    },
  };
}

/** Is the database of DATABASE_URL there? @throws SetupError without its password */
export async function checkReachable(url) {
  try {
    await query(url, 'SELECT 1');
  } catch (error) {
    // A database that is missing is created with the migrations.
    if (error.code === '3D000') return;
    const { host, pathname } = new URL(url);
    const reason = error.code === '28P01' ? 'wrong user or password' : error.message || error.code;
    throw new SetupError(
      `Cannot use the database ${pathname.slice(1)} at ${host} (${reason}): check DATABASE_URL, or unset it to use the embedded one.`,
    );
  }
}

/**
 * Applies the migrations that are missing.
 * @param {string} url
 * @param {(line: string) => void} say
 * @returns {Promise<boolean>} false when there was nothing to do
 */
export async function applyMigrations(url, say) {
  const applied = await appliedMigrations(url);
  const known = listMigrations();
  const changed = known.find(({ name, checksum }) => applied.has(name) && applied.get(name) !== checksum);
  if (changed) {
    say(
      `this database was made with another version of migration ${changed.name}: set DATA_DIR to a new folder if something fails`,
    );
  }
  // Prisma needs two seconds to find out that nothing is to be done; its own table says so in a millisecond.
  if (known.every(({ name }) => applied.has(name))) return false;
  const { migrate } = await import('../lib/prisma.mjs');
  await migrate(url);
  return true;
}

/** @returns {Promise<Map<string, string>>} checksum by name; empty for a new database */
async function appliedMigrations(url) {
  const sql =
    'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL';
  try {
    return new Map((await query(url, sql)).map((row) => [row.migration_name, row.checksum]));
  } catch {
    return new Map();
  }
}

function listMigrations() {
  const folder = path.join(repoRoot, 'prisma/migrations');
  return readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name, 'migration.sql');
    if (!existsSync(file)) return [];
    return [{ name, checksum: createHash('sha256').update(readFileSync(file)).digest('hex') }];
  });
}

/** Has anybody an account yet? */
export async function hasUsers(url) {
  return (await query(url, 'SELECT 1 FROM users LIMIT 1')).length > 0;
}

async function query(url, sql) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}
