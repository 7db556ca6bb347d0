import { afterAll, beforeAll, expect, test } from 'vitest';
import { MUTANTS } from './mutants';
import { ModelDatabase } from './support/database';
import { checkModel } from './support/run';

/** Within these a defect must show. */
const RUNS = 400;
const SEED = 11;

let database: ModelDatabase;

beforeAll(async () => {
  database = await ModelDatabase.create();
});

afterAll(async () => {
  await database.close();
});

test.each(Object.entries(MUTANTS))('found: %s', async (name, mutant) => {
  const { details } = await checkModel(database, mutant, { seed: SEED, runs: RUNS });
  const fault = details.errorInstance instanceof Error ? details.errorInstance.message : '';
  console.log(
    `figures: ${name}: ${details.failed ? `run ${details.numRuns}: ${fault.split('\n')[1] ?? fault}` : 'not found'}`,
  );
  expect(details.failed).toBe(true);
});
