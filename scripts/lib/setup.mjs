// What must be there before anything runs: dependencies, the Prisma client, the bundles and the web build. Each step
// is skipped when its inputs have not changed. Node built-ins only: this runs before `npm ci`.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { repoRoot } from './repo.mjs';
import { hashInputs, isStamped, writeStamp } from './stamp.mjs';

/**
 * @typedef {object} Progress
 * @property {(what: string) => (outcome?: string) => void} step announces a step; the returned function ends it
 */

const CLIENT_DIR = 'server/adapters/postgres/generated';
const CLIENT_STAMP = '.cache/prisma-client.stamp';
const BUNDLE_STAMP = 'dist/.stamp';
const COMMON_INPUTS = ['package-lock.json', 'tsconfig.json', 'prisma/schema.prisma'];
const BUNDLE_INPUTS = [...COMMON_INPUTS, 'cli', 'server', 'workers', 'scripts/lib/bundle.mjs'];
const WEB_INPUTS = [...COMMON_INPUTS, 'app', 'components', 'server', 'public', 'next.config.ts', 'postcss.config.mjs'];

/** Everything that the command line needs. @param {Progress} progress */
export function ensureCli(progress) {
  return exclusively(async () => {
    await ensureDependencies(progress);
    await ensureClient(progress);
    await ensureBundles(progress);
  });
}

/** The production build of the console; dependencies and client must be there. @param {Progress} progress */
export function ensureWeb(progress) {
  return exclusively(() => buildWeb(progress));
}

/** Everything that the checks need. @param {Progress} progress */
export function ensureCheckable(progress) {
  return exclusively(async () => {
    await ensureDependencies(progress);
    await ensureClient(progress);
  });
}

// Two commands started together would otherwise install and build over each other.
function exclusively(work) {
  return withLock(path.join(repoRoot, '.cache/setup.lock'), work, (pid) =>
    console.error(`waiting for process ${pid}, which is installing or building here`),
  );
}

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

async function ensureDependencies(progress) {
  if (dependenciesCurrent()) return;
  const done = progress.step('installing dependencies (npm ci)');
  // npm of Node 20 runs Prisma's install script, which would download an engine that is not used.
  const engine = path.join(repoRoot, 'scripts/prisma-engine/schema-engine.mjs');
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: engine, PRISMA_SKIP_POSTINSTALL_GENERATE: '1' };
  // Tests and the type checker are development dependencies; a production setting must not leave out the build's.
  await runTool(npmCommand(), ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], env);
  done();
}

// npm's own script run by this very Node: `npm` on the path may be a shell shim or missing (in an npx child it is not).
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js') && !script.endsWith('npx-cli.js')) return [process.execPath, script];
  const beside = path.join(path.dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  if (existsSync(beside)) return [process.execPath, beside];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

async function ensureClient(progress) {
  const hash = hashInputs(['prisma/schema.prisma', 'prisma.config.ts'], [installedVersion('prisma')]);
  if (isStamped(CLIENT_STAMP, hash) && existsSync(path.join(repoRoot, CLIENT_DIR, 'client.ts'))) return;
  const done = progress.step('generating the database client');
  const { generateClient } = await import('./prisma.mjs');
  await generateClient();
  writeStamp(CLIENT_STAMP, hash);
  done();
}

async function ensureBundles(progress) {
  const hash = hashInputs(BUNDLE_INPUTS);
  if (isStamped(BUNDLE_STAMP, hash)) return;
  const done = progress.step('bundling the worker, the simulator and the command line');
  const { bundle } = await import('./bundle.mjs');
  await bundle();
  writeStamp(BUNDLE_STAMP, hash);
  done();
}

/** Name of the folder of the web build; another one lets a second build live beside the first. */
export const webDir = process.env.NEXT_DIST_DIR || '.next';

async function buildWeb(progress) {
  const hash = hashInputs(WEB_INPUTS, [installedVersion('next')]);
  const stamp = `${webDir}/countersign.stamp`;
  if (isStamped(stamp, hash) && existsSync(path.join(repoRoot, webDir, 'BUILD_ID'))) return;
  const done = progress.step('building the console (next build)');
  const next = path.join(repoRoot, 'node_modules/next/dist/bin/next');
  await runTool([process.execPath, next], ['build'], {
    ...process.env,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
  });
  writeStamp(stamp, hash);
  done();
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
