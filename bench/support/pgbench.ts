import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface PgbenchRun {
  readonly url: string;
  /** The script's file. */
  readonly script: string;
  readonly clients: number;
  readonly threads: number;
  readonly transactionsPerClient: number;
  readonly variables: Readonly<Record<string, number>>;
  /** Transactions a second altogether; as fast as it goes when absent. */
  readonly rate?: number;
  /** Folder for the log of single latencies; without it none is written. */
  readonly logFolder?: string;
}

export interface PgbenchResult {
  /** Without the time of connecting. */
  readonly perSecond: number;
  /** Of each transaction, ms; empty without a log. */
  readonly latenciesMs: readonly number[];
}

/** Path of pgbench, from PATH, `PGBENCH`, or where Debian hides it. @throws Error saying what to install */
export function findPgbench(): string {
  const candidates = [process.env['PGBENCH'] ?? 'pgbench', ...debianPrograms()];
  const found = candidates.find((program) => spawnSync(program, ['--version']).status === 0);
  if (found !== undefined) return found;
  throw new Error('pgbench, the baseline of this measurement, is missing: install postgresql-contrib, or set PGBENCH');
}

function debianPrograms(): string[] {
  const root = '/usr/lib/postgresql';
  try {
    return readdirSync(root).map((version) => path.join(root, version, 'bin/pgbench'));
  } catch {
    return [];
  }
}

/** Runs a script with prepared statements. @throws Error when any transaction failed */
export async function runPgbench(program: string, options: PgbenchRun): Promise<PgbenchResult> {
  const { url, script, clients, threads, transactionsPerClient, variables, rate, logFolder } = options;
  const prefix = logFolder === undefined ? null : path.join(logFolder, 'pgbench-latency');
  const args = [
    '-n',
    '-M',
    'prepared',
    '-c',
    String(clients),
    '-j',
    String(threads),
    '-t',
    String(transactionsPerClient),
  ];
  args.push('-f', script, ...Object.entries(variables).flatMap(([name, value]) => ['-D', `${name}=${value}`]));
  if (rate !== undefined) args.push('-R', String(rate));
  if (prefix !== null) args.push('-l', `--log-prefix=${prefix}`);
  const { stdout, stderr } = await run(program, [...args, url], { maxBuffer: 1 << 26 });
  const tps = /^tps = ([\d.]+) \(without/m.exec(stdout)?.[1];
  const done = /actually processed: (\d+)/.exec(stdout)?.[1];
  if (tps === undefined || Number(done) !== clients * transactionsPerClient || /aborted/.test(stderr)) {
    throw new Error(`pgbench did not finish its work:\n${stdout}\n${stderr}`);
  }
  return { perSecond: Number(tps), latenciesMs: prefix === null ? [] : takeLatencies(prefix) };
}

/** Third column: microseconds. The files are removed. */
function takeLatencies(prefix: string): number[] {
  const folder = path.dirname(prefix);
  const files = readdirSync(folder).filter((file) => file.startsWith(path.basename(prefix)));
  return files.flatMap((name) => {
    const file = path.join(folder, name);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    rmSync(file);
    return lines.map((line) => Number(line.split(' ')[2]) / 1000);
  });
}
