import { type ChildProcess, spawn } from 'node:child_process';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Pool } from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createEventLog } from '@/server/adapters/postgres/bus/event-log';
import { createOutboxRelay } from '@/server/adapters/postgres/bus/outbox-relay';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import { createPool } from '@/server/adapters/postgres/pool';
import type { EventBus, EventHandler } from '@/server/application/ports/bus';
import type { Fence } from '@/server/application/ports/lease';
import { bundleForTest } from '@/test-support/bundle';
import { EFFECTS_TABLE, effects, newEvents, recordEffect, testClock, until } from '@/test-support/bus';
import { Engine, haveEngine } from '@/test-support/engines';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { createNatsBus } from './bus';

let consumerFile: string;

beforeAll(async () => {
  consumerFile = await bundleForTest('server/adapters/nats/testing/consumer-process.ts', 'bus-consumer');
});

describe.runIf(haveEngine('nats-server'))('the bus on JetStream', () => {
  let database: TestDatabase;
  let pool: Pool;
  let fence: Fence;
  let server: Engine;
  let buses: EventBus[] = [];
  let children: ChildProcess[] = [];
  let states: string[] = [];
  let relayBus: EventBus;
  let relaying: { stop(): Promise<void> };

  function newBus(): EventBus {
    const bus = createNatsBus({
      url: server.url,
      name: 'test',
      log: createEventLog(pool),
      clock: testClock,
      onFault: () => undefined,
      onState: (what) => states.push(what),
    });
    buses.push(bus);
    return bus;
  }

  /** The worker's relay: publishes the outbox, then hands it on; an engine that is away is asked again. */
  function runRelay(): { stop(): Promise<void> } {
    let ended = false;
    const publish = createOutboxRelay(pool);
    const loop = (async () => {
      while (!ended) {
        while ((await publish(fence)) > 0);
        await relayBus.forward(fence).catch(() => 0);
        await testClock.sleep(20);
      }
    })();
    return {
      stop() {
        ended = true;
        return loop;
      },
    };
  }

  function consumerProcess(consumer: string, topic: string, env: Record<string, string> = {}): ChildProcess {
    const child = spawn(process.execPath, [consumerFile], {
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_ENV: 'test',
        DATABASE_URL: database.url,
        NATS_URL: server.url,
        CONSUMER: consumer,
        TOPIC: topic,
        ...env,
      },
      stdio: 'ignore',
    });
    children.push(child);
    return child;
  }

  const append = (topic: string, count: number, from = 0) => createEventLog(pool).append(newEvents(topic, count, from));
  const known = (consumer: string) => async () =>
    (await pool.query('SELECT 1 FROM bus_cursors WHERE consumer = $1', [consumer])).rowCount === 8;
  const total = (consumer: string, count: number) => async () => (await effects(pool, consumer)).total >= count;
  const once = (count: number) => ({ total: count, distinct: count, outOfOrder: 0 });
  const connected = () => until('NATS', () => relayBus.health().state === 'connected');

  beforeEach(async () => {
    database = await createTestDatabase();
    pool = createPool(database.url, { name: 'test', max: 24 });
    await pool.query(EFFECTS_TABLE);
    const held = await createLeaseStore(pool).acquire('relay', 'test', 600_000);
    if (held === null) throw new Error('the lease is taken');
    fence = held;
    server = await Engine.prepare('nats-server');
    states = [];
    relayBus = newBus();
    relaying = runRelay();
  });

  afterEach(async () => {
    await relaying.stop();
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(buses.map((bus) => bus.close()));
    await server.remove();
    await pool.end();
    await database.drop();
    buses = [];
    children = [];
  });

  test('every event is in the stream under its own id and subject, and takes effect once, in order', async () => {
    await server.start();
    const bus = newBus();
    bus.subscribe('orders', ['order.*'], recordEffect('orders', 'one'));
    bus.subscribe('all', ['*'], recordEffect('all', 'one'));
    await until('both consumers', async () => (await known('orders')()) && (await known('all')()));
    await append('order.filled', 60);
    await append('market.bar.closed', 60);
    await until('every effect', async () => (await total('orders', 60)()) && (await total('all', 120)()));
    expect(await effects(pool, 'orders')).toMatchObject(once(60));
    await until('all of it forwarded', async () => (await stream()).forwarded === 120);
    const { messages, subjects } = await stream();
    expect(messages).toBe(120);
    expect(
      subjects.every((subject) =>
        /^countersign\.[0-9a-f]{10}\.[0-7]\.(order\.filled|market\.bar\.closed)$/.test(subject),
      ),
    ).toBe(true);
  });

  test('killed and started again: what was published meanwhile comes from the outbox, and nothing twice', async () => {
    await server.start();
    await connected();
    newBus().subscribe('fills', ['order.filled'], recordEffect('fills', 'one'));
    await until('the consumer', known('fills'));
    await append('order.filled', 120);
    await until('some effects', total('fills', 30));
    await server.end('SIGKILL');
    await append('order.filled', 120, 120);
    await until('effects without NATS', total('fills', 240));
    await server.start();
    await append('order.filled', 120, 240);
    await until('every effect', total('fills', 360));
    await until('all of it forwarded', async () => (await stream()).forwarded === 360);
    expect(await effects(pool, 'fills')).toMatchObject(once(360));
    expect((await stream()).messages).toBe(360);
    expect(relayBus.health().replaced).toBe(0);
  });

  test('its store deleted: the loss is noticed, the stream is filled again from what a consumer had not handled', async () => {
    await server.start();
    await connected();
    const bus = newBus();
    const subscription = bus.subscribe('slow', ['order.filled'], recordEffect('slow', 'one'));
    bus.subscribe('quick', ['order.*'], recordEffect('quick', 'one'));
    await until('both consumers', async () => (await known('slow')()) && (await known('quick')()));
    await append('order.filled', 48);
    await until('both', async () => (await total('slow', 48)()) && (await total('quick', 48)()));
    await subscription.close();
    await append('order.filled', 72, 48);
    await until('the quick one', total('quick', 120));
    await until('all of it forwarded', async () => (await stream()).forwarded === 120);
    await server.end('SIGKILL');
    server.deleteStore();
    await server.start();
    await until('a new stream', () => relayBus.health().replaced === 1);
    newBus().subscribe('slow', ['order.filled'], recordEffect('slow', 'two'));
    await append('order.filled', 24, 120);
    await until('every effect', async () => (await total('slow', 144)()) && (await total('quick', 144)()));
    await until('all of it forwarded', async () => (await stream()).forwarded === 144);
    expect(await effects(pool, 'slow')).toMatchObject(once(144));
    expect(await effects(pool, 'quick')).toMatchObject(once(144));
    expect((await stream()).messages).toBeGreaterThanOrEqual(72 + 24);
    expect(states.filter((what) => what.includes('made again'))).toHaveLength(1);
  });

  test('not there at the start: the outbox carries everything, and NATS gets it when it comes', async () => {
    newBus().subscribe('early', ['order.*'], recordEffect('early', 'one'));
    await until('the consumer', known('early'));
    await append('order.accepted', 60);
    await until('effects without NATS', total('early', 60));
    expect(relayBus.health()).toMatchObject({ state: 'away' });
    await server.start();
    await append('order.accepted', 60, 60);
    await until('every effect', total('early', 120));
    await connected();
    expect(await effects(pool, 'early')).toMatchObject(once(120));
  });

  test.each(['event-worked', 'event-committed'])(
    'a process killed at %s, between its work and the acknowledgement, leaves one effect',
    async (point) => {
      await server.start();
      await connected();
      const doomed = consumerProcess('crash', 'order.*', { COUNTERSIGN_FAILPOINTS: `${point}@2` });
      await until('the consumer', known('crash'));
      await append('order.filled', 60);
      await new Promise((done) => doomed.once('close', done));
      expect(doomed.signalCode).toBe('SIGKILL');
      expect((await effects(pool, 'crash')).total).toBeLessThan(60);
      consumerProcess('crash', 'order.*');
      await until('every effect', total('crash', 60));
      expect(await effects(pool, 'crash')).toMatchObject(once(60));
    },
  );

  test('two processes share the work, each symbol with one of them at a time; one killed, the other has it all', async () => {
    await server.start();
    await connected();
    const first = consumerProcess('group', 'market.*');
    consumerProcess('group', 'market.*');
    await until('the consumer', known('group'));
    let count = 0;
    // How soon the second process is there is the machine's affair: work goes on coming until both have had some.
    await until('both to have worked', async () => {
      await append('market.bar.closed', 120, count);
      count += 120;
      await until('them', total('group', count));
      return (await effects(pool, 'group')).workers === 2;
    });
    first.kill('SIGKILL');
    await append('market.bar.closed', 120, count);
    count += 120;
    await until('every effect', total('group', count), 40_000);
    expect(await effects(pool, 'group')).toMatchObject(once(count));
  }, 60_000);

  test('a message that somebody else put into the stream has no effect, and later events still come', async () => {
    await server.start();
    await connected();
    const heard: string[] = [];
    const note: EventHandler = async (event) => void heard.push(event.type);
    newBus().subscribe('trusting', ['order.*'], note);
    await until('the consumer', known('trusting'));
    await append('order.filled', 1);
    await until('the first', () => heard.length === 1);
    await until('all of it forwarded', async () => (await stream()).forwarded === 1);
    const connection = await connect({ servers: server.url });
    const forged = { type: 'order.filled', data: { symbol: 'AAPL' }, position: '999999' };
    for (const text of [JSON.stringify(forged), 'not json'])
      await connection.request(`countersign.${(await stream()).deployment}.0.order.forged`, text);
    await connection.close();
    await append('order.filled', 24, 1);
    await until('every event', () => heard.length >= 25);
    expect(heard).toEqual(new Array(25).fill('order.filled'));
    // The stream was not only ours any more: it was replaced.
    await until('a new stream', () => relayBus.health().replaced === 1);
  });

  async function stream(): Promise<{ messages: number; subjects: string[]; forwarded: number; deployment: string }> {
    const { rows } = await pool.query<{ deployment: string; forwarded: number }>(
      'SELECT deployment, forwarded::int AS forwarded FROM bus_state',
    );
    const { deployment = '', forwarded = 0 } = rows[0] ?? {};
    const connection = await connect({ servers: server.url });
    try {
      const manager = await jetstreamManager(connection);
      const { state } = await manager.streams.info(`COUNTERSIGN_${deployment}`, { subjects_filter: '>' });
      return { messages: state.messages, subjects: Object.keys(state.subjects ?? {}), forwarded, deployment };
    } finally {
      await connection.close();
    }
  }
});
