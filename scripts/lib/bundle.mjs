// esbuild bundles of what runs outside Next: the worker, the simulator and the command line. Packages stay outside the
// bundles and come from node_modules.
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { repoRoot } from './repo.mjs';

const ENTRIES = {
  worker: 'workers/main.ts',
  simulator: 'workers/simulator/main.ts',
  countersign: 'cli/main.ts',
};

/** Writes dist/worker.mjs, dist/simulator.mjs and dist/countersign.mjs. */
export async function bundle() {
  rmSync(path.join(repoRoot, 'dist'), { recursive: true, force: true });
  const entryPoints = Object.fromEntries(
    Object.entries(ENTRIES).filter(([, file]) => existsSync(path.join(repoRoot, file))),
  );
  await build({
    absWorkingDir: repoRoot,
    entryPoints,
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    alias: { 'server-only': './scripts/lib/empty.mjs' },
    // Points at which tests end the process have no place in what ships.
    define: { __FAILPOINTS__: 'false' },
    sourcemap: 'linked',
    logLevel: 'silent',
  });
}
