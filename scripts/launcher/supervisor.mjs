// Keeps one child process running: logs its lines, starts it again when it dies, stops it when asked.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { repoRoot } from '../lib/repo.mjs';
import { important, withoutRepeats } from './importance.mjs';
import { openLog } from './log-file.mjs';

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
/** A child that ran this long is well again: the next death begins with the short delay. */
const HEALTHY_MS = 60_000;
/** A child gives itself 12 s to finish what is under way. */
const STOP_GRACE_MS = 15_000;

const GUARD = new URL('./child-guard.mjs', import.meta.url);

/**
 * The argument that loads the guard into a child. It names the data folder, so that a child's command line says which one
 * it belongs to: a copy of a data folder names the same processes, but its path differs.
 * @param {string} dataDir
 * @returns {string} a URL
 */
export function guardOf(dataDir) {
  const url = new URL(GUARD);
  url.searchParams.set('data', path.resolve(dataDir));
  return url.href;
}

/**
 * @typedef {object} Supervised
 * @property {string} name
 * @property {() => number | undefined} pid
 * @property {() => number} deaths how often it died unasked
 * @property {() => Promise<void>} stop
 * @property {() => void} kill
 */

/**
 * @param {object} options
 * @param {string} options.name
 * @param {string[]} options.args of node
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} options.dataDir
 * @param {string} options.logFile
 * @param {(line: string) => void} options.say a line for the terminal
 * @param {() => void} options.onChange called whenever the process id changes
 * @returns {Supervised}
 */
export function supervise({ name, args, env, dataDir, logFile, say, onChange }) {
  const log = openLog(logFile);
  const sayOnce = withoutRepeats(say);
  let child;
  let timer;
  let stopping = false;
  let deaths = 0;
  let delayMs = FIRST_DELAY_MS;

  function launch() {
    const startedAt = Date.now();
    // Detached: a Ctrl-C on the terminal reaches the launcher alone, which stops things in order.
    child = spawn(process.execPath, ['--enable-source-maps', '--import', guardOf(dataDir), ...args], {
      cwd: repoRoot,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    readLines(child.stdout, (line) => record(line, 'stdout'));
    readLines(child.stderr, (line) => record(line, 'stderr'));
    child.once('error', (error) => record(`cannot start: ${error.message}`, 'stderr'));
    child.once('exit', (code, signal) => {
      child = undefined;
      onChange();
      if (stopping) return;
      deaths += 1;
      if (Date.now() - startedAt > HEALTHY_MS) delayMs = FIRST_DELAY_MS;
      say(`stopped (${signal ?? `exit ${code}`}); starting it again in ${delayMs / 1000} s. Its log: ${logFile}`);
      timer = setTimeout(launch, delayMs);
      delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
    });
    onChange();
  }

  function record(line, stream) {
    log.write(line);
    const shown = important(line, stream);
    if (shown !== null) sayOnce(shown);
  }

  launch();
  return {
    name,
    pid: () => child?.pid,
    deaths: () => deaths,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      const running = child;
      if (running) {
        const gone = new Promise((resolve) => running.once('exit', resolve));
        running.kill('SIGTERM');
        const hard = setTimeout(() => running.kill('SIGKILL'), STOP_GRACE_MS);
        await gone;
        clearTimeout(hard);
      }
      log.close();
    },
    kill() {
      stopping = true;
      clearTimeout(timer);
      child?.kill('SIGKILL');
    },
  };
}

function readLines(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim()) onLine(line);
  });
  stream.on('close', () => {
    if (rest.trim()) onLine(rest);
  });
}
