import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      command: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.unknown()).optional(),
      volumes: z.array(z.string()).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()),
});

const file = path.resolve(import.meta.dirname, '../docker-compose.yml');
const compose = composeSchema.parse(parse(readFileSync(file, 'utf8'), { merge: true }));
const serviceOf = (name: string) => compose.services[name] ?? {};

/** The named volume, and how it is mounted, at the data folder of the images. */
function dataVolume(name: string): { volume: string; readOnly: boolean } | null {
  for (const mount of serviceOf(name).volumes ?? []) {
    const [volume = '', target, mode = 'rw'] = mount.split(':');
    if (target === '/data') return { volume, readOnly: mode.split(',').includes('ro') };
  }
  return null;
}

test('bar history and the break-glass journal survive the container: the worker keeps its data folder in a volume', () => {
  const worker = dataVolume('worker');
  expect(worker).toMatchObject({ readOnly: false });
  expect(Object.keys(compose.volumes)).toContain(worker?.volume);
});

test('the watchdog shares the data folder of the worker; the console may only read it', () => {
  const volume = dataVolume('worker')?.volume;
  expect(volume).toBeDefined();
  expect(dataVolume('watchdog')).toEqual({ volume, readOnly: false });
  expect(dataVolume('web')).toEqual({ volume, readOnly: true });
});

test('the paper broker keeps its own ledger apart', () => {
  expect(dataVolume('simulator')?.volume).not.toBe(dataVolume('worker')?.volume);
});

test('a watchdog runs beside the worker, with the keys and the broker that it may have to cancel at', () => {
  const { command = [], environment = {} } = serviceOf('watchdog');
  expect(command.slice(-3)).toEqual(['dist/worker.mjs', '--roles', 'watchdog']);
  const worker = serviceOf('worker').environment ?? {};
  for (const name of ['DATABASE_URL', 'BROKER_URL', 'BROKER_KEY_ID', 'BROKER_SECRET_KEY'])
    expect({ [name]: environment[name] }).toEqual({ [name]: worker[name] });
  expect(Object.keys(environment)).toEqual(expect.arrayContaining(['DEADMAN_SECONDS', 'DEADMAN_CANCEL']));
});
