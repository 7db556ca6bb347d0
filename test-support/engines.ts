import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePort } from '../scripts/lib/processes';

const FOLDERS = [
  '/usr/sbin',
  '/usr/bin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  ...(process.env['PATH'] ?? '').split(':'),
];
const START_LIMIT_MS = 10_000;

type Program = 'nats-server' | 'redis-server';

/**
 * Whether the program is here. Without it a test that needs it is passed over, saying so; in CI that is an error.
 * @throws Error in CI
 */
export function haveEngine(program: Program): boolean {
  if (find(program) !== null) return true;
  if (process.env['CI'] === 'true') throw new Error(`${program} is needed: install Debian's package ${program}`);
  console.warn(`passed over: ${program} is not installed`);
  return false;
}

function find(program: Program): string | null {
  const isExecutable = (file: string) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return FOLDERS.map((folder) => path.join(folder, program)).find(isExecutable) ?? null;
}

/** A server process of the test's own, on the loopback address, with a folder of its own. Its port stays the same. */
export class Engine {
  private child: ChildProcess | null = null;

  private constructor(
    private readonly program: Program,
    private readonly port: number,
    private readonly folder: string,
  ) {}

  /** Not yet running. */
  static async prepare(program: Program): Promise<Engine> {
    return new Engine(program, await findFreePort(), mkdtempSync(path.join(tmpdir(), `countersign-${program}-`)));
  }

  get url(): string {
    return `${this.program === 'nats-server' ? 'nats' : 'redis'}://127.0.0.1:${this.port}`;
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const file = find(this.program);
    if (file === null) throw new Error(`${this.program} is not installed`);
    const store = path.join(this.folder, 'store');
    mkdirSync(store, { recursive: true });
    const port = String(this.port);
    const args =
      this.program === 'nats-server'
        ? ['-js', '-sd', store, '-a', '127.0.0.1', '-p', port]
        : ['--bind', '127.0.0.1', '--port', port, '--dir', store, '--save', '', '--appendonly', 'no'];
    const child = spawn(file, args, { stdio: 'ignore' });
    this.child = child;
    const endMs = performance.now() + START_LIMIT_MS;
    while (!(await accepts(this.port))) {
      if (performance.now() > endMs || child.exitCode !== null) throw new Error(`${this.program} did not start`);
      await new Promise((wake) => setTimeout(wake, 20));
    }
  }

  /** Ends it with the signal and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.child;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('close', done));
    child.kill(signal);
    await ended;
  }

  /** Everything it has stored is gone. */
  deleteStore(): void {
    rmSync(path.join(this.folder, 'store'), { recursive: true, force: true });
  }

  async remove(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      answer(true);
    });
    socket.once('error', () => answer(false));
  });
}
