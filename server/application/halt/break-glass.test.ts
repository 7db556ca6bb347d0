import { beforeEach, expect, test } from 'vitest';
import type { BreakGlassRecord } from '@/server/application/ports/break-glass';
import { brokerOrder, FakeBroker, noAnswer } from '@/server/application/testing/fakes';
import { bookBreakGlass, breakGlass, liftSuspension } from './break-glass';

let broker: FakeBroker;
let records: BreakGlassRecord[];
let said: string[];
let suspended: boolean;
let diskFull: boolean;

const act = { kind: 'BREAK_GLASS', actor: 'cli:ann', reason: 'database gone', limitMs: 0 } as const;
const suspension = {
  suspended: async () => suspended,
  async suspend(value: boolean) {
    records.push({ ...last(), phase: 'LIFTED', reason: `asked ${value}` });
    suspended = value;
  },
};
const last = () => records.at(-1) ?? fail();
const fail = (): never => {
  throw new Error('nothing was recorded before the broker was asked');
};

const tools = () => ({
  broker,
  suspension,
  journal: {
    async append(record: BreakGlassRecord) {
      if (diskFull) throw new Error('ENOSPC: no space left on device');
      records.push(record);
    },
    read: async () => records,
  },
  clock: { nowMs: () => 1_000, newId: () => 'act', sleep: async () => undefined },
  say: (line: string) => void said.push(line),
});

beforeEach(() => {
  broker = new FakeBroker();
  records = [];
  said = [];
  suspended = false;
  diskFull = false;
});

test('each step is written down before it is taken', async () => {
  expect(await breakGlass(tools(), act)).toMatchObject({ working: 0, suspended: true, recorded: true });
  expect(records.map(({ phase, reason }) => `${phase} ${reason}`)).toEqual([
    'BEGUN database gone',
    'SUSPENDING database gone',
    'LIFTED asked true',
    'ENDED database gone',
  ]);
});

test('a suspension that somebody else has set is not ours to lift later', async () => {
  suspended = true;
  await breakGlass(tools(), act);
  expect(records.map(({ phase }) => phase)).toEqual(['BEGUN', 'ENDED']);
});

test('what still works when the time is over is reported', async () => {
  broker.orders.set('x', brokerOrder('x'));
  broker.cancelAllAnswer = {
    asked: 1,
    refused: [{ externalOrderId: 'b-x', status: 422, message: 'not cancelable' }],
  };
  expect(await breakGlass(tools(), act)).toMatchObject({ working: 1 });
  expect(said).toContain('not cancellable yet: b-x (not cancelable)');
});

test('a broker that does not answer is asked until the time is over, and nothing is said to be stopped', async () => {
  broker.failing = noAnswer();
  expect(await breakGlass(tools(), act)).toMatchObject({ working: null });
});

test('a full disk keeps nobody from stopping', async () => {
  diskFull = true;
  broker.cancelAll = async () => {
    broker.cancelAllCalls += 1;
    return { asked: 0, refused: [] };
  };
  const asked = { ...suspension, suspend: async () => undefined };
  const result = await breakGlass({ ...tools(), suspension: asked }, act);
  expect(result).toMatchObject({ working: 0, suspended: true, recorded: false });
  expect(broker.cancelAllCalls).toBe(1);
});

test('booking is repeated without effect, and a suspension is lifted only once trading is active', async () => {
  const booked = new Set<string>();
  const lifting: boolean[] = [];
  let active = false;
  const store = {
    async book({ id, phase }: BreakGlassRecord) {
      const fresh = !booked.has(id + phase);
      booked.add(id + phase);
      return fresh;
    },
    suspensionsToLift: async () =>
      active ? records.filter(({ phase, id }) => phase === 'SUSPENDING' && !booked.has(`${id}LIFTED`)) : null,
  };
  const bookNews = () => bookBreakGlass(tools().journal, store);
  const switchOff = { suspended: async () => true, suspend: async (value: boolean) => void lifting.push(value) };
  await breakGlass(tools(), act);
  records = records.filter(({ phase }) => phase !== 'LIFTED');
  expect([await bookBreakGlass(tools().journal, store), await bookBreakGlass(tools().journal, store)]).toEqual([3, 0]);
  expect(await liftSuspension(switchOff, store, tools().clock, bookNews)).toBe(false);
  active = true;
  expect(await liftSuspension(switchOff, store, tools().clock, bookNews)).toBe(true);
  expect(await liftSuspension(switchOff, store, tools().clock, bookNews)).toBe(true);
  expect(lifting).toEqual([false]);
});

test('a halt that comes while a suspension is being lifted finds trading suspended again, and still owed', async () => {
  const booked: string[] = [];
  const store = {
    async book({ phase }: BreakGlassRecord) {
      booked.push(phase);
      return true;
    },
    // Booking a second act halts: nothing is to be lifted then.
    suspensionsToLift: async () => (booked.includes('BEGUN') ? null : [{ ...act, id: 'first' }]),
  };
  const switched: boolean[] = [];
  const journal = tools().journal;
  const meanwhile = {
    suspended: async () => true,
    async suspend(value: boolean) {
      switched.push(value);
      if (!value)
        await journal.append({ ...act, id: 'second', phase: 'BEGUN', at: '2026-01-05T15:00:00.000Z', data: {} });
    },
  };
  expect(await liftSuspension(meanwhile, store, tools().clock, () => bookBreakGlass(journal, store))).toBe(false);
  expect(switched).toEqual([false, true]);
  expect(booked).not.toContain('LIFTED');
});

test('a journal that grows for hours is booked step by step, and no step is asked about twice', async () => {
  const asked: string[] = [];
  const store = { book: async ({ phase }: BreakGlassRecord) => asked.push(phase) > 0 };
  const settled = new Set<string>();
  await breakGlass(tools(), act);
  await bookBreakGlass(tools().journal, store, settled);
  const before = asked.length;
  await breakGlass(tools(), act);
  await bookBreakGlass(tools().journal, store, settled);
  expect([before > 0, asked.length]).toEqual([true, new Set(records.map(({ id, phase }) => `${id} ${phase}`)).size]);
});
