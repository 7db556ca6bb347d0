// A lock between processes on one machine: a file that holds its owner's process id. A dead owner's lock is taken over.
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from './errors';
import { delay, isAlive, startedAt } from './processes';

interface Lock {
  release(): void;
}

/** Takes the lock at once, or names the process that holds it. */
export function tryLock(file: string): Lock | { heldBy: number } {
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
        if (codeOf(error) !== 'EEXIST') throw error;
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

function liveHolder(file: string): number | null {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8'));
    return isAlive(holder.pid) && startedAt(holder.pid) === holder.startedAt ? holder.pid : null;
  } catch {
    return null;
  }
}

/**
 * Runs `work` while holding the lock, after waiting for another process to finish its own.
 * @param onWait called once with the process that we wait for
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  onWait: (pid: number) => void = () => {},
): Promise<T> {
  let announced = false;
  for (;;) {
    const lock = tryLock(file);
    if ('release' in lock) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (!announced) onWait(lock.heldBy);
    announced = true;
    await delay(200);
  }
}
