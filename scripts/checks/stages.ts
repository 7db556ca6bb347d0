// The stages of `npm test`, in order. A tool stage counts as one test; a vitest stage counts the tests it ran.
import path from 'node:path';
import { repoRoot } from '../lib/repo';

export interface Stage {
  readonly name: string;
  /** Arguments of node, run one after the other. */
  readonly commands?: readonly (readonly string[])[];
  /** Projects of vitest.config.ts. */
  readonly projects?: readonly string[];
  /** Part of each file's name; without any every file of the projects runs. */
  readonly files?: readonly string[];
  readonly coverage?: boolean;
  /** Whether it needs Chromium and a built stack. */
  readonly browser?: boolean;
  /** Whether only `npm test -- --all` (CI) and `--only` run it: it takes minutes. */
  readonly long?: boolean;
}

const tool = (file: string) => path.join(repoRoot, 'node_modules', file);
const BIOME = tool('@biomejs/biome/bin/biome');
const NEXT = tool('next/dist/bin/next');
const TSC = tool('typescript/bin/tsc');
const CRUISER = tool('dependency-cruiser/bin/dependency-cruise.mjs');

/** Their coverage counts together, so with `--coverage` they are one run. */
const COVERED = ['unit', 'component', 'integration', 'replay'];
/** A first sign-in, a trade through review and the kill switch. */
const MAIN_FLOWS = ['e2e/specs/countersign.e2e.ts'];

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
    { name: 'model', projects: ['model'], long: true },
    { name: 'system', projects: ['system'], long: true },
    { name: 'browser', projects: ['e2e'], files: MAIN_FLOWS, browser: true },
    { name: 'e2e', projects: ['e2e'], browser: true, long: true },
  ];
}
