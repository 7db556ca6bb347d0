import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { findFreePort } from '../../scripts/lib/processes';

const START_TIMEOUT_MS = 120_000;

/** A running stack of its own: database, simulator, worker and console, as `npm start` brings them up. */
export interface Stack {
  /** Of the console, without a slash at its end. */
  readonly url: string;
  readonly simulatorUrl: string;
  readonly gatewayUrl: string;
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** The first user, an administrator. */
  readonly admin: { readonly email: string; readonly password: string };
  /** Everything the launcher has said so far. */
  output(): string;
  /** Process id of a child, as it is now. */
  pidOf(name: 'web' | 'worker' | 'simulator'): Promise<number>;
  /** Runs `countersign …` against this stack and gives what it printed. @throws when it exits with anything but 0 */
  cli(...args: string[]): Promise<string>;
  /** Stops everything in order and deletes the data. */
  stop(): Promise<void>;
}

const runtimeSchema = z.object({
  env: z.object({ DATABASE_URL: z.string() }),
  children: z.array(z.object({ name: z.string(), pid: z.number() })),
});

/**
 * Starts a stack on free ports with fresh data.
 * @param settings further environment variables, e.g. SIMULATOR_BARS
 */
export async function startStack(settings: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const folder = await mkdtemp(path.join(tmpdir(), 'countersign-e2e-'));
  // As root, PostgreSQL runs as another user, who must pass through this folder.
  await chmod(folder, 0o755);
  const dataDir = path.join(folder, 'data');
  const [port, simulatorPort, gatewayPort, postgresPort] = [
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
  ];
  const { DATABASE_URL: _, ...inherited } = process.env;
  const env: NodeJS.ProcessEnv = {
    ...inherited,
    NODE_ENV: 'production',
    NO_COLOR: '1',
    DATA_DIR: dataDir,
    PORT: String(port),
    SIMULATOR_PORT: String(simulatorPort),
    GATEWAY_PORT: String(gatewayPort),
    EMBEDDED_PG_PORT: String(postgresPort),
    LOG_LEVEL: 'info',
    ...settings,
  };
  const child = spawn(process.execPath, ['scripts/bootstrap.mjs', 'start'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const stop = async () => {
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(child, () => output);
  } catch (error) {
    await stop();
    throw error;
  }
  const runtime = async () =>
    runtimeSchema.parse(JSON.parse(await readFile(path.join(dataDir, 'runtime.json'), 'utf8')));
  return {
    url: `http://127.0.0.1:${port}`,
    simulatorUrl: `http://127.0.0.1:${simulatorPort}`,
    gatewayUrl: `http://127.0.0.1:${gatewayPort}`,
    databaseUrl: (await runtime()).env.DATABASE_URL,
    dataDir,
    admin: { email: word(output, 'Sign in'), password: word(output, 'Password') },
    output: () => output,
    async pidOf(name) {
      const found = (await runtime()).children.find((candidate) => candidate.name === name);
      if (!found) throw new Error(`${name} is not running`);
      return found.pid;
    },
    cli: (...args) => runCli(args, env),
    stop,
  };
}

/** What stands behind a label of the launcher's last lines. */
function word(output: string, label: string): string {
  const found = new RegExp(`^ +${label} +(\\S+)$`, 'm').exec(output)?.[1];
  if (found === undefined) throw new Error(`the launcher did not say "${label}":\n${output}`);
  return found;
}

function untilReady(child: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (reason: string) => reject(new Error(`the stack did not start (${reason}):\n${output()}`));
    const timer = setTimeout(() => refuse('timeout'), START_TIMEOUT_MS);
    child.once('exit', (code) => refuse(`exit ${code}`));
    child.stdout?.on('data', () => {
      if (!/^ +Stop +/m.test(output())) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

function runCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, ['bin/countersign.mjs', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`countersign ${args.join(' ')} exited with ${code}: ${err || out}`));
    });
  });
}
