import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newYorkOffsetMs, sessionsBetween } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { formatUnits, ONE, parseUnits } from '@/server/kernel/money';
import { haveShared, sharedFile } from '@/test-support/shared';
import {
  BarConverter,
  BarFileError,
  type BarFormat,
  dialectOf,
  type ReadBars,
  type ReadOptions,
  readBarFile,
  surveyBars,
} from '.';

const MINUTE = 60_000;
const OPEN = Date.UTC(2011, 0, 3, 14, 30);
const HEADER = 'Datetime,Open,High,Low,Close,Volume';

const csv = (rows: string) => `${HEADER}\n${rows}\n`;
const read = (text: string, options: ReadOptions = {}, format: BarFormat = 'csv') =>
  readBarFile(text, format, { symbol: 'SPY', ...options });
const bars = (file: ReadBars): readonly Bar[] => file.files[0]?.bars ?? [];

function faults(text: string, options: ReadOptions = {}, format: BarFormat = 'csv') {
  try {
    read(text, options, format);
  } catch (error) {
    if (error instanceof BarFileError) return error.faults;
    throw error;
  }
  return [];
}

/** Time, prices and volume of each bar, for comparison. */
const shown = (file: ReadBars) =>
  bars(file).map(({ startMs, endMs, open, high, low, close, volume }) =>
    [
      new Date(startMs).toISOString().slice(0, 16),
      (endMs - startMs) / MINUTE,
      ...[open, high, low, close, volume].map(formatUnits),
    ].join(' '),
  );

describe('times', () => {
  it('of minutes are starts or ends as stated, never by a guess', () => {
    const text = csv('2011-01-03 09:30:00,1,1,1,1,5');
    expect(bars(read(text, { label: 'start', zone: 'new-york' }))[0]).toMatchObject({
      startMs: OPEN,
      endMs: OPEN + MINUTE,
    });
    expect(bars(read(text, { label: 'end', zone: 'new-york' }))[0]?.endMs).toBe(OPEN);
    expect(faults(text, { zone: 'utc' })[0]?.reason).toContain('start or the end');
    expect(faults(text, { label: 'start' })[0]?.reason).toContain('--zone');
  });

  it.each([
    ['2011-01-03T14:30:00Z'],
    ['2011-01-03 09:30:00-05:00'],
    ['2011-01-03 09:30:00-0500'],
    ['2011-01-03 14:30:00+00'],
    ['20110103 09:30:00 US/Eastern'],
    ['20110103 093000 America/New_York'],
    ['1294065000'],
    ['1294065000000'],
    ['1294065000000000'],
    ['1294065000000000000'],
  ])('%s names its zone', (time) => {
    const text = csv(`${time},1,1,1,1,5`);
    expect(bars(read(text, { label: 'start' }))[0]?.startMs).toBe(OPEN);
    expect(faults(text, { label: 'start', zone: 'new-york' })[0]?.reason).toContain('--zone does not apply');
  });

  it.each([
    ['2011-07-05 09:30:00', Date.UTC(2011, 6, 5, 13, 30)],
    ['07/05/2011 9:30 AM', Date.UTC(2011, 6, 5, 13, 30)],
    ['Jul 05, 2011 09:30', Date.UTC(2011, 6, 5, 13, 30)],
    ['5-Jul-2011 0930', Date.UTC(2011, 6, 5, 13, 30)],
    ['2011/07/05 13:30:00.000', Date.UTC(2011, 6, 5, 17, 30)],
  ])('%s is New York time where that is stated', (time, startMs) => {
    const dateOrder = time.startsWith('07/') ? { dateOrder: 'mdy' as const } : {};
    const options: ReadOptions = { label: 'start', zone: 'new-york', ...dateOrder };
    expect(bars(read(csv(`"${time}",1,1,1,1,5`), options))[0]?.startMs).toBe(startMs);
  });

  it('that the clock skips or shows twice are faults', () => {
    const rows = '2011-03-13 02:30,1,1,1,1,5\n2011-11-06 01:30,1,1,1,1,5';
    expect(faults(csv(rows), { label: 'start', zone: 'new-york', sparse: true }).map(({ line }) => line)).toEqual([
      2, 3,
    ]);
  });

  it('in two columns are read together', () => {
    const text = 'Date,Time,Open,High,Low,Close,Volume\n2011-01-03,09:30:00,1,1,1,1,5\n';
    expect(bars(read(text, { label: 'start', zone: 'new-york' }))[0]?.startMs).toBe(OPEN);
  });

  it('with day and month in either order are refused, unless one order alone makes dates of them', () => {
    const rows = (...dates: string[]) => csv(dates.map((date) => `${date},1,1,1,1,1`).join('\n'));
    expect(faults(rows('03/01/2011', '04/01/2011'))[0]?.reason).toContain('--date-order');
    expect(shown(read(rows('03/01/2011', '13/01/2011')))).toHaveLength(2);
    expect(shown(read(rows('01/03/2011', '01/13/2011')))[1]).toContain('2011-01-13');
    expect(shown(read(rows('03/01/2011'), { dateOrder: 'dmy' }))[0]).toContain('2011-01-03');
    expect(faults(rows('2011-01-03'), { dateOrder: 'dmy' })[0]?.reason).toContain('does not apply');
  });

  it('at the last instant of a minute are its end, and rounded', () => {
    const text = csv('2011-01-03T14:30:59.999Z,1,1,1,1,5\n2011-01-03T14:31:59.999Z,1,1,1,1,5');
    const file = read(text);
    expect(bars(file).map(({ startMs }) => startMs)).toEqual([OPEN, OPEN + MINUTE]);
    expect(file.understood.join()).toContain('rounded up');
    expect(faults(text, { label: 'start' })[0]?.reason).toContain('does not apply');
  });

  it('within a minute are faults, each by its line', () => {
    const text = csv('2011-01-03T14:30:00Z,1,1,1,1,5\n2011-01-03T14:30:30Z,1,1,1,1,5\n2011-01-03T14:31:10Z,1,1,1,1,5');
    expect(faults(text, { label: 'start' }).map(({ line }) => line)).toEqual([3, 4]);
  });

  it.each([
    [5, '5m'],
    [15, '15m'],
    [30, '30m'],
  ] as const)('%i minutes apart are longer bars, where that cannot be chance', (apart, period) => {
    const rows = (...places: number[]) =>
      csv(places.map((n) => `${new Date(OPEN + n * apart * MINUTE).toISOString()},1,1,1,1,5`).join('\n'));
    const [file] = read(rows(0, 1, 2, 4, 5, 7), { label: 'start' }).files;
    expect(file?.period).toBe(period);
    expect(file?.bars.map(({ startMs, endMs }) => endMs - startMs)).toEqual(Array(6).fill(apart * MINUTE));
    const few = rows(0, 1, 3);
    expect(faults(few, { label: 'start' })[0]?.reason).toContain(`--period ${period}`);
    expect(read(few, { label: 'start', period }).files[0]?.period).toBe(period);
    expect(bars(read(few, { label: 'start', sparse: true }))).toHaveLength(3);
  });

  it('hours begin at the open or on the clock, and end with the session', () => {
    const at = (...clocks: string[]) => csv(clocks.map((clock) => `2011-01-03 ${clock},1,1,1,1,5`).join('\n'));
    const spans = (text: string, label: 'start' | 'end') =>
      bars(read(text, { label, zone: 'new-york' })).map(({ startMs, endMs }) => [
        (startMs - OPEN) / MINUTE,
        (endMs - OPEN) / MINUTE,
      ]);
    const fromOpen = [0, 60, 120, 180, 240, 300, 360, 390];
    const onClock = [0, 30, 90, 150, 210, 270, 330, 390];
    const pairs = (edges: readonly number[]) => edges.slice(1).map((end, n) => [edges[n], end]);
    const clock = (minutes: number) =>
      new Date(Date.UTC(2011, 0, 3, 9, 30) + minutes * MINUTE).toISOString().slice(11, 16);
    for (const edges of [fromOpen, onClock]) {
      expect(spans(at(...edges.slice(0, -1).map(clock)), 'start')).toEqual(pairs(edges));
      expect(spans(at(...edges.slice(1).map(clock)), 'end')).toEqual(pairs(edges));
    }
  });

  it('at midnight in every row are days, from any vendor', () => {
    for (const [first, second] of [
      ['2011-01-03 00:00:00-05:00', '2011-01-04 00:00:00-05:00'],
      ['2011-01-03T00:00:00Z', '2011-01-04T00:00:00Z'],
      ['2011-01-03T05:00:00Z', '2011-01-04T05:00:00Z'],
      [String(Date.UTC(2011, 0, 3, 5)), String(Date.UTC(2011, 0, 4, 5))],
      ['2011-01-03 00:00:00', '2011-01-04 00:00:00'],
    ]) {
      const file = read(csv(`${first},1,1,1,1,5\n${second},1,1,1,1,5`));
      expect(file.files[0]?.period).toBe('1d');
      expect(shown(file).map((row) => row.slice(0, 16))).toEqual(['2011-01-03T14:30', '2011-01-04T14:30']);
    }
  });

  it('do not apply to days', () => {
    const text = csv('2011-01-03,1,1,1,1,5');
    expect(faults(text, { label: 'start' })[0]?.reason).toContain('--label does not apply');
    expect(faults(text, { zone: 'utc' })[0]?.reason).toContain('--zone does not apply');
  });
});

describe('figures', () => {
  it.each<[string, string]>([
    ['2011-01-03,187.15,188.44,183.89,185.64,"82,488,700"', '187.15 188.44 183.89 185.64 82488700'],
    ['2011-01-03,"1,187.15","1,188.44","1,183.89","1,185.64",5', '1187.15 1188.44 1183.89 1185.64 5'],
    ['2011-01-03,$187.15,$188.44,$183.89,$185.64,82.49M', '187.15 188.44 183.89 185.64 82490000'],
    ['2011-01-03,187.15,188.44,183.89,185.64,1.5e6', '187.15 188.44 183.89 185.64 1500000'],
    ['2011-01-03,187.15,188.44,183.89,185.64,12.5K', '187.15 188.44 183.89 185.64 12500'],
  ])('%s', (row, figures) => {
    expect(shown(read(csv(row)))[0]).toContain(figures);
  });

  it.each<[string, string, ReadOptions]>([
    ['2011-01-03;187,15;188,44;183,89;185,64;82488700', '187.15 188.44 183.89 185.64 82488700', {}],
    ['2011-01-03;1.187,15;1.188,44;1.183,89;1.185,64;82.488.700', '1187.15 1188.44 1183.89 1185.64 82488700', {}],
    ['2011-01-03;1 187,15;1 188,44;1 183,89;1 185,64;82 488 700', '1187.15 1188.44 1183.89 1185.64 82488700', {}],
    ['2011-01-03;1,187;1,188;1,183;1,185;5', '1.187 1.188 1.183 1.185 5', { decimal: 'comma' }],
    ['2011-01-03;1,187;1,188;1,183;1,185;5', '1187 1188 1183 1185 5', { decimal: 'point' }],
  ])('with semicolons: %s', (row, figures, options) => {
    expect(shown(read(csv(row).replaceAll(HEADER, HEADER.replaceAll(',', ';')), options))[0]).toContain(figures);
  });

  it('that are thousands or decimals are refused', () => {
    const text = 'Date;Open;High;Low;Close;Volume\n2011-01-03;1,187;1,188;1,183;1,185;5\n';
    expect(faults(text)[0]?.reason).toContain('--decimal');
  });

  it('with the decimals of a binary fraction are rounded, and it says so', () => {
    const file = read(csv('2011-01-03,37.029998779296875,37.7599983215332,36.31999969482422,37.70000076293945,707800'));
    expect(shown(file)[0]).toContain('37.03 37.76 36.32 37.7 707800');
    expect(file.understood.join()).toContain('rounded to 4');
    expect(shown(read(csv('2011-01-03,37.0212,38,36,37.02555555,1')))[0]).toContain('37.0212 38 36 37.02555555 1');
    expect(shown(read(csv('2011-01-03,37.0251,38,36,37.0249,1'), { decimals: 2 }))[0]).toContain('37.03 38 36 37.02 1');
  });

  it('that are missing, no numbers or impossible are faults of every line that has them', () => {
    const rows = [
      '2011-01-03,1,1,1,1,1',
      '2011-01-04,x,1,1,1,1',
      '2011-01-05,1,1,2,1,1',
      '2011-01-06,1,1,1',
      '2011-01-07,0,1,0,1,1',
    ];
    expect(faults(csv(rows.join('\n'))).map(({ line }) => line)).toEqual([3, 4, 5, 6]);
  });

  it('of rows without prices can be left out', () => {
    const text = csv(
      '2011-01-03,1,1,1,1,1\n2011-01-04,null,null,null,null,null\n2011-01-05,,,,,\n2011-01-06,1,1,1,1,1',
    );
    expect(faults(text).map(({ line }) => line)).toEqual([3, 4]);
    const file = read(text, { skipEmpty: true });
    expect(bars(file)).toHaveLength(2);
    expect(file.understood.join()).toContain('2 row(s) without prices left out');
  });
});

describe('columns and rows', () => {
  it.each([
    ['"Volume",Close,Low,High,Open,Note,"Date"\n7,2,1,3,2,x,2011-01-03\n'],
    ['Date\tOpen\tHigh\tLow\tClose\tVolume\n2011-01-03\t2\t3\t1\t2\t7\n'],
    ['Date|Open|High|Low|Close|Volume\n2011-01-03|2|3|1|2|7\n'],
    ['\uFEFFdate,open,high,low,close,volume\r\n2011-01-03,2,3,1,2,7\r\n'],
    [',Open,High,Low,Close,Volume\n2011-01-03,2,3,1,2,7\n'],
    ['2011-01-03,2,3,1,2,7\n'],
    ['Date,Close/Last,Volume,Open,High,Low\n2011-01-03,$2.00,7,$2.00,$3.00,$1.00\n'],
  ])('%j', (text) => {
    expect(shown(read(text))[0]).toBe('2011-01-03T14:30 390 2 3 1 2 7');
  });

  it.each<[string, number, string]>([
    ['Date,Open,High,Low,Close\n2011-01-03,1,1,1,1\n', 1, 'Volume'],
    ['Date,Open,High,Low,Close,Volume\n2011-01-03,1,1,1,1\n', 2, 'cut off'],
    ['Date,Open,High,Low,Close,Volume\n2011-01-03,1,1,1,1,1\n2011-01-04 10:00,1,1,1,1,1\n', 2, 'mixed'],
    ['Date,Open,High,Low,Close,Volume\n2011-01-03,1,1,1,1,1\n2011-01-03,1,1,1,1,2\n', 3, 'repeated'],
    ['Date,Open,High,Low,Close,Volume\n2011-01-01,1,1,1,1,1\n', 2, 'not a trading day'],
    ['Date,Open,High,Low,Close,Volume\n', 0, 'no bars'],
    ['Date,Open,High,Low,Close,Volume\n"2011-01-03,1,1,1,1,1\n', 2, 'a quoted field does not end'],
    ['some text that is no table\n', 1, 'header'],
  ])('%j is refused', (text, line, reason) => {
    expect(faults(text)[0]).toMatchObject({ line, reason: expect.stringContaining(reason) });
  });

  it('of several symbols give a file of each, and are refused under one name', () => {
    const text = 'symbol,timestamp,open,high,low,close,volume\nAAPL,2011-01-03,1,1,1,1,1\nSPY,2011-01-03,2,2,2,2,2\n';
    expect(readBarFile(text, 'csv').files.map(({ symbol, bars: { length } }) => [symbol, length])).toEqual([
      ['AAPL', 1],
      ['SPY', 1],
    ]);
    expect(faults(text, { symbol: 'AAPL' })[0]?.reason).toContain('SPY (1 row(s))');
    expect(() => readBarFile(csv('2011-01-03,1,1,1,1,1'), 'csv')).toThrow('--symbol');
  });

  it('that end within a line were cut off', () => {
    const unfinished = (text: string) => {
      const survey = surveyBars('csv', { symbol: 'SPY' });
      for (const sign of text) survey.push(sign);
      survey.end();
      return survey.unfinishedLine;
    };
    const text = csv('2011-01-03,1,1,1,1,1\n2011-01-04,1,1,1,1,12');
    expect(unfinished(text)).toBeNull();
    expect(unfinished(text.slice(0, -1))).toBe(3);
  });
});

describe('jumps', () => {
  const text = csv('2020-08-28,504.05,505.77,498.31,499.23,46907479\n2020-08-31,127.58,131.00,126.00,129.04,225702700');

  it('are warned of with the split that would explain them', () => {
    const { warnings } = read(text);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('2020-08-31: opens at 127.58 after a close of 499.23, as after a split of 4');
    expect(read(text, { adjusted: true }).warnings).toEqual([]);
  });

  it('go with the split stated', () => {
    const file = read(text, { splits: [{ date: '2020-08-31', ratio: 4 }] });
    expect(file.warnings).toEqual([]);
    expect(shown(file)[0]).toContain('126.0125 126.4425 124.5775 124.8075 187629916');
  });
});

describe('formats by name', () => {
  it.each<[BarFormat, string, ReadOptions]>([
    ['ninjatrader', '20110103 143100;2;3;1;2;7\n', {}],
    ['ninjatrader', '20110103 093000;2;3;1;2;7\n', { zone: 'new-york', label: 'start' }],
    ['yahoo', 'Datetime,Open,High,Low,Close,Adj Close,Volume\n2011-01-03 09:30:00-05:00,2,3,1,2,2,7\n', {}],
    [
      'alpaca',
      'symbol,timestamp,open,high,low,close,volume,trade_count,vwap\nSPY,2011-01-03 14:30:00+00:00,2,3,1,2,7.0,1.0,2\n',
      {},
    ],
    ['alpaca', 't,o,h,l,c,v,n,vw\n2011-01-03T14:30:00Z,2,3,1,2,7,1,2\n', {}],
    [
      'polygon',
      'ticker,volume,open,close,high,low,window_start,transactions\nSPY,7,2,2,3,1,1294065000000000000,1\n',
      {},
    ],
    ['alphavantage', 'timestamp,open,high,low,close,volume\n2011-01-03 09:31:00,2,3,1,2,7\n', { label: 'end' }],
    ['ibkr', 'date,open,high,low,close,volume,average,barCount\n20110103 09:30:00 US/Eastern,2,3,1,2,7,2,1\n', {}],
    ['kibot', '01/03/2011,09:30,2,3,1,2,7\n', {}],
    ['lean', '34200000,20000,30000,10000,20000,7\n', { fileName: '20110103_trade.csv' }],
  ])('%s minutes: %j', (format, text, options) => {
    expect(shown(read(text, options, format))).toEqual(['2011-01-03T14:30 1 2 3 1 2 7']);
  });

  it.each<[BarFormat, string]>([
    ['ninjatrader', '20110103;2;3;1;2;7\n'],
    ['yahoo', 'Date,Open,High,Low,Close,Adj Close,Volume\n2011-01-03,2,3,1,2,2,7\n'],
    [
      'stooq',
      '<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\nSPY.US,D,20110103,000000,2,3,1,2,7,0\n',
    ],
    ['stooq', 'Date,Open,High,Low,Close,Volume\n2011-01-03,2,3,1,2,7\n'],
    ['nasdaq', 'Date,Close/Last,Volume,Open,High,Low\n01/03/2011,$2.00,7,$2.00,$3.00,$1.00\n'],
    [
      'investing',
      '"Date","Price","Open","High","Low","Vol.","Change %"\n"01/03/2011","2.00","2.00","3.00","1.00","0.007K","0.1%"\n',
    ],
    ['polygon', 'ticker,volume,open,close,high,low,window_start,transactions\nSPY,7,2,2,3,1,1294030800000000000,1\n'],
    ['kibot', '01/03/2011,2,3,1,2,7\n'],
    ['backtrader', 'Date,Open,High,Low,Close,Volume,OpenInterest\n2011-01-03,2,3,1,2,7,0\n'],
    ['lean', '20110103 00:00,20000,30000,10000,20000,7\n'],
    ['alphavantage', 'timestamp,open,high,low,close,volume\n2011-01-03,2,3,1,2,7\n'],
  ])('%s days: %j', (format, text) => {
    expect(shown(read(text, {}, format))).toEqual(['2011-01-03T14:30 390 2 3 1 2 7']);
  });
});

describe('bars written in any notation read back exactly', () => {
  const price = fc.integer({ min: 1, max: 99_999_999 });
  const row = fc.tuple(price, price, price, price, fc.integer({ min: 0, max: 999_999_999 }));
  const notation = fc.record({
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    comma: fc.boolean(),
    grouped: fc.boolean(),
    quoted: fc.boolean(),
    header: fc.boolean(),
    newestFirst: fc.boolean(),
    newline: fc.constantFrom('\n', '\r\n'),
    time: fc.constantFrom('iso', 'new-york', 'epoch', 'two-columns', 'days'),
  });

  function group(whole: string, separator: string): string {
    return whole.replace(/\B(?=(\d{3})+$)/g, separator);
  }

  it('whatever the delimiter, marks, quotes, times and order', () => {
    const sessions = sessionsBetween('2011-01-03', '2011-03-31');
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 12 }), notation, (rows, how) => {
        const days = how.time === 'days';
        const expected = rows.map(([a, b, c, d, volume], n): Bar => {
          const [low = 0, open = 0, close = 0, high = 0] = [a, b, c, d].sort((x, y) => x - y);
          const session = sessions[n];
          if (session === undefined) throw new Error('too few sessions');
          const cents = (value: number) => (BigInt(value) * ONE) / 100n;
          const startMs = days ? session.openMs : OPEN + n * MINUTE;
          return {
            symbol: 'SPY',
            startMs,
            endMs: days ? session.closeMs : startMs + MINUTE,
            open: cents(open),
            high: cents(high),
            low: cents(low),
            close: cents(close),
            volume: BigInt(volume) * ONE,
          };
        });
        const quote = (text: string) => (how.quoted || text.includes(how.delimiter) ? `"${text}"` : text);
        const figure = (value: bigint, decimals: number) => {
          const [whole = '', fraction = ''] = (Number(value / (ONE / 100n)) / 100).toFixed(decimals).split('.');
          const separated = how.grouped ? group(whole, how.comma ? '.' : ',') : whole;
          return quote(fraction === '' ? separated : `${separated}${how.comma ? ',' : '.'}${fraction}`);
        };
        const timeFields = ({ startMs }: Bar): string[] => {
          const local = new Date(startMs + newYorkOffsetMs(startMs)).toISOString();
          if (days) return [local.slice(0, 10)];
          if (how.time === 'iso') return [new Date(startMs).toISOString()];
          if (how.time === 'epoch') return [String(startMs / 1000)];
          if (how.time === 'two-columns') return [local.slice(0, 10), local.slice(11, 19)];
          return [local.slice(0, 19).replace('T', ' ')];
        };
        const written = expected.map((bar) =>
          [
            ...timeFields(bar).map(quote),
            ...[bar.open, bar.high, bar.low, bar.close].map((value) => figure(value, 2)),
            figure(bar.volume, 0),
          ].join(how.delimiter),
        );
        if (how.newestFirst) written.reverse();
        const names = [
          ...(how.time === 'two-columns' ? ['Date', 'Time'] : ['Date']),
          'Open',
          'High',
          'Low',
          'Close',
          'Volume',
        ];
        const lines = how.header ? [names.join(how.delimiter), ...written] : written;
        const local = how.time === 'new-york' || how.time === 'two-columns';
        const options: ReadOptions = {
          ...(days ? {} : { label: 'start' as const }),
          ...(local ? { zone: 'new-york' as const } : {}),
        };
        expect(bars(read(`${lines.join(how.newline)}${how.newline}`, options))).toEqual(expected);
      }),
    );
  });
});

describe('adjusted closes', () => {
  const text = 'Date,Open,High,Low,Close,Volume,Adj Close\n2001-01-03,20,40,10,30,7,15\n';

  it('are left alone, or scale every price of their row where that is stated', () => {
    expect(shown(read(text))).toEqual(['2001-01-03T14:30 390 20 40 10 30 7']);
    const adjusted = read(text, { useAdjusted: true });
    expect(shown(adjusted)).toEqual(['2001-01-03T14:30 390 10 20 5 15 7']);
    expect(adjusted.understood.join()).toContain('scaled to the adjusted closes');
    expect(faults(csv('2001-01-03,20,40,10,30,7'), { useAdjusted: true })[0]?.reason).toContain('does not apply');
    expect(faults(text.replace(',15', ',x'), { useAdjusted: true })[0]).toMatchObject({ line: 2 });
  });
});

describe('a file that arrives in pieces', () => {
  const whole = csv(
    Array.from({ length: 30 }, (_, n) => {
      const volume = n % 3 === 0 ? '"1,234"' : n % 5 === 0 ? '"7"' : '12';
      return `${new Date(OPEN + n * MINUTE).toISOString()},1.5,2,1,1.25,${volume}`;
    }).join('\r\n'),
  );

  it('is read as if it came whole, wherever it is cut', () => {
    const expected = read(whole, { label: 'start' });
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts, whole.length].sort((a, b) => a - b);
        const pieces = at.slice(1).map((end, n) => whole.slice(at[n], end));
        const survey = surveyBars('csv', { symbol: 'SPY', label: 'start' });
        for (const piece of pieces) survey.push(piece);
        survey.end();
        const converter = new BarConverter(dialectOf(survey));
        const rows = [...pieces.flatMap((piece) => converter.push(piece)), ...converter.end()];
        expect(rows.map(({ bar }) => bar)).toEqual(bars(expected));
        expect(rows.map(({ line }) => line)).toEqual(expected.files[0]?.lines);
      }),
    );
  });

  it('with a quote that is never closed is refused before it fills the memory', () => {
    const survey = surveyBars('csv', { symbol: 'SPY' });
    survey.push(`${HEADER}\n"2011-01-03,1,1,1,1,1\n`);
    expect(() => {
      for (let n = 0; n < 1_000; n += 1) survey.push('2011-01-03,1,1,1,1,1\n'.repeat(100));
    }).toThrow('line 2: a line or a quoted field does not end');
  });
});

describe.runIf(haveShared)('inputs that were taken wrongly (skipped without ../shared)', () => {
  const shared = (name: string) => readFileSync(sharedFile(path.join('cases/import', name)), 'utf8');

  it('holds the files that are named here', () => {
    expect(existsSync(sharedFile('cases/import/semicolon.csv'))).toBe(true);
  });

  it('daily rows at midnight with an offset are days, rounded', () => {
    for (const name of ['daily-with-offset.csv', 'daily-with-offset-15-decimals.csv']) {
      const file = read(shared(name));
      expect(file.files[0]?.period).toBe('1d');
      expect(bars(file)[0]).toMatchObject({ open: parseUnits('37.03'), close: parseUnits('37.7') });
    }
  });

  it('fifteen minutes apart are kept as such', () => {
    expect(read(shared('fifteen-minute-bars.csv'), { label: 'start' }).files[0]?.period).toBe('15m');
  });

  it('thousands are kept, semicolons and decimal commas read', () => {
    expect(shown(read(shared('quoted-thousands-volume.csv')))[0]).toContain('82488700');
    expect(shown(read(shared('semicolon.csv')))[0]).toContain('187.15 188.44 183.89 185.64 82488700');
  });

  it("another symbol's rows are refused, or imported under their own name", () => {
    const text = shared('two-symbols.csv');
    expect(faults(text, { symbol: 'AAPL', label: 'start' })[0]?.reason).toContain('SPY');
    expect(readBarFile(text, 'alpaca').files.map(({ symbol }) => symbol)).toEqual(['AAPL', 'SPY']);
  });

  it('the last instant of a minute is its end', () => {
    expect(bars(read(shared('ends-at-59-999.csv'))).map(({ endMs }) => endMs % MINUTE)).toEqual([0, 0]);
  });

  it("NinjaTrader's zone and label are honoured", () => {
    const file = read(shared('ninjatrader-new-york-start.txt'), { zone: 'new-york', label: 'start' }, 'ninjatrader');
    expect(new Date(bars(file)[0]?.startMs ?? 0).toISOString()).toBe('2024-01-02T14:31:00.000Z');
  });

  it('an unadjusted split is warned of; rows without prices are all named; an unnamed index is the date', () => {
    expect(read(shared('unadjusted-split.csv')).warnings[0]).toContain('split of 4');
    expect(faults(shared('yahoo-null-rows.csv')).length).toBeGreaterThan(0);
    expect(bars(read(shared('unnamed-first-column.csv')))).toHaveLength(3);
  });
});
