// `npm run verify`: what takes longer than `.ci/run`. It prints its plan, runs parts by name, goes on where it was interrupted and
// stores its results, with the commit, in .cache/verify.json.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { writePrivate } from './launcher/secrets';
import { codeVersion, repoRoot } from './lib/repo';
import { bold, dim, fail, green, red, seconds, yellow } from './lib/terminal';

const RESULTS = path.join(repoRoot, '.cache/verify.json');
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';

interface Part {
  readonly name: string;
  readonly what: string;
  /** Expected on two idle cores. */
  readonly minutes: number;
  /** Ended after so long. All limits together stay within three hours. */
  readonly limitMinutes: number;
  /** Programs with their arguments, one after the other. */
  readonly commands: readonly (readonly string[])[];
  readonly env?: Readonly<Record<string, string>>;
  /** Why it cannot run here, or null. */
  readonly missing?: () => string | null;
}

interface Result {
  readonly status: 'passed' | 'failed' | 'unavailable';
  readonly commit: string;
  /** Whether files differed from the commit. */
  readonly changed: boolean;
  readonly seconds: number;
  readonly endedAt: string;
  readonly detail: string;
}

type Results = Record<string, Result>;

const has = (program: string) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
const withoutDocker = () => (has('docker') ? null : 'Docker is not installed');

/** A run of the tests on another Node, taken from npm into .cache. */
function onNode(major: number): Part {
  const folder = path.join(repoRoot, `.cache/node/${major}`);
  const node = path.join(folder, 'node_modules/node/bin/node');
  return {
    name: `node-${major}`,
    what: `npm test on Node ${major}`,
    minutes: 7,
    limitMinutes: 15,
    commands: [
      [NPM, 'install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `node@${major}`],
      [node, 'scripts/bootstrap.mjs', 'test'],
    ],
    // Child processes that are started as `node` must be the same one.
    env: { PATH: `${path.dirname(node)}${path.delimiter}${process.env['PATH'] ?? ''}` },
  };
}

const PARTS: readonly Part[] = [
  {
    name: 'fuzz',
    what: 'every property with its full number of cases, and 5,000 runs of the model',
    minutes: 20,
    limitMinutes: 33,
    commands: [[NPM, 'test', '--', '--only', 'unit,integration,model']],
    env: { FUZZ: 'full', MODEL_RUNS: '5000' },
  },
  {
    name: 'faults',
    what: 'the fault table a second time, and every mutant of it and of the model',
    minutes: 14,
    limitMinutes: 26,
    commands: [
      [NPM, 'run', '--silent', 'test:faults'],
      [NPM, 'run', '--silent', 'test:faults', '--', '--mutants'],
      [NPM, 'test', '--', '--only', 'mutants'],
    ],
  },
  {
    name: 'system',
    what: 'the kill drill with 200 orders at the broker’s rate limit, and five sessions unattended',
    minutes: 8,
    limitMinutes: 12,
    commands: [[NPM, 'test', '--', '--only', 'system', 'drill', 'sessions']],
    env: { COUNTERSIGN_FULL: '1' },
  },
  onNode(22),
  onNode(24),
  {
    name: 'bench',
    what: 'the whole bench',
    minutes: 10,
    limitMinutes: 18,
    commands: [[NPM, 'run', '--silent', 'bench', '--', '--json', '.cache/bench.json']],
  },
  {
    name: 'large-import',
    what: 'a generated CSV file of 2.2 GB, imported within bounded memory, beside DuckDB’s own reader',
    minutes: 8,
    limitMinutes: 20,
    commands: [[process.execPath, 'scripts/bootstrap.mjs', 'large-import', '--json', '.cache/large-import.json']],
  },
  {
    name: 'soak',
    what: 'five symbols live in a browser for 30 minutes',
    minutes: 33,
    limitMinutes: 38,
    commands: [[NPM, 'run', '--silent', 'soak', '--', '--minutes', '30']],
  },
  {
    name: 'images',
    what: 'the container images',
    minutes: 10,
    limitMinutes: 23,
    commands: ['migrate', 'simulator', 'worker', 'web'].map((target) => [
      'docker',
      'build',
      '--file',
      'ops/Dockerfile',
      '--target',
      target,
      '--tag',
      `countersign-${target}:verify`,
      '.',
    ]),
    missing: withoutDocker,
  },
];

const HELP = `npm run verify                    everything below; what passed on this commit is not run again
npm run verify -- bench soak      these parts
npm run verify -- --again         also what passed on this commit
npm run verify -- --plan          prints the plan only

Results: .cache/verify.json. Exit code 1 when a part failed.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    again: { type: 'boolean', default: false },
    plan: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const unknown = positionals.filter((name) => !PARTS.some((part) => part.name === name));
if (unknown.length > 0) fail(`There is no part ${unknown.join(', ')}. ${PARTS.map(({ name }) => name).join(' ')}`, 2);

const commit = codeVersion();
const changed = hasChanges();
const results = readResults();
const asked = positionals.length === 0 ? PARTS : PARTS.filter(({ name }) => positionals.includes(name));
const todo = asked.filter((part) => values.again || !isDone(part));
printPlan();
if (!values.plan) {
  for (const part of todo) await runPart(part);
  const failed = asked.filter(({ name }) => results[name]?.status === 'failed').length;
  console.log(`${asked.filter(isDone).length} of ${asked.length} parts passed at ${commit}, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

function hasChanges(): boolean {
  try {
    return execFileSync('git', ['status', '--porcelain'], { cwd: repoRoot, encoding: 'utf8' }).trim() !== '';
  } catch {
    return true;
  }
}

function readResults(): Results {
  if (!existsSync(RESULTS)) return {};
  const stored: Results = JSON.parse(readFileSync(RESULTS, 'utf8'));
  return stored;
}

/** What was changed since may have broken what passed before. */
function isDone({ name }: Part): boolean {
  const result = results[name];
  return result?.status === 'passed' && result.commit === commit && !result.changed && !changed;
}

function printPlan(): void {
  const minutes = todo.reduce((sum, part) => sum + part.minutes, 0);
  const limit = todo.reduce((sum, part) => sum + part.limitMinutes, 0);
  console.log(bold(`Plan for ${commit}${changed ? ', with changes' : ''}: about ${minutes} minutes, at most ${limit}`));
  for (const part of asked) {
    const missing = part.missing?.() ?? null;
    const remark = todo.includes(part) ? missing : 'passed on this commit';
    console.log(
      `  ${part.name.padEnd(9)} ${String(part.minutes).padStart(3)} min  ${part.what}${remark ? dim(` (${remark})`) : ''}`,
    );
  }
}

async function runPart(part: Part): Promise<void> {
  const begun = performance.now();
  const missing = part.missing?.() ?? null;
  if (missing !== null) {
    store(part, { status: 'unavailable', detail: missing }, begun);
    console.log(`${yellow('○')} ${part.name}: ${missing}`);
    return;
  }
  console.log(`${bold(part.name)} …`);
  const detail = await runCommands(part);
  store(part, { status: detail === '' ? 'passed' : 'failed', detail }, begun);
  const mark = detail === '' ? green('✔') : red('✖');
  console.log(`${mark} ${part.name} ${detail} ${dim(seconds(begun))}`);
}

function store(part: Part, outcome: Pick<Result, 'status' | 'detail'>, begun: number): void {
  results[part.name] = {
    ...outcome,
    commit,
    changed,
    seconds: Math.round((performance.now() - begun) / 1000),
    endedAt: new Date().toISOString(),
  };
  mkdirSync(path.dirname(RESULTS), { recursive: true });
  writePrivate(RESULTS, results);
}

/** @returns why it failed, or '' */
async function runCommands(part: Part): Promise<string> {
  const deadline = Date.now() + part.limitMinutes * 60_000;
  for (const command of part.commands) {
    const fault = await runCommand(command, part.env ?? {}, deadline);
    if (fault !== '') return fault;
  }
  return '';
}

function runCommand(
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  deadline: number,
): Promise<string> {
  return new Promise((resolve) => {
    // In a process group of its own, so that a part that exceeds its limit ends with all its processes.
    const child = spawn(program, args, {
      cwd: repoRoot,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    let overdue = false;
    const end = (signal: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // It has ended already.
      }
    };
    const interrupted = () => {
      end('SIGINT');
      process.exit(130);
    };
    process.once('SIGINT', interrupted);
    const soft = setTimeout(() => {
      overdue = true;
      end('SIGTERM');
    }, deadline - Date.now());
    const hard = setTimeout(() => end('SIGKILL'), deadline - Date.now() + 30_000);
    const done = (fault: string) => {
      clearTimeout(soft);
      clearTimeout(hard);
      process.off('SIGINT', interrupted);
      resolve(fault);
    };
    child.once('error', (error) => done(error.message));
    child.once('close', (code, signal) => {
      if (overdue) done('exceeded its time limit');
      else
        done(code === 0 ? '' : `${path.basename(program)} ${args.slice(0, 3).join(' ')} ended with ${code ?? signal}`);
    });
  });
}
