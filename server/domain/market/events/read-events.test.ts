import { describe, expect, it } from 'vitest';
import { formatEventTime, parseEventTime } from './event-time';
import { readEvents } from './read-events';

const HEADER = 'kind,symbol,title,starts_at,ends_at';
const read = (...rows: readonly string[]) => readEvents([HEADER, ...rows, ''].join('\n'));

describe('readEvents', () => {
  it('reads New York times, zoned times, any symbol and every symbol', () => {
    const { events, faults } = read(
      'FOMC,,Rate decision,2026-12-09 13:45,2026-12-09 15:00',
      'earnings,aapl,"Q1, after the close",2026-07-30T19:00:00Z,2026-07-30T17:00-04:00',
    );
    expect(faults).toEqual([]);
    expect(events).toEqual([
      {
        kind: 'FOMC',
        symbol: null,
        title: 'Rate decision',
        startsAt: '2026-12-09T18:45:00.000Z',
        endsAt: '2026-12-09T20:00:00.000Z',
      },
      {
        kind: 'EARNINGS',
        symbol: 'AAPL',
        title: 'Q1, after the close',
        startsAt: '2026-07-30T19:00:00.000Z',
        endsAt: '2026-07-30T21:00:00.000Z',
      },
    ]);
  });

  it('takes columns in any order, a byte order mark, Windows line ends and empty lines', () => {
    const text =
      '\ufefftitle,kind,symbol,ends_at,starts_at\r\n\r\nCPI,ECONOMIC,,2026-12-10 09:00,2026-12-10 08:15\r\n,,,,\r\n';
    expect(readEvents(text)).toMatchObject({ events: [{ title: 'CPI', kind: 'ECONOMIC' }], faults: [] });
  });

  it.each([
    ['PARTY,,x,2026-12-09 13:45,2026-12-09 15:00', /^kind/],
    ['FOMC,$$,x,2026-12-09 13:45,2026-12-09 15:00', /^symbol/],
    ['FOMC,,,2026-12-09 13:45,2026-12-09 15:00', /^title: is required/],
    ['FOMC,,x,2026-12-09 15:00,2026-12-09 15:00', /^ends_at: must be after the start/],
    ['FOMC,,x,2026-12-09 13:45,2027-12-09 15:00', /^ends_at: is more than 92 days/],
    ['FOMC,,x,2026-13-09 13:45,2026-12-09 15:00', /^starts_at: "2026-13-09 13:45" is no time/],
    ['FOMC,,x,2026-12-09T13:45:00,2026-12-09 15:00', /^starts_at/],
    ['FOMC,,x,2026-12-09 13:45', /^has 4 columns, not 5/],
    ['FOMC,,a,b,2026-12-09 13:45,2026-12-09 15:00', /^has 6 columns, not 5/],
  ])('names the line and the column of %s', (row, reason) => {
    const { faults } = read('FOMC,,fine,2026-12-09 13:45,2026-12-09 15:00', row);
    expect(faults).toEqual([{ line: 3, reason: expect.stringMatching(reason) }]);
  });

  it('names every fault of a file, and a row that is there twice', () => {
    const row = 'FOMC,,x,2026-12-09 13:45,2026-12-09 15:00';
    const { faults } = read(row, 'PARTY,$,x,2026-12-09 13:45,2026-12-09 15:00', row);
    expect(faults.map(({ line }) => line)).toEqual([3, 3, 4]);
    expect(faults[2]?.reason).toBe('is the same as line 2');
  });

  it.each([
    ['', 1],
    ['FOMC,,x,2026-12-09 13:45,2026-12-09 15:00\n', 1],
    ['kind,symbol,title,starts_at\nFOMC,,x,2026-12-09 13:45\n', 1],
    [`${HEADER}\n`, 0],
    [`${HEADER}\nFOMC,,"x,2026-12-09 13:45,2026-12-09 15:00\n`, 2],
  ])('refuses %j', (text, line) => {
    const { events, faults } = readEvents(text);
    expect(events).toEqual([]);
    expect(faults.map((fault) => fault.line)).toEqual([line]);
  });

  it('counts lines through a title that breaks over two, which is refused', () => {
    const { faults } = read(
      'FOMC,,"two\nlines",2026-12-09 13:45,2026-12-09 15:00',
      'PARTY,,x,2026-12-09 13:45,2026-12-09 15:00',
    );
    expect(faults.map(({ line }) => line)).toEqual([2, 4]);
  });
});

describe('parseEventTime', () => {
  it.each([
    ['2026-07-01 09:30', '2026-07-01T13:30:00.000Z'],
    ['2026-12-01 09:30', '2026-12-01T14:30:00.000Z'],
    // The hour that is there twice: the first.
    ['2026-11-01 01:30', '2026-11-01T05:30:00.000Z'],
    ['2026-12-01T09:30:00+01:00', '2026-12-01T08:30:00.000Z'],
  ])('reads %s', (text, iso) => {
    expect(new Date(parseEventTime(text) ?? Number.NaN).toISOString()).toBe(iso);
  });

  it.each([
    '2026-03-08 02:30',
    '2026-02-30 10:00',
    '2026-02-30T10:00:00Z',
    '2026-01-01',
    '2026-01-01 24:00',
    'soon',
    '',
  ])('refuses %j', (text) => {
    expect(parseEventTime(text)).toBeNull();
  });

  it('reads back what formatEventTime writes', () => {
    for (let ms = Date.parse('2026-03-07T00:00Z'); ms < Date.parse('2026-03-10T00:00Z'); ms += 1_800_000)
      expect(parseEventTime(formatEventTime(ms))).toBe(ms);
  });
});
