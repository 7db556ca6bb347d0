import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { haveShared, sharedFile } from '@/test-support/shared';
import { asJson, TestSimulator, temporaryFolder } from './testing/harness';

const START = Date.parse('2011-01-03T14:30:00Z');
const MINUTE = 60_000;
let simulator: TestSimulator;

const folders: string[] = [];

afterEach(async () => {
  await simulator.dispose();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Two sessions of five bars each at the open, rising a dollar a minute from 100. */
function recording(): string {
  const lines: string[] = [];
  for (const day of [0, 1]) {
    for (let minute = 0; minute < 5; minute += 1) {
      const end = new Date(START + day * 86_400_000 + (minute + 1) * MINUTE).toISOString();
      const open = 100 + day * 10 + minute;
      lines.push(
        `${end.slice(0, 10).replaceAll('-', '')} ${end.slice(11, 19).replaceAll(':', '')};${open};${open + 1.5};${open - 0.5};${open + 1};1200`,
      );
    }
  }
  const folder = temporaryFolder();
  folders.push(folder);
  const file = join(folder, 'bars.txt');
  writeFileSync(file, lines.join('\n'));
  return file;
}

async function start(overrides: Record<string, string> = {}): Promise<void> {
  simulator = await TestSimulator.start({
    SIMULATOR_BARS: recording(),
    SIMULATOR_BARS_SYMBOL: 'SPY',
    SIMULATOR_QUOTE_MS: '10000',
    ...overrides,
  });
}

const advance = (ms: number) => simulator.json('POST', '/sim/v1/control', { advance_ms: ms });

describe('a recorded market', () => {
  it('says what it plays, keeps the exchange’s hours and starts at the first session', async () => {
    await start({ SIMULATOR_SPEED: '20' });
    const info = await simulator.json('GET', '/sim/v1/info');
    expect(info).toMatchObject({
      source: 'RECORDED',
      label: 'RECORDED SPY, from 2011-01-03 to 2011-01-04',
      date: '2011-01-03',
      speed: 20,
      round_the_clock: false,
      symbols: ['SPY'],
    });
    const clock = await simulator.json('GET', '/v2/clock');
    expect(clock).toMatchObject({
      is_open: true,
      next_close: '2011-01-03T16:00:00.000-05:00',
      next_open: '2011-01-04T09:30:00.000-05:00',
    });
    const sinceOpenMs = Date.parse(String(clock.timestamp)) - START;
    expect(sinceOpenMs).toBeGreaterThanOrEqual(0);
    expect(sinceOpenMs).toBeLessThan(5 * MINUTE);
    const calendar = await simulator.list('/v2/calendar?start=2011-01-01&end=2011-01-05');
    expect(calendar.map((day) => [day.date, day.open, day.close])).toEqual([
      ['2011-01-03', '09:30', '16:00'],
      ['2011-01-04', '09:30', '16:00'],
      ['2011-01-05', '09:30', '16:00'],
    ]);
    expect(
      await simulator.call('POST', '/v2/orders', {
        symbol: 'AAPL',
        side: 'buy',
        type: 'market',
        time_in_force: 'day',
        qty: '1',
      }),
    ).toMatchObject({ status: 422 });
  });

  it('fills along the path of the bars, each fill within its bar plus half the spread', async () => {
    await start();
    const market = await simulator.order({ symbol: 'SPY', qty: '1' });
    expect(await simulator.getOrder(market.id)).toMatchObject({ status: 'filled', filled_avg_price: '100.01' });
    const limit = await simulator.order({ symbol: 'SPY', qty: '1', type: 'limit', limit_price: '99.51' });
    const stop = await simulator.order({ symbol: 'SPY', qty: '1', type: 'stop', stop_price: '103.4' });
    await advance(5 * MINUTE - 5000);
    expect(await simulator.getOrder(limit.id)).toMatchObject({
      status: 'filled',
      filled_avg_price: '99.51',
      filled_at: '2011-01-03T14:30:20.000Z',
    });
    const stopped = await simulator.getOrder(stop.id);
    expect(stopped).toMatchObject({ status: 'filled' });
    const price = Number(stopped.filled_avg_price);
    const minute = Math.floor((Date.parse(String(stopped.filled_at)) - START) / MINUTE);
    expect(price).toBeGreaterThanOrEqual(99.5 + minute - 0.01);
    expect(price).toBeLessThanOrEqual(101.5 + minute + 0.01);
  });

  it('never shows a bar that is not over', async () => {
    await start();
    const bars = async () => (await simulator.json('GET', '/v2/stocks/SPY/bars?start=2011-01-01&end=2012-01-01')).bars;
    expect(await bars()).toEqual([]);
    await advance(2 * MINUTE);
    expect(await bars()).toMatchObject([
      { t: '2011-01-03T14:30:00.000Z', o: 100, h: 101.5, l: 99.5, c: 101, v: 1200 },
      { o: 101 },
    ]);
  });

  it('goes through the night: DAY expires, GTC rests, queued orders fill at the next open, and then it is closed for good', async () => {
    await start();
    const day = await simulator.order({ symbol: 'SPY', type: 'limit', limit_price: '50' });
    const gtc = await simulator.order({ symbol: 'SPY', type: 'limit', limit_price: '50', time_in_force: 'gtc' });
    await advance(8 * 3_600_000);
    expect(await simulator.json('GET', '/v2/clock')).toMatchObject({ is_open: false });
    expect(await simulator.getOrder(day.id)).toMatchObject({
      status: 'expired',
      expired_at: expect.stringContaining('2011-01-03T2'),
    });
    expect(await simulator.getOrder(gtc.id)).toMatchObject({ status: 'done_for_day' });
    const queued = await simulator.order({ symbol: 'SPY', qty: '1' });
    expect(queued).toMatchObject({ status: 'accepted', expires_at: '2011-01-04T21:00:00.000Z' });
    await advance(16 * 3_600_000 + 10_000);
    expect(await simulator.getOrder(queued.id)).toMatchObject({
      status: 'filled',
      filled_avg_price: '110.01',
      filled_at: '2011-01-04T14:30:00.000Z',
    });
    expect(await simulator.getOrder(gtc.id)).toMatchObject({ status: 'new' });
    await advance(10 * MINUTE);
    expect(await simulator.json('GET', '/v2/clock')).toMatchObject({ is_open: false });
  });

  it('goes on from where it was after a restart, and never back', async () => {
    await start();
    await advance(90_000);
    const before = Date.parse(String((await simulator.json('GET', '/v2/clock')).timestamp));
    await simulator.stop();
    await simulator.start();
    const after = Date.parse(String((await simulator.json('GET', '/v2/clock')).timestamp));
    expect(after).toBeGreaterThanOrEqual(before);
    expect(after - before).toBeLessThan(10_000);
  });

  const spy = sharedFile('data/spy-minute-2011-01/nt-spy-minute-2011.csv');
  it.skipIf(!haveShared)('fills a real session within its bars, to the cent (skipped without ../shared)', async () => {
    simulator = await TestSimulator.start({
      SIMULATOR_BARS: spy,
      SIMULATOR_QUOTE_MS: '10000',
      SIMULATOR_CASH: '1000000',
    });
    for (let index = 0; index < 26; index += 1) {
      await simulator.order({ symbol: 'SPY', qty: '30', side: index % 3 === 2 ? 'sell' : 'buy' });
      await advance(15 * MINUTE);
    }
    const bars = (await simulator.json('GET', '/v2/stocks/SPY/bars?start=2011-01-03T14:30:00Z&limit=390')).bars;
    if (!Array.isArray(bars)) throw new Error('no bars');
    const byStart = new Map(bars.map(asJson).map((bar) => [Date.parse(String(bar.t)), bar]));
    const fills = await simulator.list('/v2/account/activities/FILL?direction=asc');
    expect(fills.length).toBeGreaterThanOrEqual(20);
    let cents = 100_000_000;
    for (const fill of fills) {
      const bar = byStart.get(Math.floor(Date.parse(String(fill.transaction_time)) / MINUTE) * MINUTE);
      expect(Number(fill.price)).toBeGreaterThanOrEqual(Number(bar?.l) - 0.0101);
      expect(Number(fill.price)).toBeLessThanOrEqual(Number(bar?.h) + 0.0101);
      cents += Math.round(Number(fill.price) * 100) * Number(fill.qty) * (fill.side === 'buy' ? -1 : 1);
    }
    expect(Math.round(Number((await simulator.json('GET', '/v2/account')).cash) * 100)).toBe(cents);
  });

  it('is not played into an account that traded on another', async () => {
    await start();
    await simulator.stop();
    const other = await TestSimulator.start().then(async (synthetic) => {
      await synthetic.stop();
      return synthetic;
    });
    const config = { ...simulator.config(), dataDir: other.folder };
    const { startSimulator } = await import('./simulator');
    await expect(startSimulator(config, () => undefined)).rejects.toThrow('set DATA_DIR to another folder');
    await other.dispose();
  });
});
