import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly quick: boolean;
  /** Names of groups to run; empty for all. */
  readonly only: readonly string[];
  /** File for the result as JSON. */
  readonly json: string | null;
  readonly help: boolean;
}

export const HELP = `npm run bench -- [--quick] [--only NAME]… [--json FILE]

Measures placing, policy, indicators, replay and the way to the broker as ratios to baselines that run beside them.

  --quick      smaller counts, for CI; leaves out what needs long runs (memory)
  --only NAME  one group of rows; may be repeated
  --json FILE  writes the rows there as well
  BENCH_FOLDER=DIR  where the run's database lives (default: the system's folder for temporary files)

Exit codes: 0 every aim reached or its cause known (bench/known-causes.json); 1 a row below its aim; 2 wrong usage.`;

/** @throws TypeError for an unknown option */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return { quick: values.quick, only: values.only, json: values.json ?? null, help: values.help };
}
