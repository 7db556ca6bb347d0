import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { GROUND, PROBES } from './probes';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const FOLDERS = ['app', 'cli', 'components', 'server', 'workers'];
const configFile = path.resolve('.dependency-cruiser.cjs');
const config = z
  .object({ forbidden: z.array(z.object({ name: z.string(), severity: z.string() })) })
  .parse(require(configFile));

const outputSchema = z.object({
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

async function cruise(files: Readonly<Record<string, string>>): Promise<{ rule: string; from: string }[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'countersign-rules-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), content);
    }
    const cli = path.resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const args = [cli, '--config', configFile, '--output-type', 'json', ...FOLDERS];
    const { stdout } = await run(process.execPath, args, { cwd: folder, maxBuffer: 1 << 26 });
    return outputSchema
      .parse(JSON.parse(stdout))
      .summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('dependency rules', () => {
  let found: { rule: string; from: string }[];
  beforeAll(async () => {
    found = await cruise({ ...GROUND, ...Object.assign({}, ...PROBES.map(({ files }) => files)) });
  });

  test('allow what the design allows', async () => {
    expect(await cruise(GROUND)).toEqual([]);
  });

  test.each(PROBES)('$rule refuses the import of $from', ({ rule, from }) => {
    expect(found).toContainEqual({ rule, from });
  });

  test('are all errors and all probed', () => {
    expect(config.forbidden.filter(({ severity }) => severity !== 'error')).toEqual([]);
    expect(new Set(PROBES.map(({ rule }) => rule))).toEqual(new Set(config.forbidden.map(({ name }) => name)));
  });
});

describe('the core takes clock, ids and randomness as arguments', () => {
  const impure = [
    'Date.now()',
    'new Date()',
    'Math.random()',
    'crypto.randomUUID()',
    'performance.now()',
    'process.env',
  ];
  let folder: string;
  let report: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'countersign-lint-'));
    const file = path.join(folder, 'server/domain/probe.ts');
    await mkdir(path.dirname(file), { recursive: true });
    await mkdir(path.join(folder, 'scripts'), { recursive: true });
    await cp(path.resolve('scripts/lint'), path.join(folder, 'scripts/lint'), { recursive: true });
    for (const name of ['biome.json', '.gitignore']) await cp(path.resolve(name), path.join(folder, name));
    const lines = impure.map((expression, index) => `export const probe${index} = ${expression};`);
    await writeFile(file, `${lines.join('\n')}\nexport const allowed = new Date(0);\n`);
    const biome = path.resolve('node_modules/@biomejs/biome/bin/biome');
    const refused = await run(process.execPath, [biome, 'lint', '--reporter=json', 'server'], { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    );
    report = refused.stdout;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('the linter refuses each way round that', () => {
    const message = 'The core takes the clock, ids and randomness as arguments.';
    expect(report.split(message).length - 1).toBe(impure.length);
  });
});
