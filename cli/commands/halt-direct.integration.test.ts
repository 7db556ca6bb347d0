import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundleForTest } from '@/test-support/bundle';
import { bundleSimulator, type Child, startChild } from '@/workers/simulator/testing/child';
import { KEY_ID, SECRET_KEY, testEnvironment } from '@/workers/simulator/testing/harness';

let folder: string;
let simulator: Child;
let port: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-direct-'));
  simulator = await startChild(await bundleSimulator(), testEnvironment(folder, { SIMULATOR_QUOTE_MS: '1000' }));
  port = new URL(simulator.url).port;
});
afterEach(async () => {
  await simulator.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** The command as a person runs it when nothing but the broker is up: no database address in its environment. */
async function halt(env: Record<string, string>, ...args: readonly string[]) {
  const argv = [
    await bundleForTest('cli/main.ts', 'cli'),
    'halt',
    '--direct',
    '--reason',
    'the database is gone',
    ...args,
  ];
  const child = spawn(process.execPath, argv, {
    env: { NODE_ENV: 'test', PATH: process.env['PATH'] ?? '', DATA_DIR: folder, ...env },
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, output };
}

async function ask(method: string, target: string, body?: unknown) {
  const response = await fetch(`${simulator.url}${target}`, {
    method,
    headers: { 'APCA-API-KEY-ID': KEY_ID, 'APCA-API-SECRET-KEY': SECRET_KEY },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

const rest = (limit_price: string) =>
  ask('POST', '/v2/orders', {
    symbol: 'AAPL',
    side: 'buy',
    type: 'limit',
    time_in_force: 'day',
    qty: '1',
    limit_price,
  });

const records = () =>
  readFileSync(path.join(folder, 'break-glass.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line): { phase: string; actor: string; reason: string; data: object } => JSON.parse(line));

test('with the keys of the data folder alone: everything is cancelled, new orders are refused, every step is written down', {
  timeout: 60_000,
}, async () => {
  const secrets = { brokerKeyId: KEY_ID, brokerSecretKey: SECRET_KEY };
  writeFileSync(path.join(folder, 'secrets.json'), JSON.stringify(secrets));
  expect((await rest('10')).status).toBe(200);
  expect((await rest('11')).status).toBe(200);
  const { code, output } = await halt({ SIMULATOR_PORT: port });
  expect(output).toContain('no order works');
  expect(output).toContain('the broker refuses new orders');
  expect(code).toBe(0);
  for (const secret of [KEY_ID, SECRET_KEY]) expect(output).not.toContain(secret);
  expect((await ask('GET', '/v2/orders?status=open')).body).toEqual([]);
  expect((await rest('12')).status).toBe(403);
  expect(records().map(({ phase, reason }) => `${phase} ${reason}`)).toEqual([
    'BEGUN the database is gone',
    'SUSPENDING the database is gone',
    'ENDED the database is gone',
  ]);
  expect(records()[0]?.actor).toMatch(/^cli:/);
  expect(records()[2]?.data).toMatchObject({ working: 0, suspended: true });
  expect(readFileSync(path.join(folder, 'break-glass.jsonl'), 'utf8')).not.toContain(SECRET_KEY);
});

test('orders whose cancel is only being carried out are waited for; past the wait the answer is no', {
  timeout: 60_000,
}, async () => {
  await rest('10');
  await ask('PUT', '/sim/v1/faults', { cancel_delay_ms: 600_000 });
  const keys = { SIMULATOR_PORT: port, BROKER_KEY_ID: KEY_ID, BROKER_SECRET_KEY: SECRET_KEY };
  const { code, output } = await halt(keys, '--wait', '2');
  expect(output).toContain('1 order(s) still work');
  expect(output).toContain('NOT YET');
  expect(code).toBe(1);
});

test('without keys, and with a broker that refuses them, nothing is said to be stopped', {
  timeout: 60_000,
}, async () => {
  const none = await halt({ SIMULATOR_PORT: port });
  expect(none.code).toBe(2);
  expect(none.output).toContain('No broker keys');
  const wrong = { SIMULATOR_PORT: port, BROKER_KEY_ID: 'other', BROKER_SECRET_KEY: 'wrong' };
  const refused = await halt(wrong, '--wait', '1');
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('NOT YET');
});
