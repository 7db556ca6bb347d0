// A lock between processes on one machine: a file that holds its owner's process id. A dead owner's lock is taken over.
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { delay, isAlive, startedAt } from './processes.mjs';

/**
 * Takes the lock at once, or says who holds it.
 * @param {string} file
 * @returns {{ release: () => void } | { heldBy: number }}
 */
export function tryLock(file) {
  mkdirSync(path.dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  // The id alone would not do: after a restart of the machine it may belong to another program.
  writeFileSync(mine, JSON.stringify({ pid: process.pid, startedAt: startedAt(process.pid) }));
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        linkSync(mine, file);
        return { release: () => rmSync(file, { force: true }) };
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const holder = liveHolder(file);
      if (holder !== null) return { heldBy: holder };
      rmSync(file, { force: true });
    }
    return { heldBy: 0 };
  } finally {
    rmSync(mine, { force: true });
  }
}

function liveHolder(file) {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8'));
    return isAlive(holder.pid) && startedAt(holder.pid) === holder.startedAt ? holder.pid : null;
  } catch {
    return null;
  }
}

/**
 * Runs `work` while holding the lock, waiting for another process to finish its own.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {(pid: number) => void} [onWait] told once whom we wait for
 * @returns {Promise<T>}
 */
export async function withLock(file, work, onWait = () => {}) {
  let told = false;
  for (;;) {
    const lock = tryLock(file);
    if ('release' in lock) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (!told) onWait(lock.heldBy);
    told = true;
    await delay(200);
  }
}
