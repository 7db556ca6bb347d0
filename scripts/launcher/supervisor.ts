// Keeps one child process running: logs its lines, restarts it when it dies, stops it when asked.
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { repoRoot } from '../lib/repo';
import { important, withoutRepeats } from './importance';
import { openLog } from './log-file';

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
/** After a child has run this long, its next restart begins with the short delay. */
const HEALTHY_MS = 60_000;
/** A child gives itself 12 s to finish what is under way. */
const STOP_GRACE_MS = 15_000;

const GUARD = path.join(repoRoot, 'scripts/launcher/child-guard.mjs');

/**
 * The argument that loads the guard into a child. It names the data folder, so that a child's command line says which one
 * it belongs to: a copy of a data folder names the same processes, but its path differs.
 * @returns a URL
 */
export function guardOf(dataDir: string): string {
  const url = pathToFileURL(GUARD);
  url.searchParams.set('data', path.resolve(dataDir));
  return url.href;
}

export interface Supervised {
  readonly name: string;
  pid(): number | undefined;
  /** How often it ended without being asked to. */
  deaths(): number;
  stop(): Promise<void>;
  kill(): void;
}

interface SuperviseOptions {
  readonly name: string;
  /** Arguments of node. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly dataDir: string;
  readonly logFile: string;
  /** Prints a line on the terminal. */
  readonly say: (line: string) => void;
  /** Called whenever the process id changes. */
  readonly onChange: () => void;
}

export function supervise(options: SuperviseOptions): Supervised {
  const { name, args, env, dataDir, logFile, say, onChange } = options;
  const log = openLog(logFile);
  const sayOnce = withoutRepeats(say);
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let deaths = 0;
  let delayMs = FIRST_DELAY_MS;

  function launch() {
    const startedAt = Date.now();
    // Detached: a Ctrl-C on the terminal reaches the launcher alone, which stops things in order.
    const started = spawn(process.execPath, ['--enable-source-maps', '--import', guardOf(dataDir), ...args], {
      cwd: repoRoot,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child = started;
    if (started.stdout) readLines(started.stdout, (line) => record(line, 'stdout'));
    if (started.stderr) readLines(started.stderr, (line) => record(line, 'stderr'));
    started.once('error', (error) => record(`cannot start: ${error.message}`, 'stderr'));
    started.once('exit', (code, signal) => {
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

  function record(line: string, stream: 'stdout' | 'stderr'): void {
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

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim()) onLine(line);
  });
  stream.on('close', () => {
    if (rest.trim()) onLine(rest);
  });
}
