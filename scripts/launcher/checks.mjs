// What would make a start fail later, said at once and in one line that names the setting to change.
import { accessSync, constants, existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isPortFree } from '../lib/processes.mjs';
import { repoRoot } from '../lib/repo.mjs';
import { SetupError } from './settings.mjs';

const MEGABYTE = 1024 * 1024;
/** A fresh database cluster and its first logs. */
const DATA_NEEDS_MB = 200;
/** Dependencies, the web build and its cache. */
const INSTALL_NEEDS_MB = 1_500;

/** @param {string} dataDir */
export function checkFolders(dataDir) {
  try {
    makeFolder(dataDir);
    const probe = path.join(dataDir, `.write-test-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    if (error.code === 'ENOSPC') throw noSpace(dataDir, 'set DATA_DIR to a folder on another disk');
    throw new SetupError(`Cannot write to ${dataDir} (${error.code}): set DATA_DIR to a folder that you can write to.`);
  }
  requireSpace(dataDir, DATA_NEEDS_MB, 'set DATA_DIR to a folder on another disk');
  const fresh = !existsSync(path.join(repoRoot, 'node_modules')) || !existsSync(path.join(repoRoot, '.next'));
  if (!fresh) return;
  try {
    accessSync(repoRoot, constants.W_OK);
  } catch {
    throw new SetupError(
      `Cannot write to ${repoRoot}, where dependencies and builds go: clone into a folder of yours.`,
    );
  }
  requireSpace(repoRoot, INSTALL_NEEDS_MB, 'free some, or clone to another disk');
}

// One level at a time: Node's recursive mkdir never returns where the file system refuses with ENOENT (/proc does).
function makeFolder(folder) {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  mkdirSync(folder);
}

function requireSpace(folder, megabytes, remedy) {
  const { bavail, bsize } = statfsSync(folder);
  const free = Math.floor((bavail * bsize) / MEGABYTE);
  if (free < megabytes) throw noSpace(folder, remedy, `${free} MB are free, ${megabytes} MB are needed`);
}

function noSpace(folder, remedy, detail = 'the disk is full') {
  return new SetupError(`Not enough disk space at ${folder} (${detail}): ${remedy}.`);
}

/** @param {import('./settings.mjs').Settings} settings */
export async function checkPorts({ port, host, simulatorPort, simulated }) {
  await requirePort('PORT', port, host);
  if (simulated) await requirePort('SIMULATOR_PORT', simulatorPort, '127.0.0.1');
}

async function requirePort(name, port, host) {
  const refusal = await isPortFree(port, host);
  if (!refusal) throw portTaken(name, port);
}

export function portTaken(name, port) {
  const example = name === 'PORT' ? 'PORT=3001 npm start' : `${name}=${port + 1} npm start`;
  return new SetupError(`Port ${port} is taken by another program: set ${name} to a free one, for example ${example}`);
}
