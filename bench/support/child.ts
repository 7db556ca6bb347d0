import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ChildOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** It is ready once its output holds this. */
  readonly readyWhen: string;
}

const BASE_ENV = { NODE_ENV: 'production', TZ: 'UTC', PATH: process.env['PATH'] ?? '' } as const;
const READY_MS = 60_000;
const STOP_MS = 12_000;
const KEPT_OUTPUT = 8_000;

/** A process of the product under measurement. */
export class Child {
  private constructor(
    readonly name: string,
    private readonly process: ChildProcess,
    private readonly ended: Promise<void>,
  ) {}

  /** @throws Error with the child's last output when it ends or stays silent */
  static async start(options: ChildOptions): Promise<Child> {
    const { name, args, env, cwd, readyWhen } = options;
    const child = spawn(process.execPath, [...args], { cwd, env: { ...BASE_ENV, ...env } });
    const killed = () => child.kill('SIGKILL');
    process.once('exit', killed);
    const ended = new Promise<void>((done) => child.once('close', () => done()));
    let output = '';
    const ready = new Promise<'ready'>((done) => {
      const read = (data: Buffer) => {
        output = (output + data.toString()).slice(-KEPT_OUTPUT);
        if (output.includes(readyWhen)) done('ready');
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
    });
    const late = AbortSignal.timeout(READY_MS);
    const timeout = new Promise<'late'>((done) => late.addEventListener('abort', () => done('late')));
    const first = await Promise.race([ready, ended.then(() => 'ended' as const), timeout]);
    if (first !== 'ready') {
      child.kill('SIGKILL');
      throw new Error(`the ${name} did not start:\n${output}`);
    }
    return new Child(
      name,
      child,
      ended.then(() => void process.off('exit', killed)),
    );
  }

  /** Resident memory, MB. */
  residentMb(): number {
    const pid = String(this.process.pid);
    try {
      const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return Number(kilobytes) / 1024;
    } catch {
      return Number(execFileSync('ps', ['-o', 'rss=', '-p', pid], { encoding: 'utf8' }).trim()) / 1024;
    }
  }

  async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    const hard = setTimeout(() => this.process.kill('SIGKILL'), STOP_MS);
    await this.ended;
    clearTimeout(hard);
  }
}
