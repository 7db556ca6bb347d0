// Processes and ports: small questions that the launcher and the tests ask of the operating system.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';

/** Is a process with this id there (whoever owns it)? */
export function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// A killed process whose parent has not collected it still has an id, but runs nothing.
function isZombie(pid) {
  try {
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The command line of a process, or '' when it is gone or cannot be read. */
export function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return ask(['-o', 'command=', '-p', String(pid)]);
  }
}

function ask(args) {
  try {
    return execFileSync('ps', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}

/**
 * When the process started, in the system's own words: with its id this names one process for ever, while an id alone
 * is used again. '' when it is gone.
 */
export function startedAt(pid) {
  try {
    // The name in parentheses may hold spaces; the start time is the 20th field after it.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[19];
  } catch {
    return ask(['-o', 'lstart=', '-p', String(pid)]);
  }
}

/** Waits until the process is gone. @returns {Promise<boolean>} false when it is still there after `timeoutMs` */
export async function waitForExit(pid, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    if (Date.now() >= deadline) return false;
    await delay(50);
  }
  return true;
}

/** Sends `signal`, and `lastSignal` when the process is still there after `graceMs`. */
export async function stopPid(pid, { signal = 'SIGTERM', lastSignal = 'SIGKILL', graceMs = 10_000 } = {}) {
  sendSignal(pid, signal);
  if (await waitForExit(pid, graceMs)) return;
  sendSignal(pid, lastSignal);
  await waitForExit(pid, 5_000);
}

function sendSignal(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Can this address be listened on now? */
export function isPortFree(port, host = '127.0.0.1') {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port that is free at this moment. */
export function findFreePort(host = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen({ port: 0, host }, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export function delay(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
