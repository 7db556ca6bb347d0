// The stages of `npm test`, in order. A tool stage counts as one test; the others count the tests they ran.
import path from 'node:path';
import { repoRoot } from '../lib/repo';

export interface Stage {
  readonly name: string;
  /** Arguments of node, run one after the other. */
  readonly commands?: readonly (readonly string[])[];
  /** Projects of vitest.config.ts. */
  readonly projects?: readonly string[];
  readonly coverage?: boolean;
  /** Browser tests, run by Playwright: every one, or those with a tag. They need Chromium and a built stack. */
  readonly browser?: 'all' | `@${string}`;
  /** Who runs it beside `--only`: `all` is `npm test -- --all` (CI), `verify` is `npm run verify`. Absent: every `npm test`. */
  readonly long?: 'all' | 'verify';
}

const tool = (file: string) => path.join(repoRoot, 'node_modules', file);
const BIOME = tool('@biomejs/biome/bin/biome');
const NEXT = tool('next/dist/bin/next');
const TSC = tool('typescript/bin/tsc');
const CRUISER = tool('dependency-cruiser/bin/dependency-cruise.mjs');

/** Their coverage counts together, so with `--coverage` they are one run. */
const COVERED = ['unit', 'component', 'integration', 'replay'];
/** Every stage there is, with `long` ones marked. */
export function stagesOf({ coverage }: { coverage: boolean }): Stage[] {
  const tests: Stage[] = coverage
    ? [{ name: 'coverage', projects: COVERED, coverage: true }]
    : COVERED.map((name) => ({ name, projects: [name] }));
  return [
    { name: 'format', commands: [[BIOME, 'format']] },
    { name: 'lint', commands: [[BIOME, 'check', '--formatter-enabled=false', '--error-on-warnings']] },
    // Next generates the types of its routes first: without them a fresh clone does not compile.
    {
      name: 'types',
      commands: [
        [NEXT, 'typegen'],
        [TSC, '--noEmit'],
      ],
    },
    {
      name: 'architecture',
      commands: [[CRUISER, '--config', '.dependency-cruiser.cjs', 'app', 'cli', 'components', 'server', 'workers']],
      projects: ['architecture'],
    },
    ...tests,
    { name: 'model', projects: ['model'], long: 'all' },
    { name: 'mutants', projects: ['mutants'], long: 'verify' },
    { name: 'system', projects: ['system'], long: 'all' },
    // The main flows: start and sign in, a trade from approval to fill, kill and release.
    { name: 'browser', browser: '@main' },
    { name: 'e2e', browser: 'all', long: 'all' },
  ];
}
