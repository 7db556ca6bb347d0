import { describe, expect, it } from 'vitest';
import { sessionOn } from '@/server/domain/calendar';
import { gridOf, PERIODS, periodOfMinutes, slotsOf, spanFrom, spanUpTo } from './period';

/** A time of 2 January 2024 in New York, which is five hours behind UTC. */
const at = (clock: string) => Date.parse(`2024-01-02T${clock}:00-05:00`);
const clock = (ms: number) => new Date(ms - 5 * 3_600_000).toISOString().slice(11, 16);
const shown = (span: readonly [number, number] | null) => span && `${clock(span[0])}-${clock(span[1])}`;

describe('the bar at a time', () => {
  it.each([
    ['09:30', '15m', 'clock', '09:30-09:45'],
    ['15:45', '15m', 'clock', '15:45-16:00'],
    ['04:00', '15m', 'clock', '04:00-04:15'],
    ['09:37', '15m', 'clock', null],
    ['09:30', '1h', 'session', '09:30-10:30'],
    ['15:30', '1h', 'session', '15:30-16:00'],
    ['10:00', '1h', 'session', null],
    ['09:30', '1h', 'clock', '09:30-10:00'],
    ['10:00', '1h', 'clock', '10:00-11:00'],
    ['15:00', '1h', 'clock', '15:00-16:00'],
    ['09:00', '1h', 'clock', '09:00-10:00'],
    ['10:30', '1h', 'clock', null],
  ] as const)('that starts at %s, %s on the grid of the %s: %s', (start, period, grid, expected) => {
    expect(shown(spanFrom(at(start), period, grid))).toBe(expected);
  });

  it.each([
    ['09:45', '15m', 'clock', '09:30-09:45'],
    ['16:00', '15m', 'clock', '15:45-16:00'],
    ['10:30', '1h', 'session', '09:30-10:30'],
    ['16:00', '1h', 'session', '15:30-16:00'],
    ['10:00', '1h', 'clock', '09:30-10:00'],
    ['16:00', '1h', 'clock', '15:00-16:00'],
    ['11:00', '1h', 'session', null],
    ['10:07', '5m', 'clock', null],
  ] as const)('that ends at %s, %s on the grid of the %s: %s', (end, period, grid, expected) => {
    expect(shown(spanUpTo(at(end), period, grid))).toBe(expected);
  });
});

describe('the regular bars of a session', () => {
  it.each(['clock', 'session'] as const)(
    'follow each other from the open to the close, on the grid of the %s',
    (grid) => {
      for (const date of ['2024-01-02', '2024-07-03', '2024-03-11']) {
        const session = sessionOn(date);
        if (session === null) throw new Error(`${date} has a session`);
        for (const period of PERIODS) {
          if (period === '1d') continue;
          const slots = slotsOf(session, period, grid);
          expect([slots[0]?.[0], slots.at(-1)?.[1]]).toEqual([session.openMs, session.closeMs]);
          for (const [index, [startMs, endMs]] of slots.entries()) {
            expect(slots[index + 1]?.[0] ?? endMs).toBe(endMs);
            expect(spanUpTo(endMs, period, grid)).toEqual([startMs, endMs]);
          }
        }
      }
    },
  );

  it('are seven hours, wherever hours begin, and 78 bars of five minutes', () => {
    const session = sessionOn('2024-01-02');
    if (session === null) throw new Error('there is a session');
    expect(slotsOf(session, '1h', 'session')).toHaveLength(7);
    expect(slotsOf(session, '1h', 'clock')).toHaveLength(7);
    expect(slotsOf(session, '5m', 'clock')).toHaveLength(78);
  });
});

it('knows periods by their minutes, and the grid by most of the times', () => {
  expect([1, 5, 15, 30, 60, 10].map(periodOfMinutes)).toEqual(['1m', '5m', '15m', '30m', '1h', null]);
  expect(gridOf([at('09:30'), at('10:30'), at('11:30')], '1h')).toBe('session');
  expect(gridOf([at('09:30'), at('10:00'), at('11:00')], '1h')).toBe('clock');
});
