import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { describePolicy } from '@/test-support/test-policy';
import type { BenchContext } from './context';
import { measureAcceptance } from './rows/acceptance';
import { measureFeatures } from './rows/features';
import { measureHttp } from './rows/http';
import { measureIndicators } from './rows/indicators';
import { measureIngest } from './rows/ingest';
import { measureMemory } from './rows/memory';
import { measureParquet } from './rows/parquet';
import { measurePlacing } from './rows/placing';
import { measurePolicy } from './rows/policy';
import { measureReplay } from './rows/replay';
import type { BenchHost } from './support/host';
import { type BenchOptions, HELP, parseOptions } from './support/options';
import { type BenchServer, startBenchServer } from './support/server';
import { type KnownCauses, type Measured, tableText, verdictOf } from './support/table';
import { within } from './support/time-limit';
import { BENCH_POLICY } from './support/trading-data';

interface Group {
  readonly measure: (context: BenchContext) => Promise<Measured[]>;
  readonly limitSeconds: number;
}

/** In the order of the table. Each group of rows has a time limit, about three times what it takes on two idle cores. */
const GROUPS: Readonly<Record<string, Group>> = {
  placing: { measure: measurePlacing, limitSeconds: 180 },
  http: { measure: measureHttp, limitSeconds: 180 },
  policy: { measure: measurePolicy, limitSeconds: 90 },
  indicators: { measure: measureIndicators, limitSeconds: 90 },
  features: { measure: measureFeatures, limitSeconds: 90 },
  replay: { measure: measureReplay, limitSeconds: 90 },
  parquet: { measure: measureParquet, limitSeconds: 180 },
  acceptance: { measure: measureAcceptance, limitSeconds: 180 },
  ingest: { measure: measureIngest, limitSeconds: 240 },
  memory: { measure: measureMemory, limitSeconds: 300 },
};
/** All groups together; the builds that some of them need come before. A group gets no more than what is left of it. */
const WHOLE_LIMIT_SECONDS = 13 * 60;
/** For stopping databases and processes after a time limit. */
const STOP_SECONDS = 20;
/** Groups that measure the production build of the console. */
const NEED_WEB: ReadonlySet<string> = new Set(['http', 'memory']);

const causesSchema = z.record(z.string(), z.string().min(1));

/** Runs the bench. @returns the exit code */
export async function main(args: readonly string[], host: BenchHost): Promise<0 | 1 | 2> {
  const options = readOptions(args);
  if (options === null) return 2;
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const causes = causesSchema.parse(
    JSON.parse(readFileSync(path.join(host.repoRoot, 'bench/known-causes.json'), 'utf8')),
  );
  const { rows, failures } = await measureAll(options, host);
  console.log([describePolicy(BENCH_POLICY), tableText(rows, causes), ...failures].join('\n\n'));
  if (options.json !== null)
    writeFileSync(options.json, `${JSON.stringify(report(rows, failures, causes), null, 2)}\n`);
  return failures.length > 0 || rows.some((row) => verdictOf(row, causes) === 'below') ? 1 : 0;
}

function readOptions(args: readonly string[]): BenchOptions | null {
  try {
    const options = parseOptions(args);
    const unknown = options.only.filter((name) => GROUPS[name] === undefined);
    if (unknown.length === 0) return options;
    console.error(`--only takes ${Object.keys(GROUPS).join(', ')}; not ${unknown.join(', ')}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
  }
  return null;
}

const measuredSchema = z.object({
  rows: z.array(z.custom<Measured>((row) => typeof row === 'object' && row !== null)),
  failures: z.array(z.string()),
});

/**
 * Measures a group in a process of its own, so that what ran before has shaped neither the compiled code nor the heap.
 * The process ends itself at the limit; one that does not is killed a little later.
 */
async function inOwnProcess(name: string, limitSeconds: number, { options, host }: BenchContext): Promise<Measured[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-bench-'));
  const file = path.join(folder, 'rows.json');
  const bootstrap = path.join(host.repoRoot, 'scripts/bootstrap.mjs');
  const args = [bootstrap, 'bench/run', '--only', name, '--json', file];
  args.push('--limit', String(limitSeconds));
  if (options.quick) args.push('--quick');
  try {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const overdue = setTimeout(() => child.kill('SIGKILL'), (limitSeconds + 2 * STOP_SECONDS) * 1000);
    await once(child, 'close');
    clearTimeout(overdue);
    if (!existsSync(file)) throw new Error(`its process ended with ${child.exitCode ?? child.signalCode} and no rows`);
    const { rows, failures } = measuredSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    if (failures.length > 0) throw new MeasureError(failures.join('; '));
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A failure whose message already names the group. */
class MeasureError extends Error {}

/** Measures a group here, within its limit. */
async function inThisProcess(name: string, limitSeconds: number, context: BenchContext): Promise<Measured[]> {
  const { measure } = groupOf(name);
  return within(name, limitSeconds * 1000, measure(context));
}

function groupOf(name: string): Group {
  const group = GROUPS[name];
  if (group === undefined) throw new Error(`there is no group ${name}`);
  return group;
}

/** Measures the groups one after the other. A group that cannot be measured does not take the others' rows with it. */
async function measureAll(options: BenchOptions, host: BenchHost): Promise<{ rows: Measured[]; failures: string[] }> {
  let started: Promise<BenchServer> | null = null;
  const context: BenchContext = {
    host,
    options,
    server: () => {
      started ??= startBenchServer(host);
      return started;
    },
    progress: (line) => console.error(`  ${line}`),
  };
  const wanted = Object.keys(GROUPS).filter((name) => options.only.length === 0 || options.only.includes(name));
  const measure = wanted.length === 1 ? inThisProcess : inOwnProcess;
  const rows: Measured[] = [];
  const failures: string[] = [];
  if (wanted.some((name) => NEED_WEB.has(name))) await host.ensureWeb();
  const beganMs = performance.now();
  for (const name of wanted) {
    const leftSeconds = WHOLE_LIMIT_SECONDS - (performance.now() - beganMs) / 1000;
    const limitSeconds = Math.floor(Math.min(options.limitSeconds ?? groupOf(name).limitSeconds, leftSeconds));
    try {
      if (limitSeconds < 1) throw new Error(`the whole bench has used its ${WHOLE_LIMIT_SECONDS / 60} minutes`);
      rows.push(...(await measure(name, limitSeconds, context)));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      failures.push(error instanceof MeasureError ? message : `${name}: not measured: ${message}`);
    }
  }
  await within('stopping the database', STOP_SECONDS * 1000, stopServer(started)).catch((error: unknown) => {
    failures.push(error instanceof Error ? error.message : String(error));
  });
  return { rows, failures };
}

async function stopServer(started: Promise<BenchServer> | null): Promise<void> {
  await (await started)?.stop();
}

function report(rows: readonly Measured[], failures: readonly string[], causes: KnownCauses) {
  return { node: process.version, failures, rows: rows.map((row) => ({ ...row, verdict: verdictOf(row, causes) })) };
}
