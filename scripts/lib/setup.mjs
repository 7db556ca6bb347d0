// What must be there before anything runs: dependencies, the Prisma client, the bundles and the web build. Each step
// is skipped when its inputs have not changed. Node built-ins only: this runs before `npm ci`.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { repoRoot } from './repo.mjs';
import { hashInputs, isStamped, writeStamp } from './stamp.mjs';

/**
 * @typedef {object} Progress
 * @property {(what: string) => (outcome?: string) => void} step announces a step; the returned function ends it
 */

const COMMON_INPUTS = ['package-lock.json', 'tsconfig.json', 'prisma/schema.prisma'];
export const BUNDLE_INPUTS = [...COMMON_INPUTS, 'cli', 'server', 'workers', 'scripts/lib/bundle.mjs'];
export const WEB_INPUTS = [
  ...COMMON_INPUTS,
  'app',
  'components',
  'server',
  'public',
  'next.config.ts',
  'proxy.ts',
  'instrumentation.ts',
  'postcss.config.mjs',
];

/** Everything that the command line needs. @param {Progress} progress */
export const ensureCli = (progress) => ensure([dependencies, client, bundles], progress);

/** The production build of the console; dependencies and client must be there. @param {Progress} progress */
export const ensureWeb = (progress) => ensure([web], progress);

/** Everything that the checks need. @param {Progress} progress */
export const ensureCheckable = (progress) => ensure([dependencies, client], progress);

/**
 * Makes what is missing or stale. Two commands started together wait for each other only then: they would otherwise
 * install and build over one another.
 * @param {{ what: string, isCurrent: () => boolean, make: () => Promise<void> }[]} steps
 */
async function ensure(steps, progress) {
  if (steps.every((step) => step.isCurrent())) return;
  const onWait = (pid) => console.error(`waiting for process ${pid}, which is installing or building here`);
  await withLock(
    path.join(repoRoot, '.cache/setup.lock'),
    async () => {
      for (const step of steps.filter((candidate) => !candidate.isCurrent())) {
        const done = progress.step(step.what);
        await step.make();
        done();
      }
    },
    onWait,
  );
}

/**
 * Makes an output and notes which inputs it was made from. The old note goes first: an attempt that fails half-way
 * must not pass for what was there before.
 */
async function stamped(stamp, hash, make) {
  rmSync(path.join(repoRoot, stamp), { force: true });
  await make();
  writeStamp(stamp, hash);
}

const dependencies = {
  what: 'installing dependencies (npm ci)',
  isCurrent: dependenciesCurrent,
  make: installDependencies,
};

const CLIENT_STAMP = '.cache/prisma-client.stamp';
const clientHash = () => hashInputs(['prisma/schema.prisma', 'prisma.config.ts'], [installedVersion('prisma')]);
const client = {
  what: 'generating the database client',
  isCurrent: () =>
    existsSync(path.join(repoRoot, 'server/adapters/postgres/generated/client.ts')) &&
    isStamped(CLIENT_STAMP, clientHash()),
  make: () =>
    stamped(CLIENT_STAMP, clientHash(), async () => {
      const { generateClient } = await import('./prisma.mjs');
      await generateClient();
    }),
};

const BUNDLE_STAMP = 'dist/.stamp';
const bundles = {
  what: 'bundling the worker, the simulator and the command line',
  isCurrent: () => isStamped(BUNDLE_STAMP, hashInputs(BUNDLE_INPUTS)),
  make: () =>
    stamped(BUNDLE_STAMP, hashInputs(BUNDLE_INPUTS), async () => {
      const { bundle } = await import('./bundle.mjs');
      await bundle();
    }),
};

/** Name of the folder of the web build; another one lets a second build live beside the first. */
export const webDir = process.env.NEXT_DIST_DIR || '.next';
const WEB_STAMP = `${webDir}/countersign.stamp`;
const webHash = () => hashInputs(WEB_INPUTS, [installedVersion('next')]);
const web = {
  what: 'building the console (next build)',
  isCurrent: () => existsSync(path.join(repoRoot, webDir, 'BUILD_ID')) && isStamped(WEB_STAMP, webHash()),
  make: () =>
    stamped(WEB_STAMP, webHash(), () => {
      const next = path.join(repoRoot, 'node_modules/next/dist/bin/next');
      const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' };
      return runTool([process.execPath, next], ['build'], env);
    }),
};

/** Is every package that the lock file names installed in that version? (What is optional may be for other machines.) */
export function dependenciesCurrent() {
  const wanted = readLock('package-lock.json');
  const installed = readLock('node_modules/.package-lock.json');
  if (wanted === null || installed === null) return false;
  return Object.entries(wanted).every(([name, { version, optional, devOptional, dev, link }]) => {
    if (name === '' || link) return true;
    const found = installed[name];
    if (found) return found.version === version;
    return Boolean(optional || devOptional || (dev && process.env.NODE_ENV === 'production'));
  });
}

function readLock(file) {
  try {
    return JSON.parse(readFileSync(path.join(repoRoot, file), 'utf8')).packages;
  } catch {
    return null;
  }
}

async function installDependencies() {
  // npm of Node 20 runs Prisma's install script, which would download an engine that is not used.
  const engine = path.join(repoRoot, 'scripts/prisma-engine/schema-engine.mjs');
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: engine, PRISMA_SKIP_POSTINSTALL_GENERATE: '1' };
  // Tests and the type checker are development dependencies; a production setting must not leave out the build's.
  await runTool(npmCommand(), ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], env);
}

// npm's own script run by this very Node: `npm` on the path may be a shell shim or missing (in an npx child it is not).
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js') && !script.endsWith('npx-cli.js')) return [process.execPath, script];
  const beside = path.join(path.dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  if (existsSync(beside)) return [process.execPath, beside];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

function installedVersion(name) {
  return JSON.parse(readFileSync(path.join(repoRoot, 'node_modules', name, 'package.json'), 'utf8')).version;
}

/** Runs a tool silently; its output is part of the error when it fails. */
function runTool([program, ...first], args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...first, ...args], { cwd: repoRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-20_000);
      });
    }
    const stop = () => child.kill('SIGTERM');
    process.once('exit', stop);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('exit', stop);
      if (code === 0) resolve();
      else
        reject(
          new Error(`${path.basename(first[0] ?? program)} ${args[0]} failed (${code ?? signal}):\n${output.trim()}`),
        );
    });
  });
}
