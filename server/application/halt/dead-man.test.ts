import { beforeEach, expect, test } from 'vitest';
import type { BreakGlassRecord } from '@/server/application/ports/break-glass';
import type { WorkerSigns } from '@/server/application/ports/watchdog-store';
import { brokerOrder, FakeBroker, noAnswer } from '@/server/application/testing/fakes';
import { parseUnits } from '@/server/kernel/money';
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
  const cancel = broker.cancel.bind(broker);
  broker.cancel = (id) => {
    for (const [name, { externalOrderId }] of broker.orders) if (externalOrderId === id) broker.orders.delete(name);
    return cancel(id);
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
  expect([broker.cancelled, records]).toEqual([[], []]);
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
  expect([alerts, broker.cancelled]).toEqual([[], []]);
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

test('H-9: with the switch what opens risk is cancelled order by order, written down before and after, and audited', async () => {
  signs = { beatAgeMs: LIMIT_MS, working: 1 };
  const watchdog = deadMan(true);
  elapsedMs += LIMIT_MS;
  await watchdog.check();
  expect([broker.cancelled, broker.cancelAllCalls]).toEqual([['b-x'], 0]);
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
  expect(broker.cancelled).toEqual([]);
  elapsedMs += 1_000;
  await watchdog.check();
  expect(broker.cancelled).toEqual(['b-x']);
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

test('H-9: stops, exits and whatever else closes what is held keep working, and are not asked about again', async () => {
  const held = (symbol: string, qty: string) => ({ symbol, qty: parseUnits(qty), marketPrice: null, cost: 0n });
  broker.positionsAnswer = [held('AAPL', '10'), held('MSFT', '-5')];
  const order = (id: string, symbol: string, side: 'BUY' | 'SELL', qty: string) =>
    broker.orders.set(id, brokerOrder(id, { symbol, side, qty: parseUnits(qty) }));
  order('stop', 'AAPL', 'SELL', '10');
  order('exit', 'AAPL', 'SELL', '4');
  order('cover', 'MSFT', 'BUY', '5');
  order('short', 'SPY', 'SELL', '1');
  order('turns round', 'AAPL', 'SELL', '11');
  signs = { beatAgeMs: LIMIT_MS, working: 6 };
  const watchdog = deadMan(true);
  elapsedMs += LIMIT_MS;
  await watchdog.check();
  expect([...broker.cancelled].sort()).toEqual(['b-short', 'b-turns round', 'b-x']);
  expect([...broker.orders.keys()]).toEqual(['stop', 'exit', 'cover']);
  await watchdog.check();
  expect([records.length, broker.cancelAllCalls]).toEqual([2, 0]);
});

test('H-9: while a position cannot be read no sale is cancelled: it may protect that one', async () => {
  broker.orders.set('sale', brokerOrder('sale', { side: 'SELL' }));
  broker.positions = async (onUnreadable) => {
    onUnreadable?.({ kind: 'POSITION', id: 'AAPL', symbol: 'AAPL', why: 'thirty decimals' });
    return [];
  };
  signs = { beatAgeMs: LIMIT_MS, working: 2 };
  const watchdog = deadMan(true);
  elapsedMs += LIMIT_MS;
  await watchdog.check();
  expect(broker.cancelled).toEqual(['b-x']);
});
