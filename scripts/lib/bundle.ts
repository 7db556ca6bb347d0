// esbuild bundles of what runs outside Next: the worker, the simulator and the command line. Packages stay outside the
// bundles and come from node_modules. Tests and measurements bundle one entry at a time.
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build, stop } from 'esbuild';
import { repoRoot } from './repo';

const ENTRIES = {
  worker: 'workers/main.ts',
  simulator: 'workers/simulator/main.ts',
  gateway: 'workers/gateway/main.ts',
  countersign: 'cli/main.ts',
};

const COMMON: BuildOptions = {
  absWorkingDir: repoRoot,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  alias: { 'server-only': './scripts/lib/empty.ts' },
  logLevel: 'silent',
};

/**
 * Bundles one entry, with what it needs of the repository, into one file.
 * @param entry path from the repository's root
 * @param outfile path from the repository's root
 * @param options `sourcemap` for stacks that a person reads
 * @returns the file, absolute
 */
export async function bundleOne(
  entry: string,
  outfile: string,
  options: { sourcemap?: boolean } = {},
): Promise<string> {
  await build({ ...COMMON, entryPoints: [entry], outfile, sourcemap: options.sourcemap ? 'linked' : false });
  return path.join(repoRoot, outfile);
}

/**
 * Writes dist/worker.mjs, dist/simulator.mjs, dist/gateway.mjs and dist/countersign.mjs.
 * @param options another folder; with the tests' failpoints left in
 */
export async function bundle(options: { outdir?: string; failpoints?: boolean } = {}): Promise<void> {
  const { outdir = 'dist', failpoints = false } = options;
  const { metafile } = await build({
    ...COMMON,
    entryPoints: ENTRIES,
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    // Nothing of the tests' failpoints is in what ships: calls of a function that is empty are dropped.
    define: { __FAILPOINTS__: String(failpoints) },
    minifySyntax: true,
    sourcemap: 'linked',
    metafile: true,
  });
  removeOthers(path.resolve(repoRoot, outdir, 'chunks'), new Set(Object.keys(metafile.outputs)));
}

/** Ends the bundler's process, which otherwise stays until this one ends. */
export const stopBundler = (): Promise<void> => stop();

/** Deletes what earlier builds left: afterwards, so that a process started meanwhile finds a whole build. */
function removeOthers(chunks: string, outputs: ReadonlySet<string>): void {
  for (const name of readdirSync(chunks)) {
    const file = path.join(chunks, name);
    if (!outputs.has(path.relative(repoRoot, file).replaceAll(path.sep, '/'))) rmSync(file);
  }
}
