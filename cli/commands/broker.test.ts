import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '@/cli/testing/run-cli';
import type { VenueEnvironment } from '@/server/kernel/vocabulary';
import { KEY_ID, SECRET_KEY, TestSimulator } from '@/workers/simulator/testing/harness';
import { orderSkipped } from './broker';

let simulator: TestSimulator;
const before = { ...process.env };

beforeEach(async () => {
  simulator = await TestSimulator.start({ SIMULATOR_RATE_LIMIT: '200' });
  await simulator.quote('SPY', '499.97', '500.03');
  delete process.env['DATABASE_URL'];
  Object.assign(process.env, { BROKER_URL: simulator.url, BROKER_KEY_ID: KEY_ID, BROKER_SECRET_KEY: SECRET_KEY });
});

afterEach(async () => {
  for (const name of ['BROKER_URL', 'BROKER_KEY_ID', 'BROKER_SECRET_KEY', 'DATABASE_URL', 'DATA_DIR']) {
    const value = before[name];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await simulator.dispose();
});

const check = (...args: readonly string[]) => runCli('broker', 'check', ...args);

interface Line {
  readonly name: string;
  readonly result: string;
  readonly detail: string;
  readonly todo: string;
}

async function lines(...args: readonly string[]): Promise<{ code: unknown; found: Map<string, Line>; text: string }> {
  const { code, out } = await check('--json', ...args);
  const { checks }: { checks: Line[] } = JSON.parse(out);
  return { code, found: new Map(checks.map((line) => [line.name, line])), text: out };
}

const faults = (switches: object) => simulator.json('PUT', '/sim/v1/faults', switches);

describe('countersign broker check', () => {
  it('tells each thing that trading needs, and leaves nothing behind at the broker', async () => {
    const { code, out } = await check();
    expect(code).toBe(0);
    const names = ['venue', 'keys', 'account', 'clock', 'stream', 'market data', 'order', 'rate limit'];
    for (const name of names) expect(out).toMatch(new RegExp(`^ok +${name} `, 'm'));
    expect(out).toContain('1 SPY at 249.98 placed and cancelled, and the stream reported it');
    expect(out).toContain('200 a minute named by the broker');
    expect(out).not.toContain(SECRET_KEY);
    expect(await simulator.list('/v2/orders?status=open')).toEqual([]);
    expect(await simulator.list('/v2/orders?status=all')).toMatchObject([{ status: 'canceled', qty: '1' }]);
  });

  it('places no order when asked not to, or for a symbol without a quote', async () => {
    const { code, found } = await lines('--no-order');
    expect(code).toBe(0);
    expect(found.get('order')).toMatchObject({ result: 'skipped', detail: 'left out by --no-order' });
    const unknown = await lines('--symbol', 'NOPE');
    expect(unknown.code).toBe(1);
    expect(unknown.found.get('market data')?.result).toBe('failed');
    expect(unknown.found.get('order')?.result).toBe('skipped');
    expect(await simulator.list('/v2/orders?status=all')).toEqual([]);
  });

  it('says which settings to check when the keys are refused, and never shows them', async () => {
    process.env['BROKER_SECRET_KEY'] = 'not-the-secret';
    const { code, found, text } = await lines();
    expect(code).toBe(1);
    expect(found.get('keys')).toMatchObject({ result: 'failed', todo: expect.stringContaining('BROKER_SECRET_KEY') });
    expect(found.has('order')).toBe(false);
    expect(text).not.toContain('not-the-secret');
  });

  it.each<[string, object, string, string]>([
    ['a blocked account', { block_account: 'trading_blocked' }, 'account', 'trading_blocked'],
    ['a refused order', { answer: { status: 403, body: { code: 1, message: 'no' } }, only: ['POST'] }, 'order', 'no'],
    ['data that is a page', { answer: 'html', only: ['quotes/latest'] }, 'market data', 'an HTML page'],
    ['a clock that fails', { fail_5xx: 1, only: ['clock'] }, 'clock', 'internal server error'],
  ])('fails on %s', async (_name, switches, name, text) => {
    await faults(switches);
    const { code, found } = await lines();
    expect(code).toBe(1);
    expect(found.get(name)).toMatchObject({ result: 'failed', detail: expect.stringContaining(text) });
  });

  it('finds and cancels an order whose answer was lost', async () => {
    await faults({ drop_reply_after_accept: 1 });
    const { code, found } = await lines();
    expect(found.get('order')).toMatchObject({ result: 'ok' });
    expect(code).toBe(0);
    expect(await simulator.list('/v2/orders?status=open')).toEqual([]);
  });

  it('says so when the broker does not answer', async () => {
    await simulator.stop();
    process.env['BROKER_URL'] = 'http://127.0.0.1:4740';
    const { code, found } = await lines();
    expect(code).toBe(1);
    expect(found.get('venue')).toMatchObject({ result: 'failed', todo: expect.stringContaining('BROKER_URL') });
    await simulator.start();
  });

  it('needs keys', async () => {
    delete process.env['BROKER_KEY_ID'];
    const { code, err } = await check();
    expect(code).toBe(2);
    expect(err).toContain('No broker keys');
  });
});

describe('whether the check places its order', () => {
  const venue = (environment: VenueEnvironment) => ({
    environment,
    source: '',
    speed: 1,
    roundTheClock: false,
    symbols: null,
  });
  const small = { stage: 'M3_LIVE_SMALL', workers: 0 };
  it.each([
    ['paper', { order: true }, null, 'PAPER', null],
    ['live', { order: true }, small, 'LIVE', 'no order without --live'],
    ['live, asked for, and no database', { order: true, live: true }, null, 'LIVE', 'the stage is not known'],
    ['live, asked for in another stage', { order: true, live: true }, { stage: 'M1_PAPER', workers: 0 }, 'LIVE', 'M1'],
    ['live, asked for in its stage', { order: true, live: true }, small, 'LIVE', null],
    ['beside a worker', { order: true }, { stage: 'M0_LOCAL', workers: 1 }, 'SIM', 'a worker runs'],
    ['beside a worker, asked for', { order: true, besideWorker: true }, { stage: 'M0', workers: 1 }, 'SIM', null],
    ['never', { order: false, live: true }, small, 'LIVE', '--no-order'],
  ] as const)('%s', (_name, options, stack, environment, reason) => {
    const skipped = orderSkipped(options, stack, venue(environment));
    if (reason === null) expect(skipped).toBeNull();
    else expect(skipped).toContain(reason);
  });
});
