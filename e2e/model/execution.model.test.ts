import { afterAll, beforeAll, expect, test } from 'vitest';
import { ModelDatabase } from './support/database';
import { SOUND } from './support/mutant';
import { checkModel, report } from './support/run';

/** MODEL_SEED and MODEL_PATH of a failure repeat it; MODEL_RUNS looks further. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 500);
const SEED = Number(process.env['MODEL_SEED'] ?? Date.now() % 2 ** 31);
const PATH = process.env['MODEL_PATH'] ?? '';

/** A failing case is made smaller for as long. */
const SHRINK_MS = Number(process.env['MODEL_SHRINK_MS'] ?? 60_000);

/** Each on a database of its own: while one waits for Postgres the other computes. A failure is repeated alone. */
const LANES = PATH === '' ? [SEED, SEED + 1] : [SEED];

const databases: ModelDatabase[] = [];

beforeAll(async () => {
  for (const _ of LANES) databases.push(await ModelDatabase.create());
});

afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
});

test('whatever happens in whatever order, intents, orders, fills and books agree with the broker', async () => {
  const runs = Math.ceil(RUNS / LANES.length);
  console.log(`figures: model-based test: seeds ${LANES.join(' and ')}, ${runs} runs each`);
  const outcomes = await Promise.all(
    databases.map((database, lane) => {
      const seed = LANES[lane] ?? SEED;
      const options = { seed, runs, shrinkMs: SHRINK_MS };
      return checkModel(database, SOUND, PATH === '' ? options : { ...options, path: PATH });
    }),
  );
  for (const { tally } of outcomes) console.log(`figures: model-based test: ${tally}`);
  const failures = outcomes.filter(({ details }) => details.failed).map(({ details }) => report(details));
  expect(failures.join('\n\n')).toBe('');
});
