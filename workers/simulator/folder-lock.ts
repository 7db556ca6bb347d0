import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folder belongs to another simulator that is running. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const finish = (alive: boolean): void => {
      socket.destroy();
      resolve(alive);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

/** Unix socket paths hold 107 bytes at most. */
const MAX_SOCKET_PATH = 100;

/** Where the folder's socket is: in the folder, or named after it where that is too deep for a socket or not possible. */
function socketPath(folder: string): string {
  const real = realpathSync(folder);
  const inside = join(real, 'lock.sock');
  const name = `countersign-simulator-${createHash('sha256').update(real).digest('hex').slice(0, 16)}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return Buffer.byteLength(inside) <= MAX_SOCKET_PATH ? inside : join(tmpdir(), `${name}.sock`);
}

/**
 * Claims a folder for this process by listening on a socket named after it: unlike a file with a process id in it, the
 * claim ends with the process however it dies. Returns what gives it up. @throws FolderInUseError
 */
export async function lockFolder(folder: string): Promise<() => void> {
  const path = socketPath(folder);
  if (await answers(path))
    throw new FolderInUseError(`${folder} is in use by another simulator; set DATA_DIR to another folder`);
  rmSync(path, { force: true });
  const server = await new Promise<Server>((resolve, reject) => {
    const listening = createServer((socket) => socket.destroy());
    listening.once('error', reject);
    listening.listen(path, () => resolve(listening));
  });
  server.unref();
  return () => server.close();
}
