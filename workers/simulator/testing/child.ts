import { type ChildProcess, spawn } from 'node:child_process';
import { bundleForTest } from '@/test-support/bundle';

/** Bundles the simulator as it ships and returns the file to run. */
export const bundleSimulator = (): Promise<string> => bundleForTest('workers/simulator/main.ts', 'simulator');

export interface Child {
  readonly process: ChildProcess;
  readonly url: string;
  readonly output: () => string;
  /** Ends the process with a signal and waits for its end; gives the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Runs a bundled simulator until its end; resolves with its exit code and output. */
export async function runToEnd(
  file: string,
  env: Record<string, string>,
  args: string[] = [],
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [file, ...args], {
    env: { NODE_ENV: 'test', PATH: process.env.PATH ?? '', ...env },
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', (exit) => done(exit)));
  return { code, output };
}

/** Starts a bundled server and waits until it says that it listens. */
export async function startChild(file: string, env: Record<string, string>): Promise<Child> {
  const child = spawn(process.execPath, [file], { env: { NODE_ENV: 'test', PATH: process.env.PATH ?? '', ...env } });
  let output = '';
  const ended = new Promise<number | null>((done) => child.once('close', (exit) => done(exit)));
  const url = await new Promise<string>((ready, reject) => {
    const read = (data: Buffer): void => {
      output += data.toString();
      const match = /listening on (\S+)/.exec(output);
      if (match?.[1] !== undefined) ready(match[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('close', () => reject(new Error(`the process ended: ${output}`)));
  });
  return {
    process: child,
    url,
    output: () => output,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}
