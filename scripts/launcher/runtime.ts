// .data/runtime.json: what is running now. The next start stops what a killed one left, and the command line finds the database
// by it. It holds secrets: only its owner may read it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { commandLine, isAlive, startedAt, stopPid } from '../lib/processes';
import { writePrivate } from './secrets';
import { guardOf, type Supervised } from './supervisor';

interface Runtime {
  readonly env?: Readonly<Record<string, string>>;
  readonly children?: readonly { readonly name: string; readonly pid: number; readonly startedAt: string }[];
}

type Child = Pick<Supervised, 'name' | 'pid'>;

const fileOf = (dataDir: string) => path.join(dataDir, 'runtime.json');

/** Empty when nothing has run on this data folder. */
export function readRuntime(dataDir: string): Runtime {
  try {
    return JSON.parse(readFileSync(fileOf(dataDir), 'utf8'));
  } catch {
    return {};
  }
}

export function writeRuntime(
  dataDir: string,
  env: Readonly<Record<string, string | undefined>>,
  children: readonly Child[],
): void {
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
export async function stopOrphans(dataDir: string, notice: (line: string) => void): Promise<void> {
  const { children = [] } = readRuntime(dataDir);
  const guard = guardOf(dataDir);
  const isOurs = ({ pid, startedAt: recorded }: { pid: number; startedAt: string }) =>
    isAlive(pid) && startedAt(pid) === recorded && commandLine(pid).split(' ').includes(guard);
  const orphans = children.filter(isOurs);
  for (const { name, pid } of orphans) {
    notice(`stopping the ${name} (process ${pid}) that an earlier start left running`);
    await stopPid(pid);
  }
}
