import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';

/** A change of the source that makes it wrong on purpose. */
export interface Mutation {
  /** From the repository's root. */
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Bundles {
  readonly worker: string;
  readonly simulator: string;
  readonly client: string;
  dispose(): void;
}

/** Applies mutations while bundling. @throws Error for one that does not fit its file any more */
function mutate(root: string, mutations: readonly Mutation[]): Plugin {
  const seen = new Set<Mutation>();
  return {
    name: 'mutate',
    setup(options) {
      options.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
        const wanted = mutations.filter((each) => path.join(root, each.file) === file);
        if (wanted.length === 0) return null;
        let contents = readFileSync(file, 'utf8');
        for (const each of wanted) {
          const count = contents.split(each.find).length - 1;
          if (count !== 1) throw new Error(`${each.file} has ${count} times: ${each.find}`);
          contents = contents.replace(each.find, () => each.replace);
          seen.add(each);
        }
        return { contents, loader: 'ts' };
      });
      options.onEnd(() => {
        const missing = mutations.filter((each) => !seen.has(each));
        if (missing.length > 0) throw new Error(`not in the bundle: ${missing.map(({ file }) => file).join(', ')}`);
      });
    },
  };
}

/** Bundles the processes as they ship, but with failpoints, and with `mutations` where a mutant is tried. */
export async function bundleProcesses(
  root: string,
  name: string,
  mutations: readonly Mutation[] = [],
): Promise<Bundles> {
  const folder = path.join(root, '.cache/faults', `${name}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const common = {
    absWorkingDir: root,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    alias: { '@': root, 'server-only': path.join(root, 'scripts/lib/empty.ts') },
    logLevel: 'silent',
  } as const;
  const mutated = { worker: 'workers/main.ts' };
  const plain = { simulator: 'workers/simulator/main.ts', client: 'e2e/faults/harness/client-main.ts' };
  await Promise.all([
    build({ ...common, entryPoints: mutated, plugins: [mutate(root, mutations)] }),
    build({ ...common, entryPoints: plain }),
  ]);
  const file = (entry: string) => path.join(folder, `${entry}.mjs`);
  return {
    worker: file('worker'),
    simulator: file('simulator'),
    client: file('client'),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
