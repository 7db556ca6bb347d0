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
  /** For how long a failing case may be made smaller; 0 reports it as it is. */
  readonly shrinkMs?: number;
}

const settings = fc.record({
  /** The broker refuses a client order id that it has seen. */
  enforcing: fc.boolean(),
  /** What the stream has not delivered by the end is delivered then; otherwise it is lost. */
  delivered: fc.boolean(),
});

/** Sequences of commands against the use cases, everything looked at after each. */
function modelProperty(database: ModelDatabase, mutant: Mutant, tally: Tally) {
  return fc.asyncProperty(
    fc.commands(STEPS, { maxCommands: 45, size: 'max' }),
    settings,
    async (commands, { enforcing, delivered }) => {
      const system = await System.begin(database, mutant, enforcing, tally);
      try {
        await fc.asyncModelRun(() => ({ model: { ...FRESH }, real: system }), commands);
        await settle(system, delivered);
        const last = await system.look();
        system.watch.always(last);
        system.watch.settled(last);
        tally.ended(system, last);
      } finally {
        await system.end();
      }
    },
  );
}

/** Runs until a case fails or all have passed; a failing one is then made smaller. */
export async function checkModel(database: ModelDatabase, mutant: Mutant, options: RunOptions) {
  const { seed, runs, path, shrinkMs = 0 } = options;
  const tally = new Tally();
  const property = modelProperty(database, mutant, tally);
  const found = await fc.check(property, { seed, numRuns: runs, endOnFailure: true, ...(path ? { path } : {}) });
  if (!found.failed || shrinkMs === 0) return { details: found, tally };
  const smaller = await fc.check(modelProperty(database, mutant, new Tally()), {
    seed,
    path: found.counterexamplePath ?? '',
    interruptAfterTimeLimit: shrinkMs,
  });
  // One that does not fail a second time depends on how two calls raced: it is reported as it was.
  return { details: smaller.failed && smaller.counterexample !== null ? smaller : found, tally };
}

/** What was found, in words: how to see it again, the commands that lead to it, and what is wrong then. */
export function report<T>(details: fc.RunDetails<T>): string {
  const { seed, counterexamplePath, counterexample, numShrinks, errorInstance } = details;
  const fault = errorInstance instanceof Error ? errorInstance.stack : String(errorInstance);
  const shown = fc.stringify(counterexample).replaceAll(',', '\n  ');
  return `again: MODEL_SEED=${seed} MODEL_PATH=${counterexamplePath} (${numShrinks} times shrunk)\n${shown}\n${fault}`;
}
