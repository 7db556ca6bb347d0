// The stages of `npm test`, in order. A tool stage counts as one test; a vitest stage counts the tests it ran.
import path from 'node:path';
import { repoRoot } from '../lib/repo.mjs';

const tool = (file) => path.join(repoRoot, 'node_modules', file);
const BIOME = tool('@biomejs/biome/bin/biome');
const NEXT = tool('next/dist/bin/next');
const TSC = tool('typescript/bin/tsc');
const CRUISER = tool('dependency-cruiser/bin/dependency-cruise.mjs');

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {string[][]} [commands] arguments of node, run one after the other
 * @property {string[]} [projects] vitest projects
 * @property {boolean} [coverage]
 * @property {boolean} [browser] needs Chromium and a built stack
 */

/** @returns {Stage[]} */
export function stagesOf({ coverage }) {
  const suites = ['unit', 'integration', 'replay'];
  return [
    { name: 'format', commands: [[BIOME, 'format']] },
    { name: 'lint', commands: [[BIOME, 'check', '--formatter-enabled=false', '--error-on-warnings']] },
    // Next writes the types of its routes first: without them a fresh clone does not compile.
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
    // Coverage is of all three together, so they are one run.
    ...(coverage
      ? [{ name: 'coverage', projects: suites, coverage: true }]
      : suites.map((name) => ({ name, projects: [name] }))),
    { name: 'model', projects: ['model'] },
    { name: 'system', projects: ['system'] },
    { name: 'e2e', projects: ['e2e'], browser: true },
  ];
}
