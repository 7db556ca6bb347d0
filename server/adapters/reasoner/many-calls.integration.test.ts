import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { memoText } from '@/server/application/reasoning/testing/questions';
import { bundleForTest } from '@/test-support/bundle';
import { type ModelServer, startModelServer } from '@/test-support/model-server';

const MB = 1_048_576;
const resultSchema = z.object({
  counts: z.record(z.string(), z.number()),
  warm: z.number(),
  after: z.number(),
  handles: z.array(z.string()),
});

let server: ModelServer;
let program = '';

beforeAll(async () => {
  server = await startModelServer();
  program = await bundleForTest('server/adapters/reasoner/testing/many-calls.ts', 'many-calls');
});
afterAll(async () => {
  await server.close();
  await rm(program, { force: true });
});

it('a thousand calls, a third of which fail, leave nothing behind: heap, sockets, handles', {
  timeout: 300_000,
}, async () => {
  // Never five failures in a row: the breaker stays closed and all of them are really asked.
  server.script((_, n) => {
    if (n % 9 === 3) return { kind: 'status', status: 500 };
    if (n % 9 === 6) return { kind: 'truncated', text: memoText() };
    if (n % 9 === 8) return { kind: 'reset' };
    return { kind: 'answer', text: memoText() };
  });
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, server.url]);
  const { counts, warm, after, handles } = resultSchema.parse(JSON.parse(stdout));
  process.stdout.write(
    `${JSON.stringify(counts)}: heap ${(warm / MB).toFixed(2)} MB after 600 calls, ${(after / MB).toFixed(2)} MB after 1,600\n`,
  );
  expect(Object.values(counts).reduce((sum, each) => sum + each, 0)).toBe(1_600);
  expect(counts.OK).toBeGreaterThan(900);
  expect(counts.PROVIDER).toBeGreaterThan(400);
  // Whatever is kept of a call, were it its answer alone, would be more; compiled code is less.
  expect(after - warm).toBeLessThan(1.5 * MB);
  expect(handles.filter((name) => /TCP|Timeout/.test(name))).toEqual([]);
  await server.idle();
});
