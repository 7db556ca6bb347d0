import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Failpoint } from '@/server/kernel/failpoint';
import type { ClientRequest } from './client-main';
import { endWithMe, hasEnded } from './leftovers';
import { until, WaitError } from './wait';

/** `@n`: the n-th time it comes by. `=stop`: stands still there instead of dying. */
export type Arming = Failpoint | `${Failpoint}@${number}` | `${Failpoint}=stop` | `${Failpoint}@${number}=stop`;

const LAST_OUTPUT = 20_000;

/** A child process of a scenario: it can be armed, stopped, killed. */
export class Victim {
  readonly ended: Promise<void>;
  private text = '';
  private readonly armingFile: string;
  private over = false;

  private constructor(
    readonly child: ChildProcess,
    folder: string,
  ) {
    this.armingFile = path.join(folder, `failpoints-${child.pid ?? 0}`);
    endWithMe(this.pid);
    this.ended = new Promise((done) => {
      child.once('close', () => {
        this.over = true;
        hasEnded(this.pid);
        rmSync(this.armingFile, { force: true });
        done();
      });
    });
    const read = (data: Buffer) => {
      this.text = (this.text + data.toString()).slice(-LAST_OUTPUT);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  }

  static start(folder: string, file: string, args: readonly string[], env: Readonly<Record<string, string>>): Victim {
    // The file is named after the process, which does not know its id before it starts: a shell tells it.
    const command = `export COUNTERSIGN_FAILPOINTS_FILE="${folder}/failpoints-$$"; exec "$0" "$@"`;
    const child = spawn('/bin/sh', ['-c', command, process.execPath, file, ...args], {
      env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'test', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return new Victim(child, folder);
  }

  get output(): string {
    return this.text;
  }

  get alive(): boolean {
    return !this.over;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** From now on it dies (or stands still) when it comes by. */
  arm(arming: Arming): void {
    writeFileSync(this.armingFile, arming);
  }

  disarm(): void {
    rmSync(this.armingFile, { force: true });
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async end(name: NodeJS.Signals): Promise<void> {
    if (this.over) return;
    this.child.kill(name);
    // A process that stands still takes only SIGKILL.
    if (name !== 'SIGKILL') this.child.kill('SIGCONT');
    await this.ended;
  }

  /** @throws WaitError when it lives on */
  async died(limitMs = 20_000): Promise<void> {
    await until(`process ${this.pid} to die at its failpoint`, () => this.over, limitMs);
  }

  /** @throws WaitError when it goes on */
  async stands(limitMs = 20_000): Promise<void> {
    const stands = () => /^\d+ \(.*\) T/s.test(readFileSync(`/proc/${this.pid}/stat`, 'utf8'));
    await until(`process ${this.pid} to stand still at its failpoint`, stands, limitMs);
  }

  /** @throws WaitError with what it said */
  async says(words: string, limitMs = 30_000): Promise<void> {
    await until(`"${words}"`, () => this.over || this.text.includes(words), limitMs);
    if (!this.text.includes(words))
      throw new WaitError(`the process ended before "${words}": ${this.text.slice(-500)}`);
  }
}

/** A client of the commands in a process of its own. */
export class ClientProcess {
  private readonly answers: string[] = [];

  private constructor(readonly victim: Victim) {
    const { stdout } = victim.child;
    if (stdout === null) throw new Error('a client process has no output');
    createInterface({ input: stdout }).on('line', (line) => this.answers.push(line));
  }

  static async start(folder: string, file: string, env: Readonly<Record<string, string>>): Promise<ClientProcess> {
    const client = new ClientProcess(Victim.start(folder, file, [], env));
    await client.victim.says('ready');
    await until('the ready line', () => client.answers.shift() !== undefined);
    return client;
  }

  /** Sends a request. @returns its answer, or null when the process died before it gave one */
  async ask(request: ClientRequest, limitMs = 20_000): Promise<unknown> {
    this.victim.child.stdin?.write(`${JSON.stringify(request)}\n`);
    await until('an answer or the death of the client', () => this.answers.length > 0 || !this.victim.alive, limitMs);
    const line = this.answers.shift();
    return line === undefined ? null : JSON.parse(line);
  }
}
