import { beforeEach, describe, expect, test } from 'vitest';
import { type BrokerClock, BrokerError } from '@/server/application/ports/broker';
import type { CloseoutOrder } from '@/server/application/ports/closeout-store';
import type { Clock } from '@/server/kernel/clock';
import { parseUnits } from '@/server/kernel/money';
import { FlattenAlarm } from './flatten-alarm';
import { type FlattenParts, flattenBeforeClose, type MarketHours } from './flatten-before-close';

const MINUTE_MS = 60_000;
/** A half day. */
const CLOSE_MS = Date.parse('2026-11-27T18:00:00Z');
const HOURS: MarketHours = { speed: 1, roundTheClock: false };

let monotonic = 0;
/** What the store was told, with the age as the store reads it. */
let closes: (CloseoutOrder & { readonly age: number })[] = [];

beforeEach(() => {
  monotonic = 1_000_000;
  closes = [];
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
    clock: async () => clock,
    positions: async () => {
      monotonic += positionsMs;
      return [{ symbol: 'AAPL', qty: parseUnits('100'), cost: 0n, marketPrice: null }];
    },
  },
  closeouts: {
    working: async () => [],
    close: async (_fence, close) => {
      monotonic += 700;
      closes.push({ ...close, age: close.ageMs() });
      return true;
    },
  },
  orders: { requestCancel: async () => null },
  fence: { name: 'books', token: '1' },
  newId: () => 'id',
  monotonicMs: () => monotonic,
  hours: HOURS,
  ...changes,
});

describe('the close at the bell', () => {
  test('the store hears how old the answer is from before it was asked for, read as late as it can be', async () => {
    await flattenBeforeClose(partsOf(clockAt(4 * MINUTE_MS), {}, 5_000), 'M1_PAPER');
    expect(closes).toMatchObject([{ symbol: 'AAPL', stage: 'M1_PAPER', age: 5_700, closeInMs: 4 * MINUTE_MS }]);
  });

  test('the close is told in wall time, where the market runs faster', async () => {
    await flattenBeforeClose(partsOf(clockAt(4 * MINUTE_MS), { hours: { ...HOURS, speed: 60 } }), 'M1_PAPER');
    expect(closes).toMatchObject([{ closeInMs: 4_000 }]);
  });

  test.each([
    { name: 'the calendar names the close where the broker does not', hours: HOURS, dueInMs: -MINUTE_MS, sold: 1 },
    { name: 'round the clock there is none', hours: { ...HOURS, roundTheClock: true }, dueInMs: null, sold: 0 },
  ])('without a next close: $name', async ({ hours, dueInMs, sold }) => {
    const look = await flattenBeforeClose(
      partsOf(clockAt(4 * MINUTE_MS, { nextCloseMs: null }), { hours }),
      'M1_PAPER',
    );
    expect(look.dueInMs).toBe(dueInMs);
    expect(closes).toHaveLength(sold);
  });

  test('nothing is sold before it is due, while the market is closed, or in a stage that may hold', async () => {
    await flattenBeforeClose(partsOf(clockAt(6 * MINUTE_MS)), 'M1_PAPER');
    await flattenBeforeClose(partsOf(clockAt(4 * MINUTE_MS, { isOpen: false, nextCloseMs: null })), 'M1_PAPER');
    await flattenBeforeClose(partsOf(clockAt(4 * MINUTE_MS)), 'M0_LOCAL');
    expect(closes).toEqual([]);
  });
});

describe('the alarm', () => {
  let nowMs = 0;
  let told: string[] = [];
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => monotonic, newId: () => 'id', sleep: async () => {} };
  const alerts = {
    open: async (kind: string, _subject: string, message: string) => {
      told.push(`${kind}: ${message}`);
      return true;
    },
    resolve: async () => {
      told.push('resolved');
      return true;
    },
  };
  const fail = async (alarm: FlattenAlarm, times: number) => {
    for (let n = 0; n < times; n++) await alarm.failed('M1_PAPER');
  };

  beforeEach(() => {
    told = [];
    nowMs = Date.parse('2026-11-27T12:00:00Z');
  });

  test('is raised when positions fail again and again near the close that the clock told, and goes with a look', async () => {
    const alarm = new FlattenAlarm(alerts, clock, 'SIM');
    const parts = partsOf(clockAt(4 * MINUTE_MS), {
      broker: {
        clock: async () => clockAt(4 * MINUTE_MS),
        positions: () => Promise.reject(new BrokerError('not_sent', 'down')),
      },
      onCloseRead: alarm.setClose,
    });
    for (let n = 0; n < 3; n++) {
      expect(told).toEqual([]);
      await expect(flattenBeforeClose(parts, 'M1_PAPER')).rejects.toThrow(BrokerError);
      await alarm.failed('M1_PAPER');
    }
    expect(told).toEqual([expect.stringContaining('CLOSE_AT_BELL: What is held is not known')]);
    await alarm.checked('M1_PAPER', { dueInMs: -MINUTE_MS, left: [] });
    expect(told.slice(1)).toEqual(['resolved']);
    await fail(alarm, 2);
    expect(told).toHaveLength(2);
  });

  test('counts on to the close by itself when the clock fails', async () => {
    const alarm = new FlattenAlarm(alerts, clock, 'SIM');
    alarm.setClose(monotonic + 10 * MINUTE_MS);
    await fail(alarm, 5);
    expect(told).toEqual([]);
    monotonic += 6 * MINUTE_MS;
    await fail(alarm, 1);
    expect(told).toHaveLength(1);
  });

  test('goes by the calendar where the broker has never answered, but not for a simulator', async () => {
    nowMs = CLOSE_MS - 4 * MINUTE_MS;
    await fail(new FlattenAlarm(alerts, clock, 'SIM'), 5);
    expect(told).toEqual([]);
    await fail(new FlattenAlarm(alerts, clock, 'PAPER'), 3);
    expect(told).toHaveLength(1);
  });

  test('is not raised long after the close', async () => {
    const alarm = new FlattenAlarm(alerts, clock, 'PAPER');
    alarm.setClose(monotonic - 10 * MINUTE_MS);
    await fail(alarm, 5);
    expect(told).toEqual([]);
  });
});
