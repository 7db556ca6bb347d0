// A suite that is ended in the middle takes its processes with it.
const running = new Map<number, NodeJS.Signals>();

process.once('exit', () => {
  for (const [pid, signal] of running) {
    try {
      process.kill(pid, signal);
    } catch {
      // It is gone already.
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
