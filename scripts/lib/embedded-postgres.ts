// A PostgreSQL of one's own from npm, for `npm start` without DATABASE_URL and for the integration tests.
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import pg from 'pg';
import { codeOf, messageOf } from './errors';
import { type Binaries, fallbackFolder, findBinaries, isReachable, type RunAs } from './postgres-binaries';
import { commandLine, delay, isAlive, isPortFree, stopPid } from './processes';

const USER = 'countersign';
const START_TIMEOUT_MS = 60_000;

/** Faster and forgetful on a power cut: right for databases that live as long as a test run. */
export const THROWAWAY_FLAGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

export interface EmbeddedPostgres {
  /** Where the data really is (see `notice`). */
  readonly dataDir: string;
  readonly pid: number;
  /** Connection URL. */
  url(database?: string): string;
  /** Creates the database if it is missing. */
  ensureDatabase(name: string): Promise<void>;
  /** Waits until it has shut down. */
  stop(): Promise<void>;
  /** Settles when the server has ended, for whatever reason. */
  readonly exited: Promise<void>;
}

type Line = (line: string) => void;

interface StartOptions {
  readonly dataDir: string;
  readonly port: number;
  /** Of the superuser. */
  readonly password: string;
  /** `name=value` */
  readonly settings?: readonly string[];
  /** Receives the server's own log. */
  readonly log?: Line;
  /** Receives what a person should know. */
  readonly notice?: Line;
}

interface Server {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exited: Promise<void>;
  /** The last lines of its log. */
  readonly last: readonly string[];
}

/**
 * Starts PostgreSQL on the loopback address, creating the cluster at first. A server left on this data folder by a
 * killed launcher is stopped first; a stale postmaster.pid is removed.
 */
export async function startPostgres(options: StartOptions): Promise<EmbeddedPostgres> {
  const { dataDir, port, password, settings = [], log = () => {}, notice = () => {} } = options;
  const binaries = await findBinaries(notice);
  const folder = reachableDataDir(path.resolve(dataDir), binaries.runAs, notice);
  await clearLeftover(folder, notice);
  if (!(await isPortFree(port))) throw new PortTakenError(port);
  if (!existsSync(path.join(folder, 'PG_VERSION'))) await initialise(folder, password, binaries, log);

  const server = await launch({ folder, port, settings, binaries, log });
  const url = (database = 'postgres') =>
    `postgresql://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  try {
    await untilReady(url(), server);
  } catch (error) {
    await stopPid(server.pid, { signal: 'SIGINT', lastSignal: 'SIGQUIT' });
    throw error;
  }
  return {
    dataDir: folder,
    pid: server.pid,
    url,
    exited: server.exited,
    ensureDatabase: (name) => ensureDatabase(url(), name),
    stop: () => stopPid(server.pid, { signal: 'SIGINT', lastSignal: 'SIGQUIT', graceMs: 15_000 }),
  };
}

export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';

  constructor(readonly port: number) {
    super(`port ${port} is taken`);
  }
}

function reachableDataDir(wanted: string, runAs: RunAs, notice: Line): string {
  if (isReachable(path.dirname(wanted), runAs)) return wanted;
  const fallback = path.join(fallbackFolder(wanted), 'data');
  notice(`the user postgres cannot reach ${wanted}: the database is kept in ${fallback}`);
  return fallback;
}

async function clearLeftover(folder: string, notice: Line): Promise<void> {
  const pidFile = path.join(folder, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  // The id may by now belong to any other program: only a server on this very folder is stopped.
  if (isAlive(pid) && commandLine(pid).includes(` -D ${folder} -p `)) {
    notice(`stopping the PostgreSQL (process ${pid}) that an earlier start left running`);
    await stopPid(pid, { signal: 'SIGINT', lastSignal: 'SIGQUIT', graceMs: 20_000 });
  }
  rmSync(pidFile, { force: true });
}

/** Creates the cluster beside its place and moves it there, so that one cut short is never taken for a whole one. */
async function initialise(folder: string, password: string, { initdb, runAs }: Binaries, log: Line): Promise<void> {
  const half = `${folder}.new`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(path.dirname(half), { recursive: true, mode: 0o755 });
  mkdirSync(half, { mode: 0o700 });
  const passwordFile = path.join(tmpdir(), `countersign-pg-${process.pid}-${Math.random().toString(36).slice(2)}`);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (runAs.uid !== undefined) {
    chownSync(half, runAs.uid, runAs.gid);
    chownSync(passwordFile, runAs.uid, runAs.gid);
  }
  const flags = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--locale-provider=builtin'];
  flags.push('--builtin-locale=C.UTF-8', '--no-instructions');
  try {
    await run(initdb, ['-D', half, '-U', USER, `--pwfile=${passwordFile}`, ...flags], runAs, log);
    chmodSync(half, 0o700);
    renameSync(half, folder);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function run(program: string, args: readonly string[], runAs: RunAs, log: Line): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...runAs, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], env: cleanEnv() });
    const lines: string[] = [];
    forEachLine(child, (line) => {
      lines.push(line);
      log(line);
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${path.basename(program)} failed: ${lines.slice(-5).join(' · ')}`)),
    );
  });
}

// In a session of its own: a Ctrl-C on the terminal reaches the launcher alone, which stops things in order.
async function launch(options: {
  folder: string;
  port: number;
  settings: readonly string[];
  binaries: Binaries;
  log: Line;
}): Promise<Server> {
  const { folder, port, settings, binaries, log } = options;
  const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', 'max_connections=200'];
  const flags = [...all, 'log_timezone=UTC', ...settings].flatMap((setting) => ['-c', setting]);
  const child = spawn(binaries.postgres, ['-D', folder, '-p', String(port), ...flags], {
    ...binaries.runAs,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnv(),
  });
  const last: string[] = [];
  forEachLine(child, (line) => {
    last.push(line);
    if (last.length > 5) last.shift();
    log(line);
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return { child, pid: child.pid ?? Number.NaN, exited, last };
}

function forEachLine(child: ChildProcessByStdio<null, Readable, Readable>, onLine: Line): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line) onLine(line);
    });
  }
}

// Settings of a PostgreSQL client in the caller's environment would be taken for the server's.
function cleanEnv(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  for (const name of Object.keys(env)) if (name.startsWith('PG')) delete env[name];
  return env;
}

async function untilReady(url: string, server: Server): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (server.child.exitCode !== null || server.child.signalCode !== null) {
      throw new Error(`PostgreSQL stopped while starting: ${server.last.join(' · ')}`);
    }
    const refusal = await tryConnect(url);
    if (refusal === null) return;
    if (codeOf(refusal) === '28P01') {
      throw new Error('PostgreSQL refuses the password in .data/secrets.json: it belongs to another data folder.');
    }
    if (Date.now() > deadline)
      throw new Error(`PostgreSQL did not answer: ${messageOf(refusal)} · ${server.last.join(' · ')}`);
    await delay(50);
  }
}

/** @returns the error, or null once it answers */
async function tryConnect(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return null;
  } catch (error) {
    return error;
  } finally {
    await client.end().catch(() => {});
  }
}

async function ensureDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
