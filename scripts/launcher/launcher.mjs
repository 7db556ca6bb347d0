// The order in which the stack starts and stops.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { tryLock } from '../lib/lock.mjs';
import { delay } from '../lib/processes.mjs';
import { repoRoot } from '../lib/repo.mjs';
import { ensureCli, ensureWeb } from '../lib/setup.mjs';
import { bold, consoleProgress, dim, fail, seconds, yellow } from '../lib/terminal.mjs';
import { webArguments } from '../lib/web-server.mjs';
import { checkFolders, checkPorts } from './checks.mjs';
import { childEnvironment } from './child-environment.mjs';
import { applyMigrations, checkReachable, hasUsers, startEmbedded } from './database.mjs';
import { stopOrphans, writeRuntime } from './runtime.mjs';
import { loadSecrets } from './secrets.mjs';
import { loadEnvFile, readSettings, SetupError } from './settings.mjs';
import { supervise } from './supervisor.mjs';

const FIRST_USER = 'admin@countersign.local';
const READY_TIMEOUT_MS = 60_000;
const WATCHDOG_HEAP_MB = 64;
/** A child that died this often before the stack was ever ready will not recover by itself. */
const MAX_EARLY_DEATHS = 3;

export class Launcher {
  #started = performance.now();
  #children = [];
  #progress = consoleProgress();
  #database = null;
  #lock = null;
  #stopping = null;
  #settings = null;
  #runtimeEnv = {};
  /** Of the first user, until it has been shown: it is stored nowhere but as a hash. */
  #firstPassword = null;

  async run() {
    console.log(bold('Countersign'));
    loadEnvFile();
    const settings = readSettings();
    this.#settings = settings;
    checkFolders(settings.dataDir);
    this.#takeDataFolder();
    await stopOrphans(settings.dataDir, note);
    await checkPorts(settings);
    if (settings.host !== '127.0.0.1' && settings.host !== 'localhost') {
      note(`the console listens on ${settings.host}, without encryption: put a TLS proxy in front, or unset HOST`);
    }

    await ensureCli(this.#progress);
    const secrets = loadSecrets(settings.dataDir);
    const databaseUrls = await this.#openDatabase(secrets);
    // The web build needs no database: both at once.
    await allSettledOrThrow([this.#migrate(databaseUrls.owner), ensureWeb(this.#progress)]);
    const environment = childEnvironment(settings, secrets, databaseUrls);
    this.#runtimeEnv = environment.runtime;
    this.#saveRuntime();
    await this.#createFirstUser(databaseUrls.worker, environment);
    this.#startChildren(environment);
    await this.#untilReady();
    this.#announce();
  }

  #takeDataFolder() {
    const { dataDir } = this.#settings;
    const lock = tryLock(path.join(dataDir, 'launcher.lock'));
    if ('heldBy' in lock) {
      throw new SetupError(
        `The data folder ${dataDir} is in use by process ${lock.heldBy} (another npm start): stop that one, or set DATA_DIR to another folder.`,
      );
    }
    this.#lock = lock;
  }

  /** @returns {Promise<import('./database.mjs').DatabaseUrls>} */
  async #openDatabase(secrets) {
    const settings = this.#settings;
    if (settings.databaseUrl !== undefined) {
      await checkReachable(settings.databaseUrl);
      return { owner: settings.databaseUrl, web: settings.databaseUrl, worker: settings.databaseUrl };
    }
    const done = this.#progress.step('starting the embedded PostgreSQL');
    const database = await startEmbedded({ settings, secrets, say: note });
    this.#database = database;
    // A Ctrl-C while it started found nothing to stop.
    if (this.#stopping) await database.stop();
    done(`on port ${settings.postgresPort}, data in ${shorten(database.where)}`);
    return database.urls;
  }

  async #migrate(databaseUrl) {
    const done = this.#progress.step('applying database migrations');
    done((await applyMigrations(databaseUrl, note)) ? 'applied' : 'nothing to do');
  }

  async #createFirstUser(databaseUrl, environment) {
    if (await hasUsers(databaseUrl)) return;
    const args = ['user', 'add', FIRST_USER, '--name', 'Administrator', '--role', 'admin', '--json'];
    this.#firstPassword = JSON.parse(await runCli(args, environment.worker)).password;
  }

  #startChildren(environment) {
    const { port, host, simulated } = this.#settings;
    if (simulated) this.#launch('simulator', ['dist/simulator.mjs'], environment.simulator);
    this.#launch('worker', ['dist/worker.mjs'], environment.worker);
    // It watches over the worker: in a process of its own, small, and without the database if need be.
    this.#launch(
      'watchdog',
      [`--max-old-space-size=${WATCHDOG_HEAP_MB}`, 'dist/worker.mjs', '--roles', 'watchdog'],
      environment.worker,
    );
    this.#launch('web', webArguments(port, host), environment.web);
  }

  #launch(name, args, env) {
    const child = supervise({
      name,
      args,
      env,
      dataDir: this.#settings.dataDir,
      logFile: path.join(this.#settings.dataDir, 'logs', `${name}.log`),
      say: (line) => note(line, name),
      onChange: () => this.#saveRuntime(),
    });
    this.#children.push(child);
    this.#saveRuntime();
  }

  #saveRuntime() {
    writeRuntime(this.#settings.dataDir, this.#runtimeEnv, this.#children);
  }

  async #untilReady() {
    const done = this.#progress.step('waiting until everything is ready');
    const deadline = Date.now() + READY_TIMEOUT_MS;
    let last = 'no answer yet';
    while (!this.#stopping) {
      try {
        const response = await fetch(`${this.#address()}/health/ready`, { signal: AbortSignal.timeout(3_000) });
        if (response.ok) return done();
        last = await describeReadiness(response);
      } catch (error) {
        last = error.cause?.code ?? error.message;
      }
      const dying = this.#children.find((child) => child.deaths() >= MAX_EARLY_DEATHS);
      const logs = shorten(path.join(this.#settings.dataDir, 'logs'));
      if (dying) throw new SetupError(`The ${dying.name} does not start; its log is ${logs}/${dying.name}.log`);
      if (Date.now() > deadline) throw new SetupError(`Not ready after 60 s (${last}); the logs are in ${logs}`);
      await delay(150);
    }
  }

  #address() {
    const { host, port } = this.#settings;
    return `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;
  }

  #announce() {
    if (this.#stopping) return;
    const lines = ['', `${bold('Ready')} ${dim(`after ${seconds(this.#started)}`)}`, ''];
    lines.push(`  Open      ${bold(this.#address())}`);
    if (this.#firstPassword) lines.push(...this.#takeFirstPassword());
    else {
      lines.push('  Sign in   with your account (forgotten the password? npx countersign user passwd EMAIL)');
    }
    lines.push(`  Logs      ${shorten(path.join(this.#settings.dataDir, 'logs'))}`, '  Stop      Ctrl-C', '');
    console.log(lines.join('\n'));
  }

  #takeFirstPassword() {
    const password = this.#firstPassword;
    this.#firstPassword = null;
    return [
      `  Sign in   ${bold(FIRST_USER)}`,
      `  Password  ${bold(password)}`,
      `            ${yellow('shown this once: keep it')}`,
    ];
  }

  /** First signal: stop in order. Second: stop at once. */
  interrupt(signal) {
    if (this.#stopping) {
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
  async abandon(error) {
    if (this.#stopping) return;
    await this.#stop();
    fail(error instanceof SetupError ? error.message : (error.stack ?? String(error)));
  }

  #stop() {
    this.#stopping ??= (async () => {
      if (this.#firstPassword) console.log(this.#takeFirstPassword().join('\n'));
      for (const name of ['web', 'watchdog', 'worker', 'simulator']) {
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
async function allSettledOrThrow(promises) {
  for (const result of await Promise.allSettled(promises)) if (result.status === 'rejected') throw result.reason;
}

/** What is not ready yet, in words. */
async function describeReadiness(response) {
  const text = await response.text();
  try {
    const waiting = Object.entries(JSON.parse(text).components).filter(([, { status }]) => status !== 'ok');
    return waiting.map(([name, { status, detail }]) => `${name}: ${detail || status}`).join('; ');
  } catch {
    return `status ${response.status}`;
  }
}

function runCli(args, env) {
  return new Promise((resolve, reject) => {
    const cli = path.join(repoRoot, 'dist/countersign.mjs');
    const child = spawn(process.execPath, [cli, ...args], { cwd: repoRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`countersign ${args.slice(0, 2).join(' ')} failed: ${err || out}`)),
    );
  });
}

function note(line, who = 'start') {
  console.log(`  ${dim(who.padEnd(9))} ${line}`);
}

function shorten(folder) {
  const relative = path.relative(process.cwd(), folder);
  return relative.startsWith('..') ? folder : relative;
}
