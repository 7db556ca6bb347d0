// What keeps the processes' memory where it is after their first thousands of orders: for `npm start` and for the bench
// (ops/Dockerfile says the same).
import path from 'node:path';
import { repoRoot } from './repo.mjs';

/**
 * V8 sizes its garbage to the memory that it may use: with the default of gigabytes the web process grows by 100 MB
 * before it collects. Live data is about 50 MB.
 */
const MAX_WEB_HEAP_MB = 512;

/** For every process. glibc gives each thread an arena of its own, up to eight a core, and hardly ever returns one. */
export const MEMORY_ENVIRONMENT = { MALLOC_ARENA_MAX: '2' };

/** Arguments of node for the console's production server. @param {number} port @param {string} host */
export function webArguments(port, host) {
  const next = path.join(repoRoot, 'node_modules/next/dist/bin/next');
  return [`--max-old-space-size=${MAX_WEB_HEAP_MB}`, next, 'start', '-p', String(port), '-H', host];
}
