import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { brokerFills, expectBooksEqual, type FillActivity } from './support/books';
import { figures } from './support/figures';
import { openRecording, type Recording } from './support/recording';
import { rejudgeAll } from './support/rejudge';
import { System } from './support/system';

/** `COUNTERSIGN_FULL=1` plays the whole session, which takes 19.5 minutes; otherwise a slice until there are 20 fills. */
const FULL = process.env['COUNTERSIGN_FULL'] === '1';
const SPEED = 20;
const SPREAD = 0.02;
const LEAST_FILLS = 20;
const SLICE_START = '2011-01-03T15:00:00Z';
const MINUTE_MS = 60_000;
const LIMIT_MS = FULL ? 30 * MINUTE_MS : 5 * MINUTE_MS;

const folder = mkdtempSync(path.join(tmpdir(), 'countersign-recording-'));
let recording: Recording;
let system: System;

beforeAll(async () => {
  recording = openRecording(folder);
  system = await System.start({
    simulator: {
      SIMULATOR_BARS: recording.file,
      SIMULATOR_BARS_SYMBOL: 'SPY',
      SIMULATOR_SPEED: String(SPEED),
      SIMULATOR_SPREAD: String(SPREAD),
      SIMULATOR_QUOTE_MS: '',
      SIMULATOR_FEE_PER_SHARE: '0.005',
      ...(FULL ? {} : { SIMULATOR_START: SLICE_START }),
    },
  });
});

afterAll(async () => {
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** How far a fill lies outside its minute's range, in dollars; the minute is the one of its time. */
function outside(fill: FillActivity): number {
  const startMs = Math.floor(Date.parse(fill.transaction_time) / MINUTE_MS) * MINUTE_MS;
  const minute = recording.minutes.get(startMs);
  if (minute === undefined) throw new Error(`no bar is recorded for ${fill.transaction_time}`);
  const price = Number(fill.price);
  return Math.max(0, minute.low - price, price - minute.high);
}

/** Countersigns what waits, so that judgements of that kind are among those judged again. */
async function countersignOne(): Promise<boolean> {
  const console = await system.console();
  const { pending } = await console.approvals.list.query();
  const newest = pending[0];
  if (newest === undefined) return false;
  const { shownHash } = await console.approvals.get.query({ id: newest.id });
  return (await console.approvals.approve.mutate({ id: newest.id, shownHash })).ok;
}

test('a recorded session is traded live: fills inside their bars, books equal to the broker’s, decisions reproducible', {
  timeout: LIMIT_MS + 3 * MINUTE_MS,
}, async () => {
  const { stack } = system;
  const worker = await stack.worker({ STRATEGIES: 'fake' });
  const startedMs = performance.now();
  await stack.until('a countersigned purchase', countersignOne, LIMIT_MS);
  const fills = async () => Number(await system.scalar('SELECT count(*) FROM fills WHERE NOT busted'));
  await stack.until(
    `${LEAST_FILLS} fills${FULL ? ' and the close' : ''}`,
    async () => {
      const closed = FULL ? (await system.scalar('SELECT is_open FROM market_clock')) === 'false' : true;
      return closed && (await fills()) >= LEAST_FILLS;
    },
    LIMIT_MS,
  );
  const tradedMs = performance.now() - startedMs;
  // No more orders: what is on its way comes to rest.
  await worker.end('SIGTERM');
  await stack.worker();
  const moving = `SELECT count(*) FROM orders WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')`;
  await stack.until('every order to end', async () => (await system.scalar(moving)) === '0', 60_000);

  const books = await expectBooksEqual(system);
  const broker = await brokerFills(system);
  expect(broker.length).toBeGreaterThanOrEqual(LEAST_FILLS);
  const worst = Math.max(...broker.map(outside));
  expect(worst).toBeLessThanOrEqual(SPREAD);

  const judged = await rejudgeAll(stack.pool);
  expect(judged.map(({ id, again }) => ({ id, ...again }))).toEqual(
    judged.map(({ id, stored }) => ({ id, ...stored })),
  );
  const count = (decision: string) => judged.filter(({ stored }) => stored.decision === decision).length;
  expect(judged.filter(({ kind }) => kind === 'APPROVAL').length).toBeGreaterThan(0);
  figures(`recorded session at ${SPEED}×, ${recording.what}`, {
    wall_s: Math.round(tradedMs / 1_000),
    fills: broker.length,
    worst_outside_bar: worst.toFixed(4),
    cash: books.cash,
    judged_again: judged.length,
    equal: judged.length,
    approve: count('APPROVE'),
    review: count('REVIEW'),
    reject: count('REJECT'),
  });
});
