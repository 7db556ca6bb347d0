import { beforeEach, describe, expect, test } from 'vitest';
import { type BrokerClock, BrokerError } from '@/server/application/ports/broker';
import type { ExitRequest } from '@/server/application/ports/exit-store';
import { FakeBroker } from '@/server/application/testing/fakes';
import type { Clock } from '@/server/kernel/clock';
import { parseUnits } from '@/server/kernel/money';
import { FlattenAlarm } from './flatten-alarm';
import { type FlattenParts, flattenBeforeClose, type MarketHours } from './flatten-before-close';

const MINUTE_MS = 60_000;
/** A half day. */
const CLOSE_MS = Date.parse('2026-11-27T18:00:00Z');
const HOURS: MarketHours = { speed: 1, roundTheClock: false };

let monotonic = 0;
let exits: ExitRequest[] = [];
let cancelled: string[] = [];

beforeEach(() => {
  monotonic = 1_000_000;
  exits = [];
  cancelled = [];
});

const clockAt = (beforeCloseMs: number, changes: Partial<BrokerClock> = {}): BrokerClock => ({
  marketTimeMs: CLOSE_MS - beforeCloseMs,
  isOpen: true,
  nextOpenMs: null,
  nextCloseMs: CLOSE_MS,
  ...changes,
});

const partsOf = (clock: BrokerClock, changes: Partial<FlattenParts> = {}, positionsMs = 0): FlattenParts => ({
  broker: {
    account: async () => ({ ...new FakeBroker().accountAnswer, accountId: 'ours' }),
    clock: async () => clock,
    positions: async () => {
      monotonic += positionsMs;
      const at = { cost: 0n, marketPrice: null };
      return [
        { symbol: 'AAPL', qty: parseUnits('100'), ...at },
        { symbol: 'MSFT', qty: parseUnits('-5'), ...at },
        { symbol: 'SPY', qty: 0n, ...at },
      ];
    },
  },
  exits: {
    otherOrders: async () => ['resting'],
    request: async (_actor, request) => {
      exits.push(request);
      return request.id;
    },
  },
  orders: {
    requestCancel: async (id) => {
      cancelled.push(id);
      return null;
    },
  },
  confirmedAccount: async () => 'ours',
  newId: () => 'id',
  monotonicMs: () => monotonic,
  hours: HOURS,
  ...changes,
});

describe('the close before the end of the session', () => {
  test('requests an exit of what the broker holds, long or short, that ends with the session and the stage (X-1)', async () => {
    const look = await flattenBeforeClose(partsOf(clockAt(4 * MINUTE_MS), {}, 5_000), 'M1_PAPER');
    const terms = { source: 'CLOSE', qty: null, stage: 'M1_PAPER', endsInMs: 4 * MINUTE_MS - 5_000 };
    expect(exits).toMatchObject([
      { symbol: 'AAPL', ...terms },
      { symbol: 'MSFT', ...terms },
    ]);
    expect(cancelled).toEqual(['resting']);
    expect(look).toMatchObject({ left: ['AAPL', 'MSFT'], obstacle: null });
  });

  test.each([
    ['nobody has confirmed', null, 'nobody has confirmed the account'],
    ['is not the confirmed one', 'other', 'the broker shows account ours, but other is the confirmed one'],
  ])('closes nothing at an account that %s (X-6, A18)', async (_name, confirmed, obstacle) => {
    const parts = partsOf(clockAt(4 * MINUTE_MS), { confirmedAccount: async () => confirmed });
    expect(await flattenBeforeClose(parts, 'M1_PAPER')).toMatchObject({ left: ['AAPL', 'MSFT'], obstacle });
    expect(exits).toEqual([]);
  });

  test('the session ends in wall time, where the market runs faster', async () => {
    await flattenBeforeClose(partsOf(clockAt(4 * MINUTE_MS), { hours: { ...HOURS, speed: 60 } }), 'M1_PAPER');
    expect(exits.map(({ endsInMs }) => endsInMs)).toEqual([4_000, 4_000]);
  });

  test.each([
    { name: 'the calendar names the close where the broker does not', hours: HOURS, dueInMs: -MINUTE_MS, closed: 2 },
    { name: 'round the clock there is none', hours: { ...HOURS, roundTheClock: true }, dueInMs: null, closed: 0 },
  ])('without a next close: $name', async ({ hours, dueInMs, closed }) => {
    const look = await flattenBeforeClose(
      partsOf(clockAt(4 * MINUTE_MS, { nextCloseMs: null }), { hours }),
      'M1_PAPER',
    );
    expect(look.dueInMs).toBe(dueInMs);
    expect(exits).toHaveLength(closed);
  });

  test('nothing is closed before it is due, while the market is closed, or in a stage that may hold', async () => {
    await flattenBeforeClose(partsOf(clockAt(6 * MINUTE_MS)), 'M1_PAPER');
    await flattenBeforeClose(partsOf(clockAt(4 * MINUTE_MS, { isOpen: false, nextCloseMs: null })), 'M1_PAPER');
    await flattenBeforeClose(partsOf(clockAt(4 * MINUTE_MS)), 'M0_LOCAL');
    expect(exits).toEqual([]);
  });
});

describe('the alarm', () => {
  let nowMs = 0;
  let raised: string[] = [];
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => monotonic, newId: () => 'id', sleep: async () => {} };
  const alerts = {
    open: async (kind: string, _subject: string, message: string) => {
      raised.push(`${kind}: ${message}`);
      return true;
    },
    resolve: async () => {
      raised.push('resolved');
      return true;
    },
  };
  const fail = async (alarm: FlattenAlarm, times: number) => {
    for (let n = 0; n < times; n++) await alarm.failed('M1_PAPER');
  };

  beforeEach(() => {
    raised = [];
    nowMs = Date.parse('2026-11-27T12:00:00Z');
  });

  test('is raised when positions fail again and again near the close that the clock gave, and goes with a look', async () => {
    const alarm = new FlattenAlarm(alerts, clock, 'SIM');
    const parts = partsOf(clockAt(4 * MINUTE_MS), {
      broker: {
        ...partsOf(clockAt(4 * MINUTE_MS)).broker,
        positions: () => Promise.reject(new BrokerError('not_sent', 'down')),
      },
      onCloseRead: alarm.setClose,
    });
    for (let n = 0; n < 3; n++) {
      expect(raised).toEqual([]);
      await expect(flattenBeforeClose(parts, 'M1_PAPER')).rejects.toThrow(BrokerError);
      await alarm.failed('M1_PAPER');
    }
    expect(raised).toEqual([expect.stringContaining('CLOSE_AT_BELL: What is held is not known')]);
    await alarm.checked('M1_PAPER', { dueInMs: -MINUTE_MS, left: [], obstacle: null });
    expect(raised.slice(1)).toEqual(['resolved']);
    await fail(alarm, 2);
    expect(raised).toHaveLength(2);
  });

  test('keeps counting to the close when the clock fails', async () => {
    const alarm = new FlattenAlarm(alerts, clock, 'SIM');
    alarm.setClose(monotonic + 10 * MINUTE_MS);
    await fail(alarm, 5);
    expect(raised).toEqual([]);
    monotonic += 6 * MINUTE_MS;
    await fail(alarm, 1);
    expect(raised).toHaveLength(1);
  });

  test('uses the calendar where the broker has never answered, but not for a simulator', async () => {
    nowMs = CLOSE_MS - 4 * MINUTE_MS;
    await fail(new FlattenAlarm(alerts, clock, 'SIM'), 5);
    expect(raised).toEqual([]);
    await fail(new FlattenAlarm(alerts, clock, 'PAPER'), 3);
    expect(raised).toHaveLength(1);
  });

  test('is not raised long after the close', async () => {
    const alarm = new FlattenAlarm(alerts, clock, 'PAPER');
    alarm.setClose(monotonic - 10 * MINUTE_MS);
    await fail(alarm, 5);
    expect(raised).toEqual([]);
  });
});
