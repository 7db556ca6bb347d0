import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { findFreePort } from '../scripts/lib/processes';

const ROOT = path.resolve(import.meta.dirname, '..');
const NEXT = path.join(ROOT, 'node_modules/next/dist/bin/next');
const START_LIMIT_MS = 60_000;

/** A production web process: console, tRPC and REST. */
export interface WebProcess {
  /** Without a slash at its end. */
  readonly url: string;
  readonly process: ChildProcess;
  /** All it has written so far. */
  output(): string;
  /** Sends the signal and waits for the end; gives the exit code, null after a signal. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/**
 * Starts the production build (made by the global set-up test-support/web-build.ts) on a free port of the loopback
 * address. It holds no broker keys, as in production. @throws Error with its output when it does not become live
 */
export async function startWeb(databaseUrl: string, env: Readonly<Record<string, string>> = {}): Promise<WebProcess> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [NEXT, 'start', '-p', String(port), '-H', '127.0.0.1'], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'] ?? '',
      TZ: 'UTC',
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      NEXT_DIST_DIR: process.env['NEXT_DIST_DIR'] ?? '',
      DATABASE_URL: databaseUrl,
      NEXTAUTH_SECRET: 'a secret of the tests alone',
      NEXTAUTH_URL: url,
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  const web: WebProcess = {
    url,
    process: child,
    output: () => output,
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
  await untilLive(web);
  return web;
}

/** Asks until the process answers: it must be up and its routes loaded. */
async function untilLive({ url, process: child, output, end }: WebProcess): Promise<void> {
  const endMs = performance.now() + START_LIMIT_MS;
  while (child.exitCode === null && child.signalCode === null && performance.now() < endMs) {
    const answer = await fetch(`${url}/health/live`).catch(() => null);
    if (answer?.ok === true) return;
    await new Promise((wake) => setTimeout(wake, 100));
  }
  await end('SIGKILL');
  throw new Error(`the web process did not become live:\n${output()}`);
}
