// How the console's production server is run: by `npm start` and by the bench (ops/Dockerfile says the same).
import path from 'node:path';
import { repoRoot } from './repo.mjs';

/**
 * V8 sizes its garbage to the memory that it may use: with the default of gigabytes the process grows by 100 MB over its
 * first thousands of requests before it collects. Live data is about 50 MB.
 */
const MAX_HEAP_MB = 512;

/** Arguments of node. @param {number} port @param {string} host */
export function webArguments(port, host) {
  const next = path.join(repoRoot, 'node_modules/next/dist/bin/next');
  return [`--max-old-space-size=${MAX_HEAP_MB}`, next, 'start', '-p', String(port), '-H', host];
}
