// Questions about processes and ports to the operating system.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { codeOf } from './errors';

/** Whether a process with this id runs, under any owner. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

// A killed process whose parent has not collected it still has an id, but runs nothing.
function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The command line of a process, or '' when it is gone or cannot be read. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return ask(['-o', 'command=', '-p', String(pid)]);
  }
}

function ask(args: string[]): string {
  try {
    return execFileSync('ps', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}

/**
 * When the process started, as the operating system states it, or '' when it is gone. Start time and id together name one
 * process for ever, while an id alone is used again.
 */
export function startedAt(pid: number): string {
  try {
    // The name in parentheses may hold spaces; the start time is the 20th field after it.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? '';
  } catch {
    return ask(['-o', 'lstart=', '-p', String(pid)]);
  }
}

/** Waits until the process is gone. @returns false when it is still there after `timeoutMs` */
async function waitForExit(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    if (Date.now() >= deadline) return false;
    await delay(50);
  }
  return true;
}

interface StopOptions {
  readonly signal?: NodeJS.Signals;
  readonly lastSignal?: NodeJS.Signals;
  readonly graceMs?: number;
}

/** Sends `signal`, and `lastSignal` when the process is still there after `graceMs`. */
export async function stopPid(pid: number, options: StopOptions = {}): Promise<void> {
  const { signal = 'SIGTERM', lastSignal = 'SIGKILL', graceMs = 10_000 } = options;
  sendSignal(pid, signal);
  if (await waitForExit(pid, graceMs)) return;
  sendSignal(pid, lastSignal);
  await waitForExit(pid, 5_000);
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/** Whether this address can be listened on now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port that is free at this moment. */
export function findFreePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen({ port: 0, host }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
