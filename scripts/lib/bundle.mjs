// esbuild bundles of what runs outside Next: the worker, the simulator and the command line. Packages stay outside the
// bundles and come from node_modules.
import { readdirSync, rmSync } from 'node:fs';
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
  const { metafile } = await build({
    absWorkingDir: repoRoot,
    entryPoints: ENTRIES,
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
    // Nothing of the tests' failpoints is in what ships: calls of a function that is empty are dropped.
    define: { __FAILPOINTS__: 'false' },
    minifySyntax: true,
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'silent',
  });
  removeOthers(new Set(Object.keys(metafile.outputs)));
}

/** Deletes what earlier builds left: afterwards, so that a process started meanwhile finds a whole build. */
function removeOthers(outputs) {
  for (const file of readdirSync(path.join(repoRoot, 'dist/chunks'))) {
    if (!outputs.has(`dist/chunks/${file}`)) rmSync(path.join(repoRoot, 'dist/chunks', file));
  }
}
