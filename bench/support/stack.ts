import { mkdirSync } from 'node:fs';
import { Child } from './child';
import type { BenchHost } from './host';

const KEY_ID = 'BENCH';
const SECRET_KEY = 'bench-secret-key';
const LOG_LEVEL = 'error';

const common = { LOG_LEVEL, NEXT_TELEMETRY_DISABLED: '1' };

/** The console's production server. @returns it and its address */
export async function startWeb(host: BenchHost, databaseUrl: string): Promise<{ child: Child; url: string }> {
  await host.ensureWeb();
  const port = await portFor(host, 'BENCH_WEB_PORT');
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...common,
    DATABASE_URL: databaseUrl,
    NEXT_DIST_DIR: host.webDir,
    NEXTAUTH_SECRET: 'bench-bench-bench-bench',
    NEXTAUTH_URL: url,
    CODE_VERSION: 'bench',
  };
  const args = host.webArguments(port, '127.0.0.1');
  return { child: await Child.start({ name: 'web', args, env, cwd: host.repoRoot, readyWhen: 'Ready in' }), url };
}

type Environment = Readonly<Record<string, string>>;

/**
 * Starts the paper broker, with cash for any number of orders, and the worker that trades with it.
 * @param workerEnv further settings of the worker, given the broker's address; without them it runs no strategy
 */
export async function startBrokerAndWorker(
  host: BenchHost,
  databaseUrl: string,
  folder: string,
  workerEnv: (brokerUrl: string) => Promise<Environment> | Environment = () => ({}),
) {
  await host.ensureBundles();
  const port = await portFor(host, 'BENCH_SIMULATOR_PORT');
  mkdirSync(folder, { recursive: true });
  const env = { ...common, BROKER_KEY_ID: KEY_ID, BROKER_SECRET_KEY: SECRET_KEY, SIMULATOR_PORT: String(port) };
  const simulator = await Child.start({
    name: 'simulator',
    args: ['dist/simulator.mjs'],
    env: { ...env, DATA_DIR: folder, SIMULATOR_CASH: '1000000000' },
    cwd: host.repoRoot,
    readyWhen: 'simulator listening',
  });
  try {
    const more = await workerEnv(`http://127.0.0.1:${port}`);
    const worker = await Child.start({
      name: 'worker',
      args: ['dist/worker.mjs'],
      env: { ...env, DATABASE_URL: databaseUrl, STRATEGIES: 'none', CODE_VERSION: 'bench', ...more },
      cwd: host.repoRoot,
      readyWhen: 'worker ready',
    });
    return { simulator, worker };
  } catch (error) {
    await simulator.stop();
    throw error;
  }
}

async function portFor(host: BenchHost, variable: string): Promise<number> {
  return Number(process.env[variable] ?? 0) || (await host.findFreePort());
}
