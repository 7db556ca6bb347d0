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

/**
 * Writes dist/worker.mjs, dist/simulator.mjs and dist/countersign.mjs.
 * @param {{ outdir?: string, failpoints?: boolean }} [options] another folder; with the tests' failpoints left in
 */
export async function bundle({ outdir = 'dist', failpoints = false } = {}) {
  const { metafile } = await build({
    absWorkingDir: repoRoot,
    entryPoints: ENTRIES,
    outdir,
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
    define: { __FAILPOINTS__: String(failpoints) },
    minifySyntax: true,
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'silent',
  });
  removeOthers(path.resolve(repoRoot, outdir, 'chunks'), new Set(Object.keys(metafile.outputs)));
}

/** Deletes what earlier builds left: afterwards, so that a process started meanwhile finds a whole build. */
function removeOthers(chunks, outputs) {
  for (const name of readdirSync(chunks)) {
    const file = path.join(chunks, name);
    if (!outputs.has(path.relative(repoRoot, file).replaceAll(path.sep, '/'))) rmSync(file);
  }
}
