import { beforeEach, expect, test } from 'vitest';
import type { BreakGlassRecord } from '@/server/application/ports/break-glass';
import type { WorkerSigns } from '@/server/application/ports/watchdog-store';
import { brokerOrder, FakeBroker, noAnswer } from '@/server/application/testing/fakes';
import { DeadMan } from './dead-man';

const LIMIT_MS = 30_000;

let broker: FakeBroker;
let elapsedMs: number;
/** Null: the database does not answer. */
let signs: WorkerSigns | null;
let alerts: string[];
let records: BreakGlassRecord[];
let booked: number;

function deadMan(cancels = false): DeadMan {
  const database = <T>(value: T) =>
    signs === null ? Promise.reject(new Error('no database')) : Promise.resolve(value);
  return new DeadMan({
    broker,
    cancels,
    limitMs: LIMIT_MS,
    elapsedMs: () => elapsedMs,
    journal: { append: async (record) => void records.push(record), read: async () => records },
    clock: { nowMs: () => 1_000, newId: () => 'act', sleep: async () => undefined },
    store: { signs: () => database(signs ?? { beatAgeMs: null, working: 0 }) },
    async book() {
      await database(null);
      booked = records.length;
    },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    alerts: {
      open: (_kind, _subject, message) => database(alerts.push(`open: ${message}`) > 0),
      resolve: () => database(alerts.push('resolve') > 0),
    },
  });
}

beforeEach(() => {
  broker = new FakeBroker();
  broker.cancelAll = async () => {
    broker.cancelAllCalls += 1;
    broker.orders.clear();
    return { asked: 1, refused: [] };
  };
  broker.orders.set('x', brokerOrder('x'));
  elapsedMs = 100_000;
  signs = { beatAgeMs: 500, working: 1 };
  alerts = [];
  records = [];
  booked = 0;
});

test('a worker that beats: no alert; one of before is resolved once', async () => {
  const watchdog = deadMan();
  await watchdog.check();
  await watchdog.check();
  expect(alerts).toEqual(['resolve']);
});

test('a silent worker with working orders raises an alert; without the switch nothing is cancelled; it resolves when it beats', async () => {
  const watchdog = deadMan();
  signs = { beatAgeMs: LIMIT_MS + 1, working: 1 };
  elapsedMs += LIMIT_MS;
  await watchdog.check();
  expect(alerts).toEqual(['open: no worker has been heard of for 30 s while 1 order(s) work']);
  expect([broker.cancelAllCalls, records]).toEqual([0, []]);
  signs = { beatAgeMs: 100, working: 1 };
  await watchdog.check();
  expect(alerts.at(-1)).toBe('resolve');
});

test('a silent worker with nothing working is nobody’s concern', async () => {
  broker.orders.clear();
  signs = { beatAgeMs: LIMIT_MS * 2, working: 0 };
  const watchdog = deadMan(true);
  elapsedMs += LIMIT_MS;
  await watchdog.check();
  expect([alerts, broker.cancelAllCalls]).toEqual([[], 0]);
});

test('a worker that never beat has as long as one that stopped', async () => {
  signs = { beatAgeMs: null, working: 1 };
  const watchdog = deadMan();
  elapsedMs += LIMIT_MS - 1;
  await watchdog.check();
  expect(alerts.filter((each) => each !== 'resolve')).toEqual([]);
  elapsedMs += 1;
  await watchdog.check();
  expect(alerts.at(-1)).toContain('no worker has been heard of');
});

test('with the switch everything is cancelled, written down before and after, and audited', async () => {
  signs = { beatAgeMs: LIMIT_MS, working: 1 };
  const watchdog = deadMan(true);
  elapsedMs += LIMIT_MS;
  await watchdog.check();
  expect(broker.cancelAllCalls).toBeGreaterThan(0);
  expect(records.map(({ phase, kind, actor }) => [phase, kind, actor])).toEqual([
    ['BEGUN', 'DEAD_MAN', 'system (watchdog)'],
    ['ENDED', 'DEAD_MAN', 'system (watchdog)'],
  ]);
  expect(records[1]?.data).toMatchObject({ working: 0, suspended: null });
  expect(booked).toBe(2);
});

test('a database that does not answer is silence: the broker is asked, and it is cancelled all the same', async () => {
  const watchdog = deadMan(true);
  await watchdog.check();
  signs = null;
  elapsedMs += LIMIT_MS - 1;
  await watchdog.check();
  expect(broker.cancelAllCalls).toBe(0);
  elapsedMs += 1_000;
  await watchdog.check();
  expect(broker.cancelAllCalls).toBeGreaterThan(0);
  expect([records.length, booked]).toEqual([2, 0]);
});

test('where neither database nor broker answers, nothing is done, and it is said', async () => {
  broker.failing = noAnswer();
  signs = { beatAgeMs: LIMIT_MS, working: 3 };
  const watchdog = deadMan(true);
  elapsedMs += LIMIT_MS;
  await watchdog.check();
  expect(alerts).toEqual(['open: no worker has been heard of for 30 s while 3 order(s) work']);
  expect(records).toEqual([]);
});
