import { gzipSync, zipSync } from 'fflate';
import { accepted, type BarFixture, COMMAS, DAYS, ENDS, lines, NEW_YORK, SEMICOLONS, STARTS } from './bar-fixtures';

const MINUTES = [
  'SPY 1m 2024-01-02T14:30/14:31 472.16 472.3 472.05 472.2 1000',
  'SPY 1m 2024-01-02T14:31/14:32 472.2 472.4 472.1 472.35 900',
];
const FIRST = ',472.16,472.3,472.05,472.2,1000';
const SECOND = ',472.2,472.4,472.1,472.35,900';
const DAY = ['SPY 1d 2024-01-02T14:30/21:00 1187.15 1188.44 1183.89 1185.64 82488700'];
const HEADER = 'Date,Open,High,Low,Close,Volume';
const COLUMNS = 'columns: time = Date, open = Open, high = High, low = Low, close = Close, volume = Volume';
const POSITIONS = 'no header: time, open, high, low, close, volume';

const minutes = (first: string, second: string) => lines(HEADER, `${first}${FIRST}`, `${second}${SECOND}`);

function utf16(text: string, bigEndian: boolean): Uint8Array {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
}

/** Two minutes with a time in one notation each, and what is said of it. */
const times: readonly (readonly [name: string, options: string, first: string, second: string, ...string[]])[] = [
  ['epoch seconds', '--label start', '1704205800', '1704205860', STARTS],
  ['epoch milliseconds', '--label start', '1704205800000', '1704205860000', STARTS],
  ['epoch microseconds', '--label start', '1704205800000000', '1704205860000000', STARTS],
  ['epoch nanoseconds of ends', '--label end', '1704205860000000000', '1704205920000000000', ENDS],
  ['offsets of another zone', '--label start', '2024-01-02T15:30:00+01:00', '2024-01-02T15:31:00+01:00', STARTS],
  ['Z', '--label start', '2024-01-02T14:30:00Z', '2024-01-02T14:31:00.000Z', STARTS],
  [
    'twelve-hour clock',
    '--label start --zone new-york --date-order mdy',
    '1/2/2024 9:30 AM',
    '1/2/2024 9:31 AM',
    NEW_YORK,
    STARTS,
  ],
  ['names of months', '--label start --zone utc', '2-Jan-2024 14:30', '2-Jan-2024 14:31', 'times are UTC', STARTS],
  [
    'dates with points',
    '--label start --zone new-york --date-order dmy',
    '02.01.2024 09:30',
    '02.01.2024 09:31',
    NEW_YORK,
    STARTS,
  ],
];

/** Notations that are not a vendor's own. */
export const NOTATION_FIXTURES: readonly BarFixture[] = [
  ...times.map(([name, options, first, second, ...understood]) =>
    accepted(
      name,
      'spy.csv',
      `--symbol SPY ${options}`,
      minutes(first, second),
      [COMMAS, COLUMNS, ...understood],
      MINUTES,
    ),
  ),
  ...([5, 15, 30] as const).map((length) => {
    const at = (n: number) => new Date(Date.UTC(2024, 0, 2, 14, 30) + n * length * 60_000).toISOString();
    const span = (n: number) => `${at(n).slice(0, 16)}/${at(n + 1).slice(11, 16)}`;
    return accepted(
      `${length}-minute bars`,
      'spy.csv',
      '--symbol SPY --label start',
      lines('Date,Open,High,Low,Close,Volume', ...[0, 1, 2].map((n) => `${at(n)},1,1,1,1,${5 + n}`)),
      [COMMAS, COLUMNS, `period: ${length}-minute bars, labelled with their start`],
      [0, 1, 2].map((n) => `SPY ${length}m ${span(n)} 1 1 1 1 ${5 + n}`),
    );
  }),
  accepted(
    'hours from the open on, the last of them half an hour',
    'spy.csv',
    '--symbol SPY --label start --zone new-york',
    lines(
      'Date,Open,High,Low,Close,Volume',
      ...[9, 10, 11, 12, 13, 14, 15].map((hour) => `2024-01-02 ${String(hour).padStart(2, '0')}:30,1,1,1,1,${hour}`),
    ),
    [COMMAS, COLUMNS, 'times are New York', 'period: hours from the open on, labelled with their start'],
    [9, 10, 11, 12, 13, 14, 15].map(
      (hour) => `SPY 1h 2024-01-02T${hour + 5}:30/${hour === 15 ? '21:00' : `${hour + 6}:30`} 1 1 1 1 ${hour}`,
    ),
  ),
  ...(
    [
      ['days stamped with the close', ['2024-03-07 16:00:00', '2024-03-08 16:00:00', '2024-03-11 16:00:00']],
      [
        'days stamped with the close, as instants over the change of the clock',
        ['2024-03-07T21:00:00Z', '2024-03-08T21:00:00Z', '2024-03-11T20:00:00Z'],
      ],
    ] as const
  ).map(([name, times]) =>
    accepted(
      name,
      'spy.csv',
      '--symbol SPY',
      lines('Date,Open,High,Low,Close,Volume', ...times.map((time, n) => `${time},1,1,1,1,${n}`)),
      [COMMAS, COLUMNS, 'period: days, all stamped with one time'],
      [
        'SPY 1d 2024-03-07T14:30/21:00 1 1 1 1 0',
        'SPY 1d 2024-03-08T14:30/21:00 1 1 1 1 1',
        'SPY 1d 2024-03-11T13:30/20:00 1 1 1 1 2',
      ],
    ),
  ),
  accepted(
    'one minute of each day, stated to have gaps',
    'spy.csv',
    '--symbol SPY --label start --sparse',
    lines(
      'Date,Open,High,Low,Close,Volume',
      ...['02', '03', '04'].map((day) => `2024-01-${day}T15:00:00Z,1,1,1,1,${Number(day)}`),
    ),
    [COMMAS, COLUMNS, STARTS],
    ['02', '03', '04'].map((day) => `SPY 1m 2024-01-${day}T15:00/15:01 1 1 1 1 ${Number(day)}`),
  ),
  accepted(
    'some days of a year, stated to have gaps',
    'spy.csv',
    '--symbol SPY --sparse',
    lines('Date,Open,High,Low,Close,Volume', '2024-01-02,1,1,1,1,5', '2024-02-01,1,1,1,1,6', '2024-03-01,1,1,1,1,7'),
    [COMMAS, COLUMNS, DAYS],
    [
      'SPY 1d 2024-01-02T14:30/21:00 1 1 1 1 5',
      'SPY 1d 2024-02-01T14:30/21:00 1 1 1 1 6',
      'SPY 1d 2024-03-01T14:30/21:00 1 1 1 1 7',
    ],
  ),
  accepted(
    'two bars whose length is stated',
    'spy.csv',
    '--symbol SPY --label end --period 30m',
    lines('Date,Open,High,Low,Close,Volume', '2024-01-02T15:00:00Z,1,1,1,1,5', '2024-01-02T16:00:00Z,1,1,1,1,6'),
    [COMMAS, COLUMNS, 'period: 30-minute bars, labelled with their end'],
    ['SPY 30m 2024-01-02T14:30/15:00 1 1 1 1 5', 'SPY 30m 2024-01-02T15:30/16:00 1 1 1 1 6'],
  ),
  accepted(
    'the last instants of minutes',
    'spy.csv',
    '--symbol SPY',
    minutes('2024-01-02T14:30:59.999Z', '2024-01-02T14:31:59.999Z'),
    [COMMAS, COLUMNS, 'times at the last instant of a minute: rounded up to its end', ENDS],
    MINUTES,
  ),
  accepted(
    'dates of which one alone shows their order',
    'spy.csv',
    '--symbol SPY',
    lines(HEADER, '12/01/2024,1,1,1,1,1', '16/01/2024,1.5,1.5,1.5,1.5,1'),
    [COMMAS, COLUMNS, 'dates are day/month/year', DAYS],
    ['SPY 1d 2024-01-12T14:30/21:00 1 1 1 1 1', 'SPY 1d 2024-01-16T14:30/21:00 1.5 1.5 1.5 1.5 1'],
    ['SPY 2024-01-16: opens at 1.5 after a close of 1'],
  ),
  accepted(
    'thousands in quotes',
    'spy.csv',
    '--symbol SPY',
    lines(HEADER, '2024-01-02,"1,187.15","1,188.44","1,183.89","1,185.64","82,488,700"'),
    [COMMAS, COLUMNS, DAYS],
    DAY,
  ),
  accepted(
    'semicolons, decimal commas, thousands with points',
    'spy.csv',
    '--symbol SPY',
    lines(HEADER.replaceAll(',', ';'), '2024-01-02;1.187,15;1.188,44;1.183,89;1.185,64;82.488.700'),
    [SEMICOLONS, COLUMNS, DAYS, 'decimal comma'],
    DAY,
  ),
  accepted(
    'thousands with narrow spaces',
    'spy.csv',
    '--symbol SPY',
    lines(
      HEADER.replaceAll(',', ';'),
      '2024-01-02;1 187,15;1 188,44;1 183,89;1 185,64;82 488 700'.replaceAll(' ', '\u202f'),
    ),
    [SEMICOLONS, COLUMNS, DAYS, 'decimal comma'],
    DAY,
  ),
  accepted(
    'decimal commas in quotes',
    'spy.csv',
    '--symbol SPY',
    lines(HEADER, '2024-01-02,"1187,15","1188,44","1183,89","1185,64",82488700'),
    [COMMAS, COLUMNS, DAYS, 'decimal comma'],
    DAY,
  ),
  accepted(
    'one comma before three digits, as stated',
    'spy.csv',
    '--symbol SPY --decimal comma',
    lines(HEADER.replaceAll(',', ';'), '2024-01-02;1,187;1,188;1,183;1,185;5'),
    [SEMICOLONS, COLUMNS, DAYS, 'decimal comma'],
    ['SPY 1d 2024-01-02T14:30/21:00 1.187 1.188 1.183 1.185 5'],
  ),
  accepted(
    'tabs, and a name that is not read',
    'spy.tsv',
    '--symbol SPY',
    lines(
      'Date\tName\tOpen\tHigh\tLow\tClose\tVolume',
      '2024-01-02\tS&P, five hundred\t1187.15\t1188.44\t1183.89\t1185.64\t82488700',
    ),
    ['fields separated by tabs', COLUMNS, DAYS],
    DAY,
  ),
  accepted(
    'bars as separators, Windows line ends, a byte order mark',
    'spy.csv',
    '--symbol SPY',
    `\uFEFF${HEADER.replaceAll(',', '|')}\r\n2024-01-02|1187.15|1188.44|1183.89|1185.64|82488700\r\n`,
    ['fields separated by "|"', COLUMNS, DAYS],
    DAY,
  ),
  accepted(
    'line ends of the former Macintosh',
    'spy.csv',
    '--symbol SPY',
    `${HEADER}\r2024-01-02,1187.15,1188.44,1183.89,1185.64,82488700\r`,
    [COMMAS, COLUMNS, DAYS],
    DAY,
  ),
  accepted(
    'a separator at the end of each line',
    'spy.csv',
    '--symbol SPY',
    lines(`${HEADER},`, '2024-01-02,1187.15,1188.44,1183.89,1185.64,82488700,'),
    [COMMAS, COLUMNS, DAYS],
    DAY,
  ),
  accepted(
    'no header',
    'spy.csv',
    '--symbol SPY',
    lines('2024-01-02,1187.15,1188.44,1183.89,1185.64,82488700'),
    [COMMAS, POSITIONS, DAYS],
    DAY,
  ),
  accepted(
    'thousands with commas between semicolons, without a header',
    'spy.csv',
    '--symbol SPY --date-order dmy',
    lines('02.01.2024 00:00;1,187.15;1,188.44;1,183.89;1,185.64;82,488,700'),
    [SEMICOLONS, POSITIONS, DAYS],
    DAY,
  ),
  accepted(
    'an index without a name',
    'spy.csv',
    '--symbol SPY',
    lines(HEADER.replace('Date', ''), '2024-01-02,1187.15,1188.44,1183.89,1185.64,82488700'),
    [COMMAS, `${COLUMNS.replace('time = Date, ', '')}, time = the first column`, DAYS],
    DAY,
  ),
  accepted(
    'UTF-16, little-endian',
    'spy.csv',
    '--symbol SPY --label start',
    () => utf16(minutes('1704205800', '1704205860'), false),
    ['UTF-16', COMMAS, COLUMNS, STARTS],
    MINUTES,
  ),
  accepted(
    'UTF-16, big-endian, in gzip',
    'spy.csv.gz',
    '--symbol SPY --label start',
    () => gzipSync(utf16(minutes('1704205800', '1704205860'), true)),
    ['compressed with gzip', 'UTF-16', COMMAS, COLUMNS, STARTS],
    MINUTES,
  ),
  accepted(
    'a zip archive',
    'spy.zip',
    '--symbol SPY --label start',
    () =>
      zipSync({
        'spy.csv': Buffer.from(minutes('1704205800', '1704205860')),
      }),
    ['spy.csv in a zip archive', COMMAS, COLUMNS, STARTS],
    MINUTES,
  ),
  accepted(
    'a column that is not UTF-8',
    'spy.csv',
    '--symbol SPY',
    () => Buffer.from(lines(`${HEADER},Währung`, '2024-01-02,1187.15,1188.44,1183.89,1185.64,82488700,£'), 'latin1'),
    ['not UTF-8: read as Windows-1252', COMMAS, COLUMNS, DAYS],
    DAY,
  ),
  accepted(
    'volumes with exponents and fractions of shares',
    'spy.csv',
    '--symbol SPY',
    lines(
      HEADER,
      '2024-01-02,1187.15,1188.44,1183.89,1185.64,8.24887e+07',
      '2024-01-03,1187.15,1188.44,1183.89,1185.64,0.12345678',
    ),
    [COMMAS, COLUMNS, DAYS],
    [
      'SPY 1d 2024-01-02T14:30/21:00 1187.15 1188.44 1183.89 1185.64 82488700',
      'SPY 1d 2024-01-03T14:30/21:00 1187.15 1188.44 1183.89 1185.64 0.12345678',
    ],
  ),
  accepted(
    'minutes with gaps, as stated',
    'spy.csv',
    '--symbol SPY --label start --sparse',
    minutes('2024-01-02T14:30:00Z', '2024-01-02T14:45:00Z'),
    [COMMAS, COLUMNS, STARTS],
    [MINUTES[0] ?? '', 'SPY 1m 2024-01-02T14:45/14:46 472.2 472.4 472.1 472.35 900'],
  ),
  accepted(
    'an early close',
    'spy.csv',
    '--symbol SPY',
    lines(HEADER, '2024-11-29,1,1,1,1,1'),
    [COMMAS, COLUMNS, DAYS],
    ['SPY 1d 2024-11-29T14:30/18:00 1 1 1 1 1'],
  ),
  accepted(
    'minutes on both sides of a change of the clock',
    'spy.csv',
    '--symbol SPY --label start --zone new-york --sparse',
    minutes('2024-03-08 09:30', '2024-03-11 09:30'),
    [COMMAS, COLUMNS, NEW_YORK, STARTS],
    [
      'SPY 1m 2024-03-08T14:30/14:31 472.16 472.3 472.05 472.2 1000',
      'SPY 1m 2024-03-11T13:30/13:31 472.2 472.4 472.1 472.35 900',
    ],
  ),
  accepted(
    'symbols with a class of shares',
    'classes.csv',
    '',
    lines(
      'symbol,date,open,high,low,close,volume',
      'BRK.B,2024-01-02,361.5,362,358,361,5',
      'bf.b,2024-01-02,57,58,56,57,6',
    ),
    [
      COMMAS,
      'columns: time = date, symbol = symbol, open = open, high = high, low = low, close = close, volume = volume',
      DAYS,
    ],
    ['BF.B 1d 2024-01-02T14:30/21:00 57 58 56 57 6', 'BRK.B 1d 2024-01-02T14:30/21:00 361.5 362 358 361 5'],
  ),
  accepted(
    'prices scaled to the adjusted closes',
    'spy.csv',
    '--symbol SPY --format yahoo --use-adjusted',
    lines('Date,Open,High,Low,Close,Adj Close,Volume', '2024-01-02,20,40,10,30,15,7'),
    [COMMAS, COLUMNS, 'prices scaled to the adjusted closes', DAYS],
    ['SPY 1d 2024-01-02T14:30/21:00 10 20 5 15 7'],
  ),
  accepted(
    'bars before a split',
    'aapl.csv',
    '--symbol AAPL --split 2020-08-31:4',
    lines(HEADER, '2020-08-28,504.05,505.77,498.31,499.23,46907479', '2020-08-31,127.58,131,126,129.04,225702700'),
    [COMMAS, COLUMNS, DAYS, 'bars before 2020-08-31 adjusted for 4 new shares for one'],
    [
      'AAPL 1d 2020-08-28T13:30/20:00 126.0125 126.4425 124.5775 124.8075 187629916',
      'AAPL 1d 2020-08-31T13:30/20:00 127.58 131 126 129.04 225702700',
    ],
  ),
];
