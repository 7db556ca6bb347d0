// How `npm start` and the bench run the console's production server (as does ops/Dockerfile).
import path from 'node:path';
import { repoRoot } from './repo';

/**
 * V8 sizes its garbage to the memory that it may use: with the default of gigabytes the process grows by 100 MB over its
 * first thousands of requests before it collects. Live data is about 50 MB.
 */
const MAX_HEAP_MB = 512;

/** Arguments of node. */
export function webArguments(port: number, host: string): string[] {
  const next = path.join(repoRoot, 'node_modules/next/dist/bin/next');
  return [`--max-old-space-size=${MAX_HEAP_MB}`, next, 'start', '-p', String(port), '-H', host];
}
