import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
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

type Group = (context: BenchContext) => Promise<Measured[]>;

/** In the order of the table. */
const GROUPS: Readonly<Record<string, Group>> = {
  placing: measurePlacing,
  http: measureHttp,
  policy: measurePolicy,
  indicators: measureIndicators,
  features: measureFeatures,
  replay: measureReplay,
  parquet: measureParquet,
  acceptance: measureAcceptance,
  ingest: measureIngest,
  memory: measureMemory,
};

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
  const { rows, failures } = await measure(options, host);
  console.log([tableText(rows, causes), ...failures].join('\n\n'));
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(report(rows, causes), null, 2)}\n`);
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
});

/** A group in a process of its own: what ran before must not have shaped the compiler's view of shared code, or the heap. */
async function inOwnProcess(name: string, { options, host }: BenchContext): Promise<Measured[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-bench-'));
  const file = path.join(folder, 'rows.json');
  const args = [path.join(host.repoRoot, 'bench/run.mjs'), '--only', name, '--json', file];
  if (options.quick) args.push('--quick');
  try {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    await once(child, 'close');
    if (!existsSync(file)) throw new Error(`its process ended with ${child.exitCode ?? child.signalCode} and no rows`);
    return measuredSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the groups one after the other, each by itself. One that cannot be measured does not take the others' rows with it. */
async function measure(options: BenchOptions, host: BenchHost): Promise<{ rows: Measured[]; failures: string[] }> {
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
  const wanted = Object.entries(GROUPS).filter(([name]) => options.only.length === 0 || options.only.includes(name));
  const rows: Measured[] = [];
  const failures: string[] = [];
  try {
    for (const [name, group] of wanted) {
      try {
        rows.push(...(wanted.length === 1 ? await group(context) : await inOwnProcess(name, context)));
      } catch (error) {
        failures.push(`${name}: not measured: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    await stopServer(started);
  }
  return { rows, failures };
}

async function stopServer(started: Promise<BenchServer> | null): Promise<void> {
  await (await started)?.stop();
}

function report(rows: readonly Measured[], causes: KnownCauses) {
  return { node: process.version, rows: rows.map((row) => ({ ...row, verdict: verdictOf(row, causes) })) };
}
