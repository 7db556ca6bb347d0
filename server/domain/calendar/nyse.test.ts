import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { haveShared, sharedFile } from '@/test-support/shared';
import {
  currentOrNextSession,
  isOpen,
  newYorkDate,
  newYorkMidnightMs,
  newYorkOffsetMs,
  nextClose,
  nextOpen,
  previousSession,
  sessionAt,
  sessionOn,
  sessionsBetween,
  specialDaysOf,
} from './index';

// Many cases: the default of 5 s is for a quiet machine.
vi.setConfig({ testTimeout: 60_000 });

const RECORDED = sharedFile('data/calendar/xnys.csv');
const at = (iso: string) => Date.parse(iso);

/** Hours that no schedule had, from the NYSE's list of special closings. */
const UNFORESEEN: readonly (readonly [date: string, opened: string, closed: string])[] = [
  ['1990-12-27', '09:31', '16:00'],
  ['1991-01-17', '09:31', '16:00'],
  ['1991-02-25', '09:31', '16:00'],
  ['1994-02-11', '09:30', '14:30'],
  ['1995-12-18', '10:30', '16:00'],
  ['1996-01-08', '11:00', '14:00'],
  ['1997-10-27', '09:30', '15:30'],
  ['2001-09-17', '09:33', '16:00'],
  ['2001-10-08', '09:31', '16:00'],
  ['2002-09-11', '12:00', '16:00'],
  ['2003-03-20', '09:32', '16:00'],
  ['2004-06-07', '09:32', '16:00'],
  ['2005-06-01', '09:30', '15:56'],
  ['2006-12-27', '09:32', '16:00'],
];

describe('NYSE sessions by rule', () => {
  it.skipIf(!haveShared)(
    'equals 33 recorded years, every open and close that was scheduled (skipped without ../shared)',
    () => {
      const rows = readFileSync(RECORDED, 'utf8').trim().split('\n').slice(1);
      const recorded = rows.map((row) => {
        const [date = '', open = '', close = ''] = row.split(',');
        return `${date.slice(0, 10)} ${at(open)} ${at(close)}`;
      });
      const byRule = sessionsBetween('1990-01-02', '2023-01-13').map((s) => `${s.date} ${s.openMs} ${s.closeMs}`);
      expect(recorded).toHaveLength(8324);
      // The recording has the scheduled hours: it lacks the unscheduled opens and closes.
      const differing = byRule.filter((line, n) => line !== recorded[n]).map((line) => line.slice(0, 10));
      expect(differing).toEqual(UNFORESEEN.map(([date]) => date));
    },
  );

  it.each(UNFORESEEN)('on %s was open from %s to %s', (date, opened, closed) => {
    const session = sessionOn(date);
    const midnightMs = newYorkMidnightMs(date);
    const clock = (ms: number) => new Date(ms - midnightMs).toISOString().slice(11, 16);
    expect([clock(session?.openMs ?? 0), clock(session?.closeMs ?? 0)]).toEqual([opened, closed]);
    expect(session).toMatchObject({ lateOpen: opened !== '09:30', earlyClose: closed !== '16:00' });
    expect(specialDaysOf(Number(date.slice(0, 4))).map((day) => day.date)).toContain(date);
  });

  it.each([
    ['2024-01-01', 'New Year'],
    ['2024-01-15', 'Martin Luther King'],
    ['2024-03-29', 'Good Friday'],
    ['2024-06-19', 'Juneteenth'],
    ['2025-01-09', "Carter's funeral"],
    ['2025-04-18', 'Good Friday'],
    ['2026-07-03', 'Independence Day kept on Friday'],
    ['2027-06-18', 'Juneteenth kept on Friday'],
    ['2027-07-05', 'Independence Day kept on Monday'],
    ['2027-12-24', 'Christmas kept on Friday'],
    ['2026-01-03', 'a Saturday'],
    ['2028-11-23', 'Thanksgiving'],
  ])('is closed on %s: %s', (date) => {
    expect(sessionOn(date)).toBeNull();
  });

  it.each(['2021-12-31', '2027-12-31', '2021-06-18', '1997-01-20'])('is open on %s, which is not kept', (date) => {
    expect(sessionOn(date)).toMatchObject({ date, earlyClose: false });
  });

  it.each(['2023-07-03', '2024-12-24', '2025-07-03', '2025-11-28', '2026-11-27', '2028-07-03'])(
    'closes at 13:00 on %s',
    (date) => {
      const session = sessionOn(date);
      expect(session?.earlyClose).toBe(true);
      expect(((session?.closeMs ?? 0) - (session?.openMs ?? 0)) / 60_000).toBe(210);
    },
  );

  it('names the closures and half days of a year', () => {
    const named = (year: number) =>
      specialDaysOf(year).map(({ date, name, session }) => `${date} ${session === null ? 'closed' : 'early'} ${name}`);
    expect(named(2025)).toEqual([
      "2025-01-01 closed New Year's Day",
      '2025-01-09 closed Funeral of President Carter',
      '2025-01-20 closed Martin Luther King Jr. Day',
      "2025-02-17 closed Washington's Birthday",
      '2025-04-18 closed Good Friday',
      '2025-05-26 closed Memorial Day',
      '2025-06-19 closed Juneteenth',
      '2025-07-03 early Around Independence Day',
      '2025-07-04 closed Independence Day',
      '2025-09-01 closed Labor Day',
      '2025-11-27 closed Thanksgiving Day',
      '2025-11-28 early Day after Thanksgiving',
      '2025-12-24 early Christmas Eve',
      '2025-12-25 closed Christmas Day',
    ]);
    // Christmas Eve on a weekend, New Year's Day on a Saturday: neither is kept.
    expect(named(2022).map((line) => line.slice(0, 10))).not.toContain('2022-12-24');
    expect(specialDaysOf(2018).some(({ date, session }) => date === '2018-12-05' && session === null)).toBe(true);
  });

  it('has every weekday of 1990 to 2030 as a session or a named closure', () => {
    for (let year = 1990; year <= 2030; year += 1) {
      const closed = specialDaysOf(year).filter(({ session }) => session === null);
      let weekdays = 0;
      for (let ms = Date.UTC(year, 0, 1); ms < Date.UTC(year + 1, 0, 1); ms += 86_400_000)
        if (new Date(ms).getUTCDay() % 6 !== 0) weekdays += 1;
      expect(sessionsBetween(`${year}-01-01`, `${year}-12-31`).length + closed.length).toBe(weekdays);
    }
  });

  it('is open from the opening instant up to, not at, the close', () => {
    expect(isOpen(at('2026-01-05T14:29:59.999Z'))).toBe(false);
    expect(isOpen(at('2026-01-05T14:30:00Z'))).toBe(true);
    expect(sessionAt(at('2026-01-05T20:59:59.999Z'))?.date).toBe('2026-01-05');
    expect(isOpen(at('2026-01-05T21:00:00Z'))).toBe(false);
  });

  it('finds the neighbours of a weekend', () => {
    const saturday = at('2026-01-10T12:00:00Z');
    expect(nextOpen(saturday)).toBe(at('2026-01-12T14:30:00Z'));
    expect(nextClose(saturday)).toBe(at('2026-01-12T21:00:00Z'));
    expect(previousSession(saturday).date).toBe('2026-01-09');
    expect(currentOrNextSession(saturday).date).toBe('2026-01-12');
  });

  it('counts the running session as current, and its open as past', () => {
    const noon = at('2026-01-12T17:00:00Z');
    expect(nextOpen(noon)).toBe(at('2026-01-13T14:30:00Z'));
    expect(nextOpen(at('2026-01-12T14:30:00Z'))).toBe(at('2026-01-13T14:30:00Z'));
    expect(nextClose(noon)).toBe(at('2026-01-12T21:00:00Z'));
    expect(previousSession(noon).date).toBe('2026-01-09');
    expect(previousSession(at('2026-01-12T21:00:00Z')).date).toBe('2026-01-12');
  });

  it('follows daylight time under the rules of its year', () => {
    const hours = (iso: string) => newYorkOffsetMs(at(iso)) / 3_600_000;
    expect([hours('2026-03-08T06:59:59Z'), hours('2026-03-08T07:00:00Z')]).toEqual([-5, -4]);
    expect([hours('2026-11-01T05:59:59Z'), hours('2026-11-01T06:00:00Z')]).toEqual([-4, -5]);
    expect([hours('2001-03-31T12:00:00Z'), hours('2001-04-01T07:00:00Z')]).toEqual([-5, -4]);
    expect([hours('2001-10-28T05:59:59Z'), hours('2001-10-28T06:00:00Z')]).toEqual([-4, -5]);
  });

  it('agrees with the platform on New York dates for every sixth hour of 1990 to 2029', () => {
    const platform = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' });
    for (let ms = at('1990-01-01T00:30:00Z'); ms < at('2030-01-01T00:00:00Z'); ms += 6 * 3_600_000) {
      if (newYorkDate(ms) !== platform.format(ms)) expect(`${ms} ${newYorkDate(ms)}`).toBe(platform.format(ms));
    }
  });

  it('counts as closed, and refuses to guess, outside the years it knows', () => {
    expect(isOpen(Number.NaN)).toBe(false);
    expect(isOpen(at('1985-01-02T15:00:00Z'))).toBe(false);
    expect(sessionOn('2101-01-03')).toBeNull();
    expect(() => nextOpen(at('2101-06-01T00:00:00Z'))).toThrow(RangeError);
    expect(() => previousSession(at('1990-01-01T00:00:00Z'))).toThrow(RangeError);
    expect(() => nextClose(Number.NaN)).toThrow(RangeError);
    expect(() => sessionsBetween('1980-01-01', '1991-01-01')).toThrow(RangeError);
    expect(() => sessionOn('2026-02-30')).toThrow(RangeError);
    expect(() => sessionOn('today')).toThrow(RangeError);
  });
});
