// What must be there before anything runs: the Prisma client, the bundles and the web build. Each step is skipped when its
// inputs have not changed. Dependencies come first: scripts/bootstrap.mjs.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock';
import { repoRoot } from './repo';
import { hashInputs, isStamped, writeStamp } from './stamp';
import type { Progress } from './terminal';

const COMMON_INPUTS = ['package-lock.json', 'tsconfig.json', 'prisma/schema.prisma'];
export const BUNDLE_INPUTS = [...COMMON_INPUTS, 'cli', 'server', 'workers', 'scripts/lib/bundle.ts'];
export const WEB_INPUTS = [
  ...COMMON_INPUTS,
  'app',
  'components',
  'server',
  'public',
  'next.config.ts',
  'proxy.ts',
  'instrumentation.ts',
  'postcss.config.mjs',
];

interface Step {
  readonly what: string;
  isCurrent(): boolean;
  make(): Promise<void>;
}

/** Everything that the command line needs. */
export const ensureCli = (progress: Progress): Promise<void> => ensure([client, bundles], progress);

/** The production build of the console; the Prisma client must be there. */
export const ensureWeb = (progress: Progress): Promise<void> => ensure([web], progress);

/** Everything that the checks need. */
export const ensureCheckable = (progress: Progress): Promise<void> => ensure([client], progress);

/**
 * Makes what is missing or stale. Two commands started together wait for each other only then: they would otherwise
 * build over one another.
 */
async function ensure(steps: readonly Step[], progress: Progress): Promise<void> {
  if (steps.every((step) => step.isCurrent())) return;
  const onWait = (pid: number) => console.error(`waiting for process ${pid}, which is building here`);
  await withLock(
    path.join(repoRoot, '.cache/setup.lock'),
    async () => {
      for (const step of steps.filter((candidate) => !candidate.isCurrent())) {
        const done = progress.step(step.what);
        await step.make();
        done();
      }
    },
    onWait,
  );
}

/**
 * Makes an output and notes which inputs it was made from. The old note goes first: an attempt that fails half-way
 * must not pass for what was there before.
 */
async function stamped(stamp: string, hash: string, make: () => Promise<unknown>): Promise<void> {
  rmSync(path.join(repoRoot, stamp), { force: true });
  await make();
  writeStamp(stamp, hash);
}

const CLIENT_STAMP = '.cache/prisma-client.stamp';
const clientHash = () => hashInputs(['prisma/schema.prisma', 'prisma.config.ts'], [installedVersion('prisma')]);
const client: Step = {
  what: 'generating the database client',
  isCurrent: () =>
    existsSync(path.join(repoRoot, 'server/adapters/postgres/generated/client.ts')) &&
    isStamped(CLIENT_STAMP, clientHash()),
  make: () =>
    stamped(CLIENT_STAMP, clientHash(), async () => {
      const { generateClient } = await import('./prisma');
      await generateClient();
    }),
};

const BUNDLE_STAMP = 'dist/.stamp';
const bundles: Step = {
  what: 'bundling the worker, the gateway, the simulator and the command line',
  isCurrent: () => isStamped(BUNDLE_STAMP, hashInputs(BUNDLE_INPUTS)),
  make: () =>
    stamped(BUNDLE_STAMP, hashInputs(BUNDLE_INPUTS), async () => {
      const { bundle, stopBundler } = await import('./bundle');
      await bundle();
      await stopBundler();
    }),
};

/** Name of the folder of the web build; another one lets a second build live beside the first. */
export const webDir = process.env.NEXT_DIST_DIR || '.next';
const WEB_STAMP = `${webDir}/countersign.stamp`;
const webHash = () => hashInputs(WEB_INPUTS, [installedVersion('next')]);
const web: Step = {
  what: 'building the console (next build)',
  isCurrent: () => existsSync(path.join(repoRoot, webDir, 'BUILD_ID')) && isStamped(WEB_STAMP, webHash()),
  make: () =>
    stamped(WEB_STAMP, webHash(), () => {
      const next = path.join(repoRoot, 'node_modules/next/dist/bin/next');
      const env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' };
      return runTool(next, ['build'], env);
    }),
};

function installedVersion(name: string): string {
  const file = path.join(repoRoot, 'node_modules', name, 'package.json');
  const { version }: { version: string } = JSON.parse(readFileSync(file, 'utf8'));
  return version;
}

/** Runs a Node tool silently; its output is part of the error when it fails. */
function runTool(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], { cwd: repoRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-20_000);
      });
    }
    const stop = () => child.kill('SIGTERM');
    process.once('exit', stop);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('exit', stop);
      if (code === 0) resolve();
      else reject(new Error(`${path.basename(file)} ${args[0]} failed (${code ?? signal}):\n${output.trim()}`));
    });
  });
}
