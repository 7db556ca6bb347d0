// What would make a start fail later is reported at once, in one line that names the setting to change.
import { accessSync, constants, existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '../lib/errors';
import { isPortFree } from '../lib/processes';
import { repoRoot } from '../lib/repo';
import { type Settings, SetupError } from './settings';

const MEGABYTE = 1024 * 1024;
/** A fresh database cluster and its first logs. */
const DATA_NEEDS_MB = 200;
/** The web build and its cache. */
const BUILD_NEEDS_MB = 500;

/** @throws SetupError for a folder that cannot be written to, or a full disk */
export function checkFolders(dataDir: string): void {
  try {
    makeFolder(dataDir);
    const probe = path.join(dataDir, `.write-test-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOSPC') throw noSpace(dataDir, 'set DATA_DIR to a folder on another disk');
    throw new SetupError(`Cannot write to ${dataDir} (${code}): set DATA_DIR to a folder that you can write to.`);
  }
  requireSpace(dataDir, DATA_NEEDS_MB, 'set DATA_DIR to a folder on another disk');
  if (existsSync(path.join(repoRoot, '.next'))) return;
  try {
    accessSync(repoRoot, constants.W_OK);
  } catch {
    throw new SetupError(`Cannot write to ${repoRoot}, where builds go: clone into a folder of yours.`);
  }
  requireSpace(repoRoot, BUILD_NEEDS_MB, 'free some, or clone to another disk');
}

// One level at a time: Node's recursive mkdir never returns where the file system refuses with ENOENT (/proc does).
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  mkdirSync(folder);
}

function requireSpace(folder: string, megabytes: number, remedy: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = Math.floor((bavail * bsize) / MEGABYTE);
  if (free < megabytes) throw noSpace(folder, remedy, `${free} MB are free, ${megabytes} MB are needed`);
}

function noSpace(folder: string, remedy: string, detail = 'the disk is full'): SetupError {
  return new SetupError(`Not enough disk space at ${folder} (${detail}): ${remedy}.`);
}

/** @throws SetupError for a port that another program listens on */
export async function checkPorts(settings: Settings): Promise<void> {
  const { port, host, simulatorPort, simulated, gatewayPort, gatewayHost } = settings;
  await requirePort('PORT', port, host);
  await requirePort('GATEWAY_PORT', gatewayPort, gatewayHost);
  if (simulated) await requirePort('SIMULATOR_PORT', simulatorPort, '127.0.0.1');
}

async function requirePort(name: string, port: number, host: string): Promise<void> {
  if (!(await isPortFree(port, host))) throw portTaken(name, port);
}

export function portTaken(name: string, port: number): SetupError {
  const example = name === 'PORT' ? 'PORT=3001 npm start' : `${name}=${port + 1} npm start`;
  return new SetupError(`Port ${port} is taken by another program: set ${name} to a free one, for example ${example}`);
}
