import { gzipSync, strToU8, zipSync } from 'fflate';
import { type BarFixture, lines, refused } from './bar-fixtures';

const HEADER = 'Date,Open,High,Low,Close,Volume';
const GOOD = '2024-01-02,1187.15,1188.44,1183.89,1185.64,82488700';
const MINUTE = '2024-01-02T14:30:00Z,1,1,1,1,5';
const file = (...rows: readonly string[]) => lines(HEADER, ...rows);
const refuse = (name: string, options: string, content: BarFixture['content'], ...faults: readonly string[]) =>
  refused(name, 'spy.csv', `--symbol SPY ${options}`.trim(), content, faults);
const SPARSE = '--sparse states that these are minutes with gaps';
const every = (minutes: number, ...places: readonly number[]) =>
  file(
    ...places.map((n) => `${new Date(Date.UTC(2024, 0, 2, 14, 30) + n * minutes * 60_000).toISOString()},1,1,1,1,5`),
  );

/** Files that mean nothing, or more than one thing. */
export const REFUSED_FIXTURES: readonly BarFixture[] = [
  refuse('an empty file', '', '', 'the file is empty'),
  refuse('a header alone', '', file(), 'the file holds no bars'),
  refuse(
    'a page instead of a file',
    '',
    '<!DOCTYPE html>\n<html><body>Too many requests</body></html>\n',
    'line 1: the header must name Date, Open, High, Low, Close and Volume, or the file must have six columns',
  ),
  refuse(
    'JSON',
    '',
    '{"bars":{"SPY":[{"t":"2024-01-02T14:30:00Z","o":1,"h":1,"l":1,"c":1,"v":1}]}}\n',
    'line 1: the header must name Date, Open, High, Low, Close and Volume, or the file must have six columns',
  ),
  refuse('bytes', '', () => Buffer.from([1, 0, 2, 0, 3, 0]), 'is not text, or is UTF-16 without a byte order mark'),
  refuse(
    'UTF-16 without a byte order mark',
    '',
    () => Buffer.from(file(GOOD), 'utf16le'),
    'is not text, or is UTF-16 without a byte order mark',
  ),
  refuse(
    'gzip that is cut off',
    '',
    () => gzipSync(strToU8(file(GOOD))).slice(0, 40),
    'cannot be unpacked: unexpected end of file',
  ),
  refuse(
    'a zip archive of two files',
    '',
    () => zipSync({ 'a.csv': strToU8(file(GOOD)), 'b.csv': strToU8(file(GOOD)) }),
    'the archive must hold one file; it holds a.csv, b.csv',
  ),
  refuse(
    'a volume with separators but no quotes',
    '',
    file('2024-01-02,187.15,188.44,183.89,185.64,82,488,700'),
    'line 2: has 8 fields instead of 6: does a figure contain the separator without quotes?',
  ),
  refuse(
    'a row that lacks a field in the middle',
    '--format alpaca --label start',
    lines(
      'symbol,timestamp,open,high,low,close,volume,trade_count,vwap',
      'SPY,2024-01-02 14:30:00+00:00,472.16,472.3,472.05,472.2,1000.0,10.0,472.18',
      'SPY,2024-01-02 14:31:00+00:00,472.4,472.1,472.35,900.0,9.0,472.25',
    ),
    'line 3: has 8 field(s) instead of 9: is the file cut off?',
  ),
  refuse(
    'a row that is cut off',
    '',
    file(GOOD, '2024-01-03,184.22,185'),
    'line 3: has 3 field(s) instead of 6: is the file cut off?',
  ),
  refuse(
    'a figure that is cut off',
    '',
    `${HEADER}\n${GOOD}\n2024-01-03,1187.15,1188.44,1183.89,1185.64,824`,
    'line 3: has no end of line: the file may be cut off (add one if it is whole)',
  ),
  refuse('a quote that is never closed', '', file('"2024-01-02,1,1,1,1,1'), 'line 2: a quoted field does not end'),
  refuse(
    'a quote within a field',
    '',
    file('2024-01-02,1,1,1,1,5"000'),
    'line 2: a field that does not begin with a quote contains one',
  ),
  refuse(
    'two columns of volumes',
    '',
    lines(`${HEADER},Vol.`, `${GOOD},5`),
    'line 1: more than one column holds the volume: Volume, Vol.',
  ),
  refuse(
    'a column that is missing',
    '',
    lines('Date,Open,High,Low,Last,Volume', GOOD),
    'line 1: the header must name Date, Open, High, Low, Close and Volume; it lacks Close',
  ),
  refuse(
    'a header in the middle, of files that were joined',
    '',
    file(GOOD, HEADER, '2024-01-03,1187.15,1188.44,1183.89,1185.64,5'),
    'line 3: "Date" is not a time (yyyy-MM-dd HH:mm[:ss])',
  ),
  refuse(
    'no label',
    '--zone utc',
    file('2024-01-02 14:30,1,1,1,1,5'),
    'state whether the times are the start or the end of bars: --label start or --label end',
  ),
  refuse(
    'no zone',
    '--label start',
    file('2024-01-02 14:30,1,1,1,1,5'),
    'the times name no zone: state --zone utc or --zone new-york',
  ),
  refuse(
    'a zone beside offsets',
    '--label start --zone new-york',
    file(MINUTE),
    '--zone does not apply: the times name their zone',
  ),
  refuse('a label for days', '--label start', file(GOOD), '--label does not apply: the file holds days'),
  refuse('a zone for days', '--zone utc', file(GOOD), '--zone does not apply: the file holds days'),
  refuse(
    'an order of dates that have one reading',
    '--date-order dmy',
    file(GOOD),
    '--date-order does not apply: the dates have one reading',
  ),
  refuse('gaps stated for days', '--sparse', file(GOOD), '--sparse does not apply: the file holds days'),
  refuse(
    'adjusted closes that are not there',
    '--use-adjusted',
    file(GOOD),
    '--use-adjusted does not apply: the file has no column of adjusted closes',
  ),
  refuse(
    'days and months in either order',
    '',
    file('03/01/2024,1,1,1,1,1', '04/01/2024,1,1,1,1,1'),
    'line 2: has a date whose day and month cannot be distinguished: state --date-order mdy or --date-order dmy',
  ),
  refuse(
    'thousands or decimals',
    '',
    lines(HEADER.replaceAll(',', ';'), '2024-01-02;1,187;1,188;1,183;1,185;5'),
    'figures such as 1,234 can be read as thousands or as decimals: state --decimal point or --decimal comma',
  ),
  ...([5, 15, 30] as const).map((minutes) =>
    refuse(
      `${minutes} minutes apart, too few rows to know`,
      '--label start',
      every(minutes, 0, 1, 3),
      `the times are ${minutes} minutes apart, which few rows may be by chance: --period ${minutes}m states longer bars; ${SPARSE}`,
    ),
  ),
  ...[2, 10, 120].map((minutes) =>
    refuse(
      `${minutes}-minute bars`,
      '--label start',
      every(minutes, 0, 1, 2, 3),
      `the times are ${minutes} minutes apart. Bars of 1, 5, 15, 30 and 60 minutes and days can be stored; ${SPARSE}`,
    ),
  ),
  refuse(
    'a period that the times are not apart',
    '--label start --period 15m',
    every(5, 0, 1, 2),
    '--period 15m does not apply: the times are 5 minute(s) apart',
  ),
  ...(
    [
      ['weeks', ['2024-01-02', '2024-01-08', '2024-01-16', '2024-01-22', '2024-01-29']],
      ['months', ['2024-01-02', '2024-02-01', '2024-03-01', '2024-04-01']],
    ] as const
  ).map(([name, dates]) =>
    refuse(
      name,
      '',
      file(...dates.map((date) => `${date},1,1,1,1,5`)),
      'the dates are mostly a week or more apart: weeks and months cannot be stored; --sparse states that these are days with gaps',
    ),
  ),
  refuse('days stated to have gaps', '--sparse', file(GOOD), '--sparse does not apply: the file holds days'),
  refuse('a period for days', '--period 15m', file(GOOD), '--period does not apply: the file holds days'),
  refuse(
    'minutes with gaps and longer bars at once',
    '--label start --sparse --period 15m',
    every(15, 0, 1, 2),
    '--sparse does not apply: it states minutes, and --period 15m longer bars',
  ),
  refuse(
    '15-minute bars off the quarters of an hour',
    '--label start',
    file(...['14:37', '14:52', '15:07'].map((time) => `2024-01-02T${time}:00Z,1,1,1,1,5`)),
    'line 2: is not the start of one of the 15-minute bars',
    'line 3: is not the start of one of the 15-minute bars',
    'line 4: is not the start of one of the 15-minute bars',
  ),
  refuse(
    '15-minute bars with a last one of another length',
    '--label start',
    file(...['14:30', '14:45', '15:00', '15:15', '15:29'].map((time) => `2024-01-02T${time}:00Z,1,1,1,1,5`)),
    `the times are mostly 15 minutes apart, and some are less: ${SPARSE}`,
  ),
  refuse(
    'seconds',
    '--label start',
    file('2024-01-02T14:30:00Z,1,1,1,1,5', '2024-01-02T14:30:30Z,1,1,1,1,5', '2024-01-02T14:31:00Z,1,1,1,1,5'),
    'line 3: is not at a whole minute',
  ),
  refuse(
    'dates and times mixed',
    '',
    file(GOOD, '2024-01-03 10:00,1,1,1,1,1'),
    'line 2: has no time of day: dates and times are mixed',
  ),
  refuse(
    'times that New York does not have, or has twice',
    '--label start --zone new-york --sparse',
    file('2024-03-10 02:30,1,1,1,1,5', '2024-11-03 01:30,1,1,1,1,5'),
    'line 2: this time does not exist or occurs twice in New York, where the clock changes: use times in UTC',
    'line 3: this time does not exist or occurs twice in New York, where the clock changes: use times in UTC',
  ),
  refuse(
    'days without a session, each named',
    '',
    file('2024-01-01,1,1,1,1,1', '2024-01-02,1,1,1,1,1', '2024-01-06,1,1,1,1,1'),
    'line 2: 2024-01-01 is not a trading day',
    'line 4: 2024-01-06 is not a trading day',
  ),
  refuse(
    'rows without prices, each named',
    '',
    file(GOOD, '2024-01-03,null,null,null,null,null', '2024-01-04,,,,,'),
    'line 3: has no prices (--skip-empty leaves such rows out)',
    'line 4: has no prices (--skip-empty leaves such rows out)',
  ),
  refuse(
    'faults of several kinds, each named',
    '',
    file(
      '2024-01-02,1,1,1,x,1',
      '2024-13-03,1,1,1,1,1',
      '2024-01-04,1,2,3,2,1',
      '2024-01-05,1,2,0.5,3,1',
      '2024-01-08,-1,1,1,1,1',
    ),
    'line 2: close "x" is not a decimal number',
    'line 3: "2024-13-03" is not a time (yyyy-MM-dd HH:mm[:ss])',
    'line 4: high must not be below low',
    'line 5: high and low do not enclose open and close',
    'line 6: prices must be greater than zero, volume not negative',
  ),
  refuse(
    'a bar twice with other figures',
    '',
    file('2024-01-02,1,1,1,1,1', '2024-01-02,1,1,1,1,2'),
    'line 3: repeated: the bar that ends 2024-01-02T21:00:00.000Z is in line 2 already with other figures',
  ),
  refuse(
    'bars out of order',
    '',
    file('2024-01-02,1,1,1,1,1', '2024-01-04,1,1,1,1,1', '2024-01-03,1,1,1,1,2'),
    'line 4: out of order: the bar that ends 2024-01-03T21:00:00.000Z comes after a later one',
  ),
  refuse(
    "another symbol's rows",
    '--label start',
    lines('symbol,timestamp,open,high,low,close,volume', `SPY,${MINUTE}`, `AAPL,${MINUTE}`),
    'the file also holds AAPL (1 row(s)): without --symbol each symbol is imported',
  ),
  refused('no symbol', 'spy.csv', '', file(GOOD), ['the file names no symbol: state --symbol']),
  refused(
    'a row without its symbol',
    'spy.csv',
    '--label start',
    lines('symbol,timestamp,open,high,low,close,volume', `SPY,${MINUTE}`, `,${MINUTE}`),
    ['a row names no symbol: state --symbol'],
  ),
  refused(
    'a symbol that is none',
    'spy.csv',
    '--label start',
    lines('symbol,timestamp,open,high,low,close,volume', `S&P 500,${MINUTE}`),
    ['"S&P 500" is not a symbol: must be 1–12 letters, digits, dots or dashes, beginning with a letter'],
  ),
];
