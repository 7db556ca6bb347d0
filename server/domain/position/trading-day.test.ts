import { describe, expect, it } from 'vitest';
import { nextClose, nextOpen, sessionsBetween } from '@/server/domain/calendar';
import { isOpen } from '@/server/domain/calendar/nyse';
import { closeBefore, tradingDayAt } from './trading-day';

const at = (iso: string) => Date.parse(iso);
const clock = (iso: string, open = isOpen(at(iso))) => ({ marketTimeMs: at(iso), isOpen: open });

describe('the trading day', () => {
  it.each([
    ['a summer open', '2026-07-14T13:30:00Z', '2026-07-13', '2026-07-14'],
    ['a second before it', '2026-07-14T13:29:59Z', '2026-07-13', '2026-07-13'],
    ['after the close', '2026-07-14T20:00:00Z', '2026-07-14', '2026-07-14'],
    ['past midnight in New York', '2026-07-15T04:30:00Z', '2026-07-14', '2026-07-14'],
    ['a winter open, an hour later by UTC', '2026-01-05T14:30:00Z', '2026-01-02', '2026-01-05'],
    ['the winter minute that is open in summer', '2026-01-05T13:45:00Z', '2026-01-02', '2026-01-02'],
    ['the Monday after clocks went forward', '2026-03-09T13:30:00Z', '2026-03-06', '2026-03-09'],
    ['an hour before that open by the old offset', '2026-03-09T13:29:00Z', '2026-03-06', '2026-03-06'],
    ['the Monday after clocks went back', '2026-11-02T13:30:00Z', '2026-10-30', '2026-10-30'],
    ['its open', '2026-11-02T14:30:00Z', '2026-10-30', '2026-11-02'],
    ['the evening of a half day', '2026-11-27T18:30:00Z', '2026-11-27', '2026-11-27'],
    ['the weekend', '2026-11-29T15:00:00Z', '2026-11-27', '2026-11-27'],
    ['a holiday', '2026-11-26T15:00:00Z', '2026-11-25', '2026-11-25'],
  ])('%s', (_, iso, stored, day) => {
    expect(tradingDayAt(clock(iso), stored)).toBe(day);
  });

  it('is the last session after a restart in the night, and after days away', () => {
    expect(tradingDayAt(clock('2026-07-15T02:00:00Z'), null)).toBe('2026-07-14');
    expect(tradingDayAt(clock('2026-07-19T15:00:00Z'), '2026-07-14')).toBe('2026-07-17');
    expect(tradingDayAt(clock('2026-07-20T13:30:01Z'), '2026-07-14')).toBe('2026-07-20');
  });

  it('follows a market that trades round the clock from midnight to midnight in New York', () => {
    expect(tradingDayAt(clock('2026-07-19T03:59:59Z', true), '2026-07-18')).toBe('2026-07-18');
    expect(tradingDayAt(clock('2026-07-19T04:00:00Z', true), '2026-07-18')).toBe('2026-07-19');
  });

  it('keeps a day that the venue held though the calendar knows no session', () => {
    expect(tradingDayAt(clock('2026-07-18T22:00:00Z', false), '2026-07-18')).toBe('2026-07-18');
  });

  it('changes once a session, at its open, through a year of minutes around every open and close', () => {
    let day: string | null = null;
    const changes: string[] = [];
    for (const { openMs, closeMs } of sessionsBetween('2026-01-01', '2026-12-31')) {
      for (const ms of [openMs - 60_000, openMs, closeMs - 1, closeMs, closeMs + 5 * 3_600_000]) {
        const next: string = tradingDayAt({ marketTimeMs: ms, isOpen: isOpen(ms) }, day);
        if (day !== null && next !== day) {
          expect(ms).toBe(openMs);
          changes.push(next);
        }
        day = next;
      }
      expect(nextOpen(closeMs)).toBeGreaterThan(closeMs);
      expect(nextClose(openMs)).toBe(closeMs);
    }
    expect(changes).toHaveLength(sessionsBetween('2026-01-01', '2026-12-31').length);
  });

  it('knows a date beyond its calendar', () => {
    expect(tradingDayAt({ marketTimeMs: Date.UTC(1969, 11, 31, 12), isOpen: false }, null)).toBe('1969-12-31');
  });
});

describe('the close before a trading day (A2)', () => {
  it.each([
    ['a Tuesday', '2026-01-06T15:00:00Z', true, '2026-01-06', '2026-01-05T21:00:00.000Z'],
    ['a Monday, before its open', '2026-01-05T12:00:00Z', false, '2026-01-05', '2026-01-02T21:00:00.000Z'],
    ['the day after a half day', '2026-11-30T15:00:00Z', true, '2026-11-30', '2026-11-27T18:00:00.000Z'],
    [
      'the evening of a session, whose day it still is',
      '2026-01-05T23:00:00Z',
      false,
      '2026-01-05',
      '2026-01-02T21:00:00.000Z',
    ],
    ['a market round the clock, at midnight', '2026-01-06T05:00:05Z', true, '2026-01-06', '2026-01-06T05:00:00.000Z'],
    ['a year without a calendar', '1969-12-31T15:00:00Z', false, '1969-12-31', '1969-12-31T05:00:00.000Z'],
  ])('%s', (_, iso, open, day, close) => {
    expect(new Date(closeBefore(clock(iso, open), day)).toISOString()).toBe(close);
  });
});
