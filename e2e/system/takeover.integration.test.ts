import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WorkerChild } from '@/workers/testing/stack';
import { expectBooksEqual } from './support/books';
import { figures } from './support/figures';
import { System } from './support/system';

let system: System;

beforeAll(async () => {
  system = await System.start({ simulator: { SIMULATOR_FEE_PER_SHARE: '0.005' } });
});

afterAll(async () => {
  await system.stop();
});

const holder = () =>
  system.scalar(`SELECT holder FROM leases WHERE name = 'execution' AND expires_at > clock_timestamp()`);

/** Which of the workers holds the execution lease: holders are named after the process. */
async function acting(workers: readonly WorkerChild[]): Promise<WorkerChild> {
  const name = await holder();
  const found = workers.find(({ process }) => name.includes(`-${process.pid}-`));
  if (found === undefined) throw new Error(`none of the workers is ${name}`);
  return found;
}

async function place(count: number): Promise<string[]> {
  const symbols = ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'SPY'];
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const symbol = symbols[n % symbols.length] ?? 'AAPL';
      const placed = await system.place({ signal_id: await system.signal({ symbol }), symbol });
      expect(placed.status).toBe(201);
      return String(placed.body['order_id']);
    }),
  );
}

test('of two workers one acts; killed in the middle of its orders, the other takes over and nothing is sent twice', async () => {
  const workers = [await system.stack.worker(), await system.stack.worker()];
  await system.stack.reconciled();
  await system.stack.until('a holder', async () => (await holder()) !== 'undefined');
  const first = await acting(workers);
  const ids = await place(6);
  const filled = async () =>
    Number(await system.scalar(`SELECT count(*) FROM orders WHERE status = 'FILLED' AND id = ANY ($1::uuid[])`, [ids]));
  const firstToken = BigInt(await system.scalar(`SELECT token FROM leases WHERE name = 'execution'`));
  await system.stack.until('a first fill', async () => (await filled()) > 0);
  ids.push(...(await place(6)));
  const killedMs = performance.now();
  await first.end('SIGKILL');
  await system.stack.until('the other to act', async () => {
    const token = await system.scalar(
      `SELECT token FROM leases WHERE name = 'execution' AND expires_at > clock_timestamp()`,
    );
    return token !== 'undefined' && BigInt(token) > firstToken;
  });
  const tookOverMs = performance.now() - killedMs;
  expect(await acting(workers)).not.toBe(first);
  await system.stack.until('every fill', async () => (await filled()) === ids.length, 60_000);
  const allFilledMs = performance.now() - killedMs;
  const atBroker = (await system.stack.brokerOrders()).map((each) => each.client_order_id);
  expect(atBroker.sort()).toEqual([...ids].sort());
  await expectBooksEqual(system);
  const claims = await system.scalar(`SELECT count(*) FROM execution_events WHERE type = 'sent'`);
  figures('takeover', {
    orders: ids.length,
    sends: claims,
    lease_ms: Math.round(tookOverMs),
    all_filled_ms: Math.round(allFilledMs),
  });
});
