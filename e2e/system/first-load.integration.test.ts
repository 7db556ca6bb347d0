import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import vm from 'node:vm';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { webDir } from '@/scripts/lib/setup';

const BUDGET = 1.7;
/** What Next needs to show a page without content: its runtime, the root layout and the error boundary. */
const EMPTY_PAGE = '/_not-found/page';
const MANIFEST = 'page_client-reference-manifest.js';

const buildManifestSchema = z.object({ rootMainFiles: z.array(z.string()).min(1) });
const pageManifestsSchema = z.record(
  z.string(),
  z.object({ entryJSFiles: z.record(z.string(), z.array(z.string())).optional() }),
);

const build = path.resolve(webDir);
const gzipBytes = new Map<string, Promise<number>>();

function sizeOf(file: string): Promise<number> {
  const known = gzipBytes.get(file);
  if (known !== undefined) return known;
  const size = readFile(path.join(build, file)).then((bytes) => gzipSync(bytes).length);
  gzipBytes.set(file, size);
  return size;
}

/** Gzip bytes of the scripts that each page's first load requests, by route. */
async function firstLoads(): Promise<Map<string, number>> {
  const text = await readFile(path.join(build, 'build-manifest.json'), 'utf8');
  const { rootMainFiles } = buildManifestSchema.parse(JSON.parse(text));
  const pages = path.join(build, 'server/app');
  const manifests = (await readdir(pages, { recursive: true })).filter((file) => file.endsWith(MANIFEST));
  const loads = new Map<string, number>();
  for (const file of manifests) {
    const context: { __RSC_MANIFEST?: unknown } = {};
    vm.runInNewContext(await readFile(path.join(pages, file), 'utf8'), Object.assign(context, { globalThis: context }));
    for (const [route, { entryJSFiles = {} }] of Object.entries(pageManifestsSchema.parse(context.__RSC_MANIFEST))) {
      const files = new Set([...rootMainFiles, ...Object.values(entryJSFiles).flat()]);
      const sizes = await Promise.all([...files].map(sizeOf));
      loads.set(
        route,
        sizes.reduce((sum, size) => sum + size, 0),
      );
    }
  }
  return loads;
}

test(`every page of the console loads at most ${BUDGET} times the JavaScript of an empty page`, async () => {
  const loads = await firstLoads();
  const empty = loads.get(EMPTY_PAGE) ?? 0;
  expect(empty).toBeGreaterThan(0);
  const pages = [...loads].filter(([route]) => route.startsWith('/(console)/'));
  // The build has every page, and the manifests name the scripts of each.
  expect(pages.length).toBeGreaterThan(15);
  expect(pages.filter(([, bytes]) => bytes <= empty)).toEqual([]);
  const overBudget = pages.filter(([, bytes]) => bytes > empty * BUDGET);
  expect(overBudget.map(([route, bytes]) => `${route}: ${(bytes / empty).toFixed(3)}`)).toEqual([]);
});
