// The database of `npm start`: the embedded one or the one of DATABASE_URL, brought up to date.
import path from 'node:path';
import pg from 'pg';
import { prepareRoles } from '../lib/database-roles';
import { type EmbeddedPostgres, PortTakenError, startPostgres } from '../lib/embedded-postgres';
import { codeOf, messageOf } from '../lib/errors';
import { migrate, NewerSchemaError } from '../lib/migrate';
import { portTaken } from './checks';
import { openLog } from './log-file';
import type { Secrets } from './secrets';
import { type Settings, SetupError } from './settings';

const DATABASE = 'countersign';

/** Connection URLs, one per role; the same one three times where a server of your own has one login. */
export interface DatabaseUrls {
  /** Migrates. */
  readonly owner: string;
  readonly web: string;
  /** Also the watchdog and the command line. */
  readonly worker: string;
}

export interface EmbeddedDatabase {
  readonly urls: DatabaseUrls;
  /** The folder that really holds the data. */
  readonly where: string;
  stop(): Promise<void>;
  kill(): void;
}

type Say = (line: string) => void;

/**
 * Starts the embedded PostgreSQL and keeps it running. Its superuser only prepares the roles.
 */
export async function startEmbedded(options: {
  settings: Settings;
  secrets: Secrets;
  say: Say;
}): Promise<EmbeddedDatabase> {
  const { settings, secrets, say } = options;
  const log = openLog(path.join(settings.dataDir, 'logs/postgres.log'));
  let stopping = false;
  const start = async (): Promise<EmbeddedPostgres> => {
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
      say(`the database does not start: ${messageOf(error)}; trying again in 5 s`);
      setTimeout(() => (stopping ? undefined : void restart()), 5_000);
    }
  };
  let server: EmbeddedPostgres;
  try {
    server = await start();
  } catch (error) {
    if (error instanceof PortTakenError) throw portTaken('EMBEDDED_PG_PORT', settings.postgresPort);
    throw error;
  }
  await server.ensureDatabase(DATABASE);
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
export async function checkReachable(url: string): Promise<void> {
  try {
    await query(url, 'SELECT 1');
  } catch (error) {
    // The migrations create a database that is missing.
    const code = codeOf(error);
    if (code === '3D000') return;
    const { host, pathname } = new URL(url);
    const reason = code === '28P01' ? 'wrong user or password' : messageOf(error) || code;
    throw new SetupError(
      `Cannot use the database ${pathname.slice(1)} at ${host} (${reason}): check DATABASE_URL, or unset it to use the embedded one.`,
    );
  }
}

/**
 * Applies missing migrations and the current SQL functions.
 * @returns false when there was nothing to do
 * @throws SetupError for a database of a newer version
 */
export async function applyMigrations(url: string, say: Say): Promise<boolean> {
  try {
    return await migrate(url, say);
  } catch (error) {
    throw error instanceof NewerSchemaError ? new SetupError(error.message) : error;
  }
}

/** Whether a user exists. */
export async function hasUsers(url: string): Promise<boolean> {
  return (await query(url, 'SELECT 1 FROM users LIMIT 1')).length > 0;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}
