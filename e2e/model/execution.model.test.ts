import { afterAll, beforeAll, expect, test } from 'vitest';
import { ModelDatabase } from './support/database';
import { SOUND } from './support/mutant';
import { checkModel, report } from './support/run';

const RUNS = Number(process.env['MODEL_RUNS'] ?? 500);
const SEED = Number(process.env['MODEL_SEED'] ?? Date.now() % 2 ** 31);

let database: ModelDatabase;

beforeAll(async () => {
  database = await ModelDatabase.create();
});

afterAll(async () => {
  await database.close();
});

test('whatever happens in whatever order, intents, orders, fills and books agree with the broker', async () => {
  const path = process.env['MODEL_PATH'];
  console.log(`figures: model-based test: seed ${SEED}, ${RUNS} runs`);
  const { details, tally } = await checkModel(database, SOUND, { seed: SEED, runs: RUNS, ...(path ? { path } : {}) });
  console.log(`figures: model-based test: ${tally}`);
  expect(details.failed, report(details)).toBe(false);
});
