import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen } from '@/server/adapters/postgres/bus/listener';
import { createOutboxRelay } from '@/server/adapters/postgres/bus/outbox-relay';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import { createPool } from '@/server/adapters/postgres/pool';
import type { EventBus, EventHandler } from '@/server/application/ports/bus';
import type { Fence } from '@/server/application/ports/lease';
import { PARTITIONS } from '@/server/contracts/event';
import { EFFECTS_TABLE, effects, HandlerFault, newEvents, recordEffect, testClock, until } from '@/test-support/bus';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { createEventLog } from './event-log';
import { createOutboxBus } from './outbox-bus';

let database: TestDatabase;
let pool: Pool;
let fence: Fence;
const faults: string[] = [];
const buses: EventBus[] = [];

/** A bus as a process of its own would have it, woken by the database. */
function process(): { bus: EventBus; stop(): Promise<void> } {
  const bus = createOutboxBus({ log: createEventLog(pool), clock: testClock, onFault: (what) => faults.push(what) });
  const listener = listen(database.url, ['bus'], {
    notified: () => bus.wake(),
    connected: () => bus.wake(),
    disconnected: () => undefined,
  });
  const stop = async () => {
    await bus.close();
    await listener.close();
  };
  buses.push(bus);
  return { bus, stop };
}

const relay = async () => {
  const publish = createOutboxRelay(pool);
  while ((await publish(fence)) > 0);
};

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { name: 'test', max: 20 });
  const held = await createLeaseStore(pool).acquire('relay', 'test', 600_000);
  if (held === null) throw new Error('the lease is taken');
  fence = held;
  await pool.query(EFFECTS_TABLE);
});

afterAll(async () => {
  await Promise.all(buses.map((bus) => bus.close()));
  await pool.end();
  await database.drop();
});

test('an event is on its way only after the relay gave it a position, as a complete CloudEvent', async () => {
  const { bus, stop } = process();
  const heard: unknown[] = [];
  bus.subscribe('envelope', ['probe.*'], async (event) => void heard.push(event), { from: 'start' });
  const id = randomUUID();
  await bus.publish([{ id, topic: 'probe.one', subject: 'AAPL', data: { symbol: 'AAPL', n: 1 } }]);
  await bus.publish([{ id, topic: 'probe.one', subject: 'AAPL', data: { symbol: 'AAPL', n: 2 } }]);
  await relay();
  await until('the event', () => heard.length > 0);
  expect(heard).toEqual([
    {
      specversion: '1.0',
      id,
      source: '/countersign',
      type: 'probe.one',
      subject: 'AAPL',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      datacontenttype: 'application/json',
      data: { symbol: 'AAPL', n: 1 },
      position: expect.stringMatching(/^\d+$/),
      partition: expect.any(Number),
    },
  ]);
  await stop();
});

test('what was published without a consumer is handled once, in order within a symbol, by the next consumer', async () => {
  const first = process();
  const handler = (worker: string): EventHandler => recordEffect('away', worker);
  const subscription = first.bus.subscribe('away', ['order.*'], handler('first'));
  await until('the consumer is known', async () => known('away'));
  await subscription.close();
  await first.stop();
  const events = newEvents('order.filled', 120);
  await createEventLog(pool).append(events);
  await createEventLog(pool).append(newEvents('market.bar.closed', 50));
  await relay();
  const later = [process(), process()];
  for (const [n, each] of later.entries()) each.bus.subscribe('away', ['order.*'], handler(`later ${n}`));
  await until('every effect', async () => (await effects(pool, 'away')).total >= events.length);
  await Promise.all(later.map((each) => each.stop()));
  expect(await effects(pool, 'away')).toMatchObject({ total: 120, distinct: 120, outOfOrder: 0 });
});

test('a handler that fails leaves no effect and is asked again; other partitions go on meanwhile', async () => {
  const { bus, stop } = process();
  const events = newEvents('signal.created', 40);
  const poison = events[5]?.id;
  let failures = 0;
  const work = recordEffect('failing', 'only');
  bus.subscribe('failing', ['signal.*'], async (event, transaction) => {
    await work(event, transaction);
    if (event.id === poison && failures < 3) {
      failures += 1;
      throw new HandlerFault();
    }
  });
  await until('the consumer is known', async () => known('failing'));
  await bus.publish(events);
  await relay();
  await until('every effect', async () => (await effects(pool, 'failing')).total >= 40);
  await stop();
  expect(failures).toBe(3);
  expect(faults.filter((what) => what.includes('failing'))).toHaveLength(3);
  expect(await effects(pool, 'failing')).toMatchObject({ total: 40, distinct: 40, outOfOrder: 0 });
});

test('one process at a time handles a partition, and processes share them', async () => {
  const handling = new Map<number, number>();
  let most = 0;
  const workers = new Set<string>();
  const shared =
    (worker: string): EventHandler =>
    async (event, transaction) => {
      const now = (handling.get(event.partition) ?? 0) + 1;
      handling.set(event.partition, now);
      most = Math.max(most, now);
      workers.add(worker);
      await recordEffect('shared', worker)(event, transaction);
      await transaction.query('SELECT pg_sleep(0.002)');
      handling.set(event.partition, now - 1);
    };
  const processes = [process(), process()];
  for (const [n, each] of processes.entries())
    each.bus.subscribe('shared', ['market.bar.closed'], shared(`${n}`), { maxInFlight: 4 });
  await until('the consumer is known', async () => known('shared'));
  await createEventLog(pool).append(newEvents('market.bar.closed', 400));
  await relay();
  await until('every effect', async () => (await effects(pool, 'shared')).total >= 400);
  await Promise.all(processes.map((each) => each.stop()));
  expect(most).toBe(1);
  expect(workers.size).toBe(2);
  expect(await effects(pool, 'shared')).toMatchObject({ total: 400, distinct: 400, outOfOrder: 0 });
});

test('a topic with an underscore is not taken for a pattern', async () => {
  const { bus, stop } = process();
  const heard: string[] = [];
  bus.subscribe('exact', ['order.cancel_requested'], async ({ type }) => void heard.push(type));
  await until('the consumer is known', async () => known('exact'));
  await bus.publish([
    { id: randomUUID(), topic: 'order.cancelXrequested', subject: 'AAPL', data: {} },
    { id: randomUUID(), topic: 'order.cancel_requested', subject: 'AAPL', data: {} },
  ]);
  await relay();
  await until('the event', () => heard.length > 0);
  await stop();
  expect(heard).toEqual(['order.cancel_requested']);
});

async function known(consumer: string): Promise<boolean> {
  const { rowCount } = await pool.query('SELECT 1 FROM bus_cursors WHERE consumer = $1', [consumer]);
  return rowCount === PARTITIONS;
}
