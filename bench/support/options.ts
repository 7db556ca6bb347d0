import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly quick: boolean;
  /** Names of groups to run; empty for all. */
  readonly only: readonly string[];
  /** File for the result as JSON. */
  readonly json: string | null;
  /** Time limit of each group in place of its own, seconds. */
  readonly limitSeconds: number | null;
  readonly help: boolean;
}

export const HELP = `npm run bench -- [--quick] [--only NAME]… [--json FILE] [--limit SECONDS]

Measures placing, policy, indicators, replay and the way to the broker as ratios to baselines that run beside them.

  --quick      smaller counts, for CI; leaves out what needs long runs (memory)
  --only NAME  one group of rows; may be repeated
  --json FILE  writes the rows there as well
  --limit SECONDS  time limit of each group in place of its own; a group that exceeds it is named and is not measured
  BENCH_FOLDER=DIR  where the run's database lives (default: the system's folder for temporary files)

Exit codes: 0 every aim reached or its cause known (bench/known-causes.json); 1 a row below its aim or not measured; 2 wrong usage.`;

/** @throws TypeError for an unknown option */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      limit: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const limitSeconds = values.limit === undefined ? null : Number(values.limit);
  if (limitSeconds !== null && !(limitSeconds >= 1))
    throw new TypeError('--limit takes a number of seconds, at least 1');
  return { quick: values.quick, only: values.only, json: values.json ?? null, limitSeconds, help: values.help };
}
