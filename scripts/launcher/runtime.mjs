// .data/runtime.json: what is running now, for the next start (which stops what a killed one left) and for the command
// line (which finds the database by it). It holds secrets: its owner alone may read it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { commandLine, isAlive, startedAt, stopPid } from '../lib/processes.mjs';
import { writePrivate } from './secrets.mjs';
import { guardOf } from './supervisor.mjs';

const fileOf = (dataDir) => path.join(dataDir, 'runtime.json');

/**
 * @param {string} dataDir
 * @returns {{ env?: Record<string, string>, children?: { name: string, pid: number, startedAt: string }[] }}
 */
export function readRuntime(dataDir) {
  try {
    return JSON.parse(readFileSync(fileOf(dataDir), 'utf8'));
  } catch {
    return {};
  }
}

export function writeRuntime(dataDir, env, children) {
  const running = children.flatMap((child) => {
    const pid = child.pid();
    return pid === undefined ? [] : [{ name: child.name, pid, startedAt: startedAt(pid) }];
  });
  writePrivate(fileOf(dataDir), { env, children: running });
}

/**
 * Stops what a launcher that was killed left running. A process is stopped only when it is proven to be the recorded one, by
 * its start time, and to belong to this very data folder, by its command line.
 */
export async function stopOrphans(dataDir, notice) {
  const { children = [] } = readRuntime(dataDir);
  const guard = guardOf(dataDir);
  const isOurs = ({ pid, startedAt: recorded }) =>
    isAlive(pid) && startedAt(pid) === recorded && commandLine(pid).split(' ').includes(guard);
  const orphans = children.filter(isOurs);
  for (const { name, pid } of orphans) {
    notice(`stopping the ${name} (process ${pid}) that an earlier start left running`);
    await stopPid(pid);
  }
}
