import * as fc from 'fast-check';
import { FRESH } from '../commands/model';
import { STEPS } from '../commands/steps';
import type { ModelDatabase } from './database';
import type { Mutant } from './mutant';
import { settle } from './settle';
import { System } from './system';
import { Tally } from './tally';

export interface RunOptions {
  readonly seed: number;
  readonly runs: number;
  /** Of a failing case, to replay it alone. */
  readonly path?: string;
  /** Whether a failing case is made as small as possible; default true. */
  readonly shrink?: boolean;
}

const settings = fc.record({
  /** The broker refuses a client order id that it has seen. */
  enforcing: fc.boolean(),
  /** What the stream has not told by the end is told then; otherwise it is lost. */
  told: fc.boolean(),
});

/** Runs sequences of commands against the use cases and looks at everything after each. */
export async function checkModel(
  database: ModelDatabase,
  mutant: Mutant,
  { seed, runs, path, shrink = true }: RunOptions,
) {
  const tally = new Tally();
  const property = fc.asyncProperty(
    fc.commands(STEPS, { maxCommands: 60, size: 'max' }),
    settings,
    async (commands, { enforcing, told }) => {
      const system = await System.begin(database, mutant, enforcing, tally);
      try {
        await fc.asyncModelRun(() => ({ model: { ...FRESH }, real: system }), commands);
        await settle(system, told);
        const last = await system.look();
        system.watch.always(last);
        system.watch.settled(last);
        tally.ended(system, last);
      } finally {
        await system.end();
      }
    },
  );
  const details = await fc.check(property, {
    seed,
    numRuns: runs,
    endOnFailure: !shrink,
    ...(path === undefined ? {} : { path }),
  });
  return { details, tally };
}

/** What was found, in words: how to see it again, the commands that lead to it, and what is wrong then. */
export function report<T>(details: fc.RunDetails<T>): string {
  const { seed, counterexamplePath, counterexample, numShrinks, errorInstance } = details;
  const fault = errorInstance instanceof Error ? errorInstance.stack : String(errorInstance);
  const shown = fc.stringify(counterexample).replaceAll(',', '\n  ');
  return `again: MODEL_SEED=${seed} MODEL_PATH=${counterexamplePath} (${numShrinks} times shrunk)\n${shown}\n${fault}`;
}
