#!/usr/bin/env node
// `node scripts/bootstrap.mjs NAME …` runs scripts/NAME.ts, from a bare clone if need be: it installs the dependencies, bundles
// the script and imports the bundle into this process, so that no compiler stays in memory. The one script in plain JavaScript,
// with Node's built-ins only, as it runs before there is anything else.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const MIN_NODE = '20.19.0';
const INSTALL_NEEDS_MB = 1_500;
const LOCK = path.join(root, '.cache/install.lock');

/** Runs a script in this process, with the arguments that follow its name. */
export async function runScript(name) {
  if (!isAtLeast(process.versions.node, MIN_NODE))
    fail(`Node ${MIN_NODE} or newer is needed; this is ${process.versions.node}.`);
  if (!dependenciesCurrent()) await install();
  await import(pathToFileURL(await bundled(name)).href);
}

function isAtLeast(version, least) {
  const [have, want] = [version, least].map((text) => text.split('.').map(Number));
  const index = want.findIndex((part, at) => part !== have[at]);
  return index === -1 || have[index] > want[index];
}

/** Whether every package of the lock file is installed in that version. Optional ones may be for other machines. */
function dependenciesCurrent() {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  if (wanted === null || installed === null) return false;
  return Object.entries(wanted).every(([name, { version, optional, devOptional, dev, link }]) => {
    if (name === '' || link) return true;
    if (installed[name]) return installed[name].version === version;
    return Boolean(optional || devOptional || (dev && process.env.NODE_ENV === 'production'));
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(fs.readFileSync(path.join(root, file), 'utf8')).packages;
  } catch {
    return null;
  }
}

/** Two commands started together in a bare clone must not install over one another. */
async function install() {
  try {
    fs.mkdirSync(path.dirname(LOCK), { recursive: true });
  } catch (error) {
    fail(`Cannot write to ${root} (${error.code}), where dependencies and builds go: clone into a folder of yours.`);
  }
  while (!tryLock()) await new Promise((resolve) => setTimeout(resolve, 300));
  try {
    if (!dependenciesCurrent()) npmCi();
  } finally {
    fs.rmSync(LOCK, { force: true });
  }
}

let announced = false;

function tryLock() {
  try {
    fs.writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = Number(fs.readFileSync(LOCK, { encoding: 'utf8', flag: 'a+' }));
  if (holder > 0 && !isRunning(holder)) fs.rmSync(LOCK, { force: true });
  else if (!announced)
    console.error(`waiting for process ${holder}, which is installing here (if it is not, delete ${LOCK})`);
  announced = true;
  return false;
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function npmCi() {
  const { bavail, bsize } = fs.statfsSync(root);
  const freeMb = Math.floor((bavail * bsize) / 1024 / 1024);
  if (freeMb < INSTALL_NEEDS_MB)
    fail(
      `Not enough disk space at ${root} (${freeMb} MB are free, ${INSTALL_NEEDS_MB} MB are needed): free some, or clone to another disk.`,
    );
  // On stderr: the output of a command line program may be read by another program.
  console.error('  installing dependencies (npm ci) …');
  const started = performance.now();
  // npm of Node 20 runs Prisma's install script, which would download an engine that is not used.
  const engine = path.join(root, 'scripts/prisma-engine/schema-engine.mjs');
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: engine, PRISMA_SKIP_POSTINSTALL_GENERATE: '1' };
  const [program, ...first] = npmCommand();
  // Builds and checks need development dependencies, whatever NODE_ENV says.
  const args = [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, { cwd: root, env, encoding: 'utf8' });
  if (status !== 0)
    fail(`npm ci failed (${error?.message ?? status ?? signal}):\n${stdout ?? ''}${stderr ?? ''}`.trim());
  console.error(`  installing dependencies (npm ci): done (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}

/** npm's own script, run by this very Node: `npm` on the path may be a shell shim or missing (under npx it is). */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js') && !script.endsWith('npx-cli.js')) return [process.execPath, script];
  const beside = path.join(path.dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  if (fs.existsSync(beside)) return [process.execPath, beside];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

/** The script as one file, named after the content of all scripts: made once, and never replaced while a process reads it. */
async function bundled(name) {
  const entry = fs.existsSync(path.join(root, `scripts/${name}.ts`)) ? `scripts/${name}.ts` : `${name}.ts`;
  const hash = createHash('sha256').update(fs.readFileSync(path.join(root, 'package-lock.json')));
  for (const file of [...new Set([entry, ...sources()])].sort())
    hash.update(`${file}\0`).update(fs.readFileSync(path.join(root, file)));
  const base = path.basename(name);
  const file = path.join(root, '.cache/scripts', `${base}-${hash.digest('hex').slice(0, 16)}.mjs`);
  if (fs.existsSync(file)) return file;
  const folder = path.dirname(file);
  fs.mkdirSync(folder, { recursive: true });
  const half = `${file}.${process.pid}`;
  // Unlike `build`, `buildSync` leaves no process behind.
  const { buildSync } = await import('esbuild');
  buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: half,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  fs.renameSync(half, file);
  for (const other of fs.readdirSync(folder)) {
    const old = path.join(folder, other);
    if (other.startsWith(`${base}-`) && old !== file) fs.rmSync(old, { force: true });
  }
  return file;
}

function sources() {
  return fs
    .readdirSync(path.join(root, 'scripts'), { recursive: true })
    .map((file) => `scripts/${String(file).replaceAll(path.sep, '/')}`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
}

function fail(message) {
  console.error(`✖ ${message}`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name] = process.argv.splice(2, 1);
  if (name === undefined) fail('usage: node scripts/bootstrap.mjs NAME [ARGUMENTS]');
  await runScript(name);
}
