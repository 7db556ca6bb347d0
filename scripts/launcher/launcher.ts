// The order in which the stack starts and stops.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { codeOf, messageOf, stackOf } from '../lib/errors';
import { tryLock } from '../lib/lock';
import { delay, isPortFree } from '../lib/processes';
import { repoRoot } from '../lib/repo';
import { ensureCli, ensureWeb } from '../lib/setup';
import { bold, consoleProgress, dim, fail, seconds, yellow } from '../lib/terminal';
import { webArguments } from '../lib/web-server';
import { checkFolders, checkPorts } from './checks';
import { childEnvironment } from './child-environment';
import {
  applyMigrations,
  checkReachable,
  type DatabaseUrls,
  type EmbeddedDatabase,
  hasUsers,
  startEmbedded,
} from './database';
import { stopOrphans, writeRuntime } from './runtime';
import { loadSecrets, type Secrets } from './secrets';
import { loadEnvFile, readSettings, type Settings, SetupError } from './settings';
import { type Supervised, supervise } from './supervisor';

type ChildEnvironments = ReturnType<typeof childEnvironment>;

const FIRST_USER = 'admin@countersign.local';
const READY_TIMEOUT_MS = 60_000;
const WATCHDOG_HEAP_MB = 64;
/** A child that died this often before the stack was ever ready will not recover. */
const MAX_EARLY_DEATHS = 3;

export class Launcher {
  #started = performance.now();
  #children: Supervised[] = [];
  #progress = consoleProgress();
  #database: EmbeddedDatabase | null = null;
  #lock: { release(): void } | null = null;
  #stopping: Promise<void> | null = null;
  #runtimeEnv: Readonly<Record<string, string | undefined>> = {};
  /** Of the first user, until it has been shown: it is stored nowhere but as a hash. */
  #firstPassword: string | null = null;

  async run(): Promise<void> {
    console.log(bold('Countersign'));
    loadEnvFile();
    const settings = readSettings();
    checkFolders(settings.dataDir);
    this.#takeDataFolder(settings.dataDir);
    await stopOrphans(settings.dataDir, note);
    await checkPorts(settings);
    if (settings.host !== '127.0.0.1' && settings.host !== 'localhost') {
      note(`the console listens on ${settings.host}, without encryption: put a TLS proxy in front, or unset HOST`);
    }
    if (settings.gatewayHost !== '127.0.0.1' && settings.gatewayHost !== 'localhost' && !settings.gatewayTls) {
      note(
        `the gateway listens on ${settings.gatewayHost}, without encryption: set GATEWAY_TLS_CERT and GATEWAY_TLS_KEY, or unset GATEWAY_HOST`,
      );
    }

    await ensureCli(this.#progress);
    const secrets = loadSecrets(settings.dataDir);
    const databaseUrls = await this.#openDatabase(settings, secrets);
    // The web build needs no database: both at once.
    await allSettledOrThrow([this.#migrate(databaseUrls.owner), ensureWeb(this.#progress)]);
    const environment = childEnvironment(settings, secrets, databaseUrls);
    this.#runtimeEnv = environment.runtime;
    this.#saveRuntime(settings.dataDir);
    await this.#createFirstUser(databaseUrls.worker, environment);
    this.#startChildren(settings, environment);
    await this.#untilReady(settings);
    this.#announce(settings);
  }

  #takeDataFolder(dataDir: string): void {
    const lock = tryLock(path.join(dataDir, 'launcher.lock'));
    if ('heldBy' in lock) {
      throw new SetupError(
        `The data folder ${dataDir} is in use by process ${lock.heldBy} (another npm start): stop that one, or set DATA_DIR to another folder.`,
      );
    }
    this.#lock = lock;
  }

  async #openDatabase(settings: Settings, secrets: Secrets): Promise<DatabaseUrls> {
    if (settings.databaseUrl !== undefined) {
      await checkReachable(settings.databaseUrl);
      return { owner: settings.databaseUrl, web: settings.databaseUrl, worker: settings.databaseUrl };
    }
    const done = this.#progress.step('starting the embedded PostgreSQL');
    const database = await startEmbedded({ settings, secrets, say: note });
    this.#database = database;
    // A Ctrl-C while it started found nothing to stop.
    if (this.#stopping !== null) await database.stop();
    done(`on port ${settings.postgresPort}, data in ${shorten(database.where)}`);
    return database.urls;
  }

  async #migrate(databaseUrl: string): Promise<void> {
    const done = this.#progress.step('applying database migrations');
    done((await applyMigrations(databaseUrl, note)) ? 'applied' : 'nothing to do');
  }

  async #createFirstUser(databaseUrl: string, environment: ChildEnvironments): Promise<void> {
    if (await hasUsers(databaseUrl)) return;
    const args = ['user', 'add', FIRST_USER, '--name', 'Administrator', '--role', 'admin', '--json'];
    const { password }: { password: string } = JSON.parse(await runCli(args, environment.worker));
    this.#firstPassword = password;
  }

  #startChildren({ port, host, dataDir, simulated }: Settings, environment: ChildEnvironments): void {
    const launch = (name: string, args: readonly string[], env: NodeJS.ProcessEnv) =>
      this.#launch(dataDir, name, args, env);
    if (simulated) launch('simulator', ['dist/simulator.mjs'], environment.simulator);
    launch('worker', ['dist/worker.mjs'], environment.worker);
    // It watches over the worker: in a process of its own, small, and without the database if need be.
    launch(
      'watchdog',
      [`--max-old-space-size=${WATCHDOG_HEAP_MB}`, 'dist/worker.mjs', '--roles', 'watchdog'],
      environment.worker,
    );
    launch('web', webArguments(port, host), environment.web);
    launch('gateway', ['dist/gateway.mjs'], environment.gateway);
  }

  #launch(dataDir: string, name: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
    const child = supervise({
      name,
      args,
      env,
      dataDir,
      logFile: path.join(dataDir, 'logs', `${name}.log`),
      say: (line) => note(line, name),
      onChange: () => this.#saveRuntime(dataDir),
    });
    this.#children.push(child);
    this.#saveRuntime(dataDir);
  }

  #saveRuntime(dataDir: string): void {
    writeRuntime(dataDir, this.#runtimeEnv, this.#children);
  }

  async #untilReady(settings: Settings): Promise<void> {
    const done = this.#progress.step('waiting until everything is ready');
    const deadline = Date.now() + READY_TIMEOUT_MS;
    let last = 'no answer yet';
    while (this.#stopping === null) {
      try {
        const response = await fetch(`${addressOf(settings)}/health/ready`, { signal: AbortSignal.timeout(3_000) });
        const gateway = !(await isPortFree(settings.gatewayPort, settings.gatewayHost));
        if (response.ok && gateway) return done();
        last = response.ok ? 'the gateway does not listen yet' : await describeReadiness(response);
      } catch (error) {
        last = codeOf(error instanceof Error ? error.cause : error) ?? messageOf(error);
      }
      const dying = this.#children.find((child) => child.deaths() >= MAX_EARLY_DEATHS);
      const logs = shorten(path.join(settings.dataDir, 'logs'));
      if (dying) throw new SetupError(`The ${dying.name} does not start; its log is ${logs}/${dying.name}.log`);
      if (Date.now() > deadline) throw new SetupError(`Not ready after 60 s (${last}); the logs are in ${logs}`);
      await delay(150);
    }
  }

  #announce(settings: Settings): void {
    if (this.#stopping !== null) return;
    const lines = ['', `${bold('Ready')} ${dim(`after ${seconds(this.#started)}`)}`, ''];
    lines.push(`  Open      ${bold(addressOf(settings))}`);
    if (this.#firstPassword) lines.push(...this.#takeFirstPassword(this.#firstPassword));
    else {
      lines.push('  Sign in   with your account (forgotten the password? npx countersign user passwd EMAIL)');
    }
    lines.push(`  Bots      ${gatewayAddressOf(settings)} ${dim('Alpaca’s protocol, docs/bots.md')}`);
    lines.push(`  Logs      ${shorten(path.join(settings.dataDir, 'logs'))}`, '  Stop      Ctrl-C', '');
    console.log(lines.join('\n'));
  }

  #takeFirstPassword(password: string): string[] {
    this.#firstPassword = null;
    return [
      `  Sign in   ${bold(FIRST_USER)}`,
      `  Password  ${bold(password)}`,
      `            ${yellow('shown this once: keep it')}`,
    ];
  }

  /** First signal: stop in order. Second: stop at once. */
  interrupt(signal: NodeJS.Signals): void {
    if (this.#stopping !== null) {
      console.error('stopping at once');
      for (const child of this.#children) child.kill();
      this.#database?.kill();
      this.#lock?.release();
      process.exit(1);
    }
    console.log(`\n${signal === 'SIGINT' ? 'Stopping' : `Stopping (${signal})`} … (Ctrl-C again stops at once)`);
    void this.#stop().then(() => {
      console.log('Stopped.');
      process.exit(0);
    });
  }

  /** Stops what was started, then ends the process with the reason. */
  async abandon(error: unknown): Promise<void> {
    if (this.#stopping !== null) return;
    await this.#stop();
    fail(error instanceof SetupError ? error.message : stackOf(error));
  }

  #stop(): Promise<void> {
    this.#stopping ??= (async () => {
      if (this.#firstPassword) console.log(this.#takeFirstPassword(this.#firstPassword).join('\n'));
      for (const name of ['gateway', 'web', 'watchdog', 'worker', 'simulator']) {
        const child = this.#children.find((candidate) => candidate.name === name);
        if (child) {
          const done = this.#progress.step(name);
          await child.stop();
          done('stopped');
        }
      }
      if (this.#database) {
        const done = this.#progress.step('database');
        await this.#database.stop();
        done('stopped');
      }
      this.#lock?.release();
    })();
    return this.#stopping;
  }
}

/** Waits for all of them even when one fails: nothing may still be starting when the rest is stopped. */
async function allSettledOrThrow(promises: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) if (result.status === 'rejected') throw result.reason;
}

/** What is not ready yet, in words. */
async function describeReadiness(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const { components }: { components: Record<string, { status: string; detail?: string }> } = JSON.parse(text);
    const waiting = Object.entries(components).filter(([, { status }]) => status !== 'ok');
    return waiting.map(([name, { status, detail }]) => `${name}: ${detail || status}`).join('; ');
  } catch {
    return `status ${response.status}`;
  }
}

const reachable = (host: string): string => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host);

const addressOf = ({ host, port }: Settings): string => `http://${reachable(host)}:${port}`;

const gatewayAddressOf = ({ gatewayHost, gatewayPort, gatewayTls }: Settings): string =>
  `${gatewayTls ? 'https' : 'http'}://${reachable(gatewayHost)}:${gatewayPort}`;

function runCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const cli = path.join(repoRoot, 'dist/countersign.mjs');
    const child = spawn(process.execPath, [cli, ...args], { cwd: repoRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`countersign ${args.slice(0, 2).join(' ')} failed: ${err || out}`)),
    );
  });
}

function note(line: string, who = 'start'): void {
  console.log(`  ${dim(who.padEnd(9))} ${line}`);
}

function shorten(folder: string): string {
  const relative = path.relative(process.cwd(), folder);
  return relative.startsWith('..') ? folder : relative;
}
