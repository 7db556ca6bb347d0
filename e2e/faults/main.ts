import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describePolicy, RUN_POLICY } from '@/test-support/test-policy';
import type { Cell } from './cell';
import { CELLS } from './cells';
import { bundleProcesses } from './harness/bundles';
import { Cluster, type Tools } from './harness/cluster';
import { MUTANTS, type Mutant } from './mutants';
import { type CellResult, runCell, type Stage } from './run-cell';
import { cellTable, mutantTable } from './table';

export const HELP = `npm run test:faults                        every cell, and the table
npm run test:faults -- --only sending      one cell (or several: --only sending,doubt)
npm run test:faults -- --mutants           every mutant, each against the cell that must fail
npm run test:faults -- --mutant NAME       one mutant
npm run test:faults -- --list              names of cells and mutants
npm run test:faults -- --seed 7            repeats the draws of an earlier run
npm run test:faults -- --lanes 2           how many cells at once (4)

Exit code 1 when a cell is not held, or when a mutant survives. Figures: .cache/faults/result.json.`;

const OPTIONS = {
  only: { type: 'string' },
  mutants: { type: 'boolean', default: false },
  mutant: { type: 'string' },
  list: { type: 'boolean', default: false },
  seed: { type: 'string' },
  lanes: { type: 'string', default: '4' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const FIRST_PORT = 4_780;
const SEEDS = 1_000_000;
const MOST_SHOWN = 12;
const LONGEST = 600;

/** Free ports, one after the other. */
function portsOf(tools: Tools): () => Promise<number> {
  let next = FIRST_PORT;
  return async () => {
    // Taken before it is asked about, so that two who ask at once get two.
    for (let port = next++; ; port = next++) if (await tools.isPortFree(port)) return port;
  };
}

/** Wrong use of the command line. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new UsageError(`--${option} is a whole number of at least ${least}`);
  return value;
}

function named<T extends { readonly name: string }>(all: readonly T[], names: string | undefined): readonly T[] {
  if (names === undefined) return all;
  return names.split(',').map((name) => {
    const found = all.find((each) => each.name === name);
    if (found === undefined)
      throw new UsageError(`there is no "${name}"; there are ${all.map((each) => each.name).join(' ')}`);
    return found;
  });
}

/** Works through `items` with so many at once; the results are in the items' order. */
async function inLanes<T, R>(items: readonly T[], lanes: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const waiting = [...items.entries()];
  const results = new Map<number, R>();
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      results.set(next[0], await work(next[1]));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return items.map((_, index) => results.get(index)).filter((result): result is R => result !== undefined);
}

function explain({ name, held, violations, outputs }: CellResult): string {
  if (held) return '';
  const shown = violations.slice(0, MOST_SHOWN).map((each) => `  ${each.slice(0, LONGEST)}`);
  return `\n${name} was not held:\n${shown.join('\n')}\n${outputs.slice(-6_000)}\n`;
}

async function playCells(stage: Stage, cells: readonly Cell[], lanes: number) {
  const results = await inLanes(cells, lanes, async (cell) => {
    stage.progress(`${cell.name}: begins`);
    const result = await runCell(cell, stage);
    stage.progress(`${cell.name}: ${result.held ? 'held' : 'NOT HELD'} after ${result.seconds} s`);
    return result;
  });
  return {
    ok: results.every(({ held }) => held),
    results,
    table: cellTable(results),
    more: results.map(explain).join(''),
  };
}

/** A mutant dies when its cell is not held, by a violation of what it breaks and not by some accident. */
async function tryMutant(mutant: Mutant, stage: Stage) {
  const cell = CELLS.find(({ name }) => name === mutant.cell);
  if (cell === undefined) throw new Error(`there is no cell ${mutant.cell}`);
  const bundles = await bundleProcesses(stage.tools.repoRoot, mutant.name, mutant.mutations);
  try {
    const result = await runCell(cell, { ...stage, bundles });
    const killedBy = result.violations.filter((each) => mutant.mustBreak.test(each));
    stage.progress(`${mutant.name}: ${killedBy.length > 0 ? 'failed its cell' : 'SURVIVED'}`);
    return { mutant, result, killedBy };
  } finally {
    bundles.dispose();
  }
}

async function playMutants(stage: Stage, mutants: readonly Mutant[], lanes: number) {
  const results = await inLanes(mutants, lanes, (mutant) => tryMutant(mutant, stage));
  const survived = results.filter(({ killedBy }) => killedBy.length === 0);
  const more = survived.map(({ result }) => explain({ ...result, held: false })).join('');
  return { ok: survived.length === 0, results, table: mutantTable(results), more };
}

/** @returns the exit code */
export async function main(args: readonly string[], tools: Tools): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (values.list) {
    for (const { name, fault } of CELLS) console.log(`${name.padEnd(20)} ${fault}`);
    for (const { name, cell } of MUTANTS) console.log(`${name.padEnd(20)} must fail ${cell}`);
    return 0;
  }
  const asMutants = values.mutants || values.mutant !== undefined;
  const [cells, mutants] = [named(CELLS, values.only), named(MUTANTS, values.mutant)];
  const seed = wholeNumber('seed', values.seed ?? String(Date.now() % SEEDS), 0);
  const lanes = wholeNumber('lanes', values.lanes, 1);
  const startedMs = performance.now();
  const progress = (line: string) =>
    console.log(`${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  progress(`seed ${seed}`);
  progress(describePolicy(RUN_POLICY));
  const nextPort = portsOf(tools);
  const start = async () => Cluster.start(tools, await nextPort());
  const [bundles, shared] = await Promise.all([bundleProcesses(tools.repoRoot, 'cells'), start()]);
  const stage: Stage = { tools, bundles, shared, seed, progress, nextPort };
  try {
    const outcome = asMutants ? await playMutants(stage, mutants, lanes) : await playCells(stage, cells, lanes);
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    const file = path.join(tools.repoRoot, '.cache/faults', asMutants ? 'mutants.json' : 'result.json');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify({ seed, seconds, ok: outcome.ok, results: outcome.results }, null, 2)}\n`);
    console.log(`${outcome.more}\n${outcome.table}\nseed ${seed}, ${seconds} s`);
    return outcome.ok ? 0 : 1;
  } finally {
    bundles.dispose();
    await shared.stop();
  }
}
