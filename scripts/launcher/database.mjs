// The database of `npm start`: the embedded one or the one of DATABASE_URL, brought up to date.
import path from 'node:path';
import { portTaken } from './checks.mjs';
import { openLog } from './log-file.mjs';
import { SetupError } from './settings.mjs';

const DATABASE = 'countersign';

/**
 * @typedef {object} DatabaseUrls connection URLs, one per role; the same one three times where a server of your own has one login
 * @property {string} owner migrates
 * @property {string} web
 * @property {string} worker also the watchdog and the command line
 */

/**
 * Starts the embedded PostgreSQL and keeps it running. Its superuser only prepares the roles.
 * @param {object} options
 * @param {import('./settings.mjs').Settings} options.settings
 * @param {ReturnType<typeof import('./secrets.mjs').loadSecrets>} options.secrets
 * @param {(line: string) => void} options.say
 */
export async function startEmbedded({ settings, secrets, say }) {
  const { startPostgres } = await import('../lib/embedded-postgres.mjs');
  const log = openLog(path.join(settings.dataDir, 'logs/postgres.log'));
  let stopping = false;
  const start = async () => {
    const server = await startPostgres({
      dataDir: path.join(settings.dataDir, 'postgres'),
      port: settings.postgresPort,
      password: secrets.postgresPassword,
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
  const { prepareRoles } = await import('../lib/database-roles.mjs');
  /** @type {DatabaseUrls} */
  const urls = await prepareRoles(server.url(DATABASE), {
    owner: secrets.databaseOwnerPassword,
    web: secrets.databaseWebPassword,
    worker: secrets.databaseWorkerPassword,
  });
  return {
    urls,
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

/** Checks that the database of DATABASE_URL answers. @throws SetupError that does not contain its password */
export async function checkReachable(url) {
  try {
    await query(url, 'SELECT 1');
  } catch (error) {
    // The migrations create a database that is missing.
    if (error.code === '3D000') return;
    const { host, pathname } = new URL(url);
    const reason = error.code === '28P01' ? 'wrong user or password' : error.message || error.code;
    throw new SetupError(
      `Cannot use the database ${pathname.slice(1)} at ${host} (${reason}): check DATABASE_URL, or unset it to use the embedded one.`,
    );
  }
}

/**
 * Applies missing migrations and the current SQL functions.
 * @param {string} url
 * @param {(line: string) => void} say
 * @returns {Promise<boolean>} false when there was nothing to do
 * @throws SetupError for a database of a newer version
 */
export async function applyMigrations(url, say) {
  const { migrate } = await import('../lib/migrate.mjs');
  try {
    return await migrate(url, say);
  } catch (error) {
    throw error.name === 'NewerSchemaError' ? new SetupError(error.message) : error;
  }
}

/** Whether a user exists. */
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
