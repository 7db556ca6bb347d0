// A suite that is ended in the middle takes its processes with it, and what it has laid down.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const running = new Map<number, NodeJS.Signals>();
const undone = new Set<() => void>();

process.once('exit', () => {
  for (const [pid, signal] of running) {
    try {
      process.kill(pid, signal);
    } catch {
      // It is gone already.
    }
  }
  for (const undo of [...undone].reverse()) {
    try {
      undo();
    } catch {
      // What cannot be cleared away stays in the temporary folder.
    }
  }
});
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => process.exit(130));

/** From now on `pid` is ended with this process. */
export function endWithMe(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  // 0 would be everybody: it stands for a process that never was.
  if (pid <= 0) throw new Error('the process did not start');
  running.set(pid, signal);
}

/** It has ended: its id may soon be another's. */
export function hasEnded(pid: number): void {
  running.delete(pid);
}

/** To be undone with this process, unless it is done before. @returns does it now */
export function undoWithMe(undo: () => void): () => void {
  undone.add(undo);
  return () => {
    if (undone.delete(undo)) undo();
  };
}

export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

export function temporaryFolder(what: string): TemporaryFolder {
  const folder = mkdtempSync(path.join(tmpdir(), `countersign-${what}-`));
  return { path: folder, remove: undoWithMe(() => rmSync(folder, { recursive: true, force: true })) };
}
