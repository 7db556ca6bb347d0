/** What a column holds. A date may come with a time of day in a column of its own. */
export type Column =
  | 'time'
  | 'time_of_day'
  | 'symbol'
  | 'open'
  | 'high'
  | 'low'
  | 'close'
  | 'volume'
  | 'adjusted_close';

/** How a vendor writes bars. What is null must be stated by the person, or follow from the file. */
export interface Layout {
  readonly description: string;
  /** Columns of files without a header, by their number of fields. */
  readonly headerless?: Readonly<Record<number, readonly (Column | null)[]>>;
  /** Names of columns beside the usual ones, in lower case. */
  readonly names?: Readonly<Partial<Record<Column, string>>>;
  readonly label: 'start' | 'end' | null;
  readonly zone: 'utc' | 'new-york' | null;
  readonly dateOrder?: 'mdy' | 'dmy';
  /** Prices are written as whole numbers of 1/10,000 of a dollar. */
  readonly tenThousandths?: boolean;
  /** Times are milliseconds since midnight in New York; the file's name carries the date. */
  readonly millisecondsOfDay?: boolean;
  /** Suffix of symbols that is no part of them. */
  readonly symbolSuffix?: string;
}

const OHLCV = ['open', 'high', 'low', 'close', 'volume'] as const;

/** Formats of text files by name. Sources: the vendors' own descriptions of their files. */
export const LAYOUTS = {
  csv: {
    description: 'a header naming date or time, open, high, low, close and volume, in any order',
    label: null,
    zone: null,
  },
  ninjatrader: {
    description: 'yyyyMMdd HHmmss;open;high;low;close;volume, UTC, labelled with the end; yyyyMMdd for days',
    headerless: { 6: ['time', ...OHLCV] },
    label: 'end',
    zone: 'utc',
  },
  yahoo: {
    description: 'Date or Datetime, Open, High, Low, Close, Adj Close, Volume',
    label: 'start',
    zone: 'new-york',
  },
  alpaca: {
    description:
      "symbol, timestamp, open, high, low, close, volume as the SDK's data frames are saved, or t, o, h, l, c, v",
    label: 'start',
    zone: 'utc',
  },
  polygon: {
    description: 'flat files: ticker, volume, open, close, high, low, window_start (nanoseconds)',
    label: 'start',
    zone: 'utc',
  },
  stooq: {
    description:
      '<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>, or Date, Open, High, Low, Close, Volume',
    label: null,
    zone: null,
    symbolSuffix: '.US',
  },
  nasdaq: {
    description: 'Date, Close/Last, Volume, Open, High, Low: days, month first',
    label: null,
    zone: null,
    dateOrder: 'mdy',
  },
  alphavantage: {
    description: 'timestamp, open, high, low, close, volume; New York time',
    label: null,
    zone: 'new-york',
  },
  ibkr: { description: 'date, open, high, low, close, volume, average, barCount', label: 'start', zone: 'new-york' },
  kibot: {
    description:
      'MM/dd/yyyy,HH:mm,open,high,low,close,volume without a header; New York time; without the time for days',
    headerless: { 6: ['time', ...OHLCV], 7: ['time', 'time_of_day', ...OHLCV] },
    label: 'start',
    zone: 'new-york',
    dateOrder: 'mdy',
  },
  investing: {
    description: 'Date, Price, Open, High, Low, Vol., Change %: days, month first',
    names: { close: 'price' },
    label: null,
    zone: null,
    dateOrder: 'mdy',
  },
  backtrader: { description: 'Date[, Time], Open, High, Low, Close, Volume, OpenInterest', label: null, zone: null },
  lean: {
    description:
      'no header, prices in 1/10,000 dollar; minutes as milliseconds of the day, with the date in the name of the file',
    headerless: { 6: ['time', ...OHLCV] },
    label: 'start',
    zone: 'new-york',
    tenThousandths: true,
    millisecondsOfDay: true,
  },
} as const satisfies Readonly<Record<string, Layout>>;

export type BarFormat = keyof typeof LAYOUTS;
export const BAR_FORMATS = Object.keys(LAYOUTS) as readonly BarFormat[];

const NAMES: Readonly<Record<Column, readonly string[]>> = {
  time: ['date', 'datetime', 'timestamp', 'date/time', 'window_start', 't', '<date>', '<dtyyyymmdd>'],
  time_of_day: ['time', '<time>'],
  symbol: ['symbol', 'ticker', 's', '<ticker>'],
  open: ['open', 'o', '<open>'],
  high: ['high', 'h', '<high>'],
  low: ['low', 'l', '<low>'],
  close: ['close', 'c', 'close/last', '<close>'],
  adjusted_close: ['adj close', 'adj_close', 'adjclose', 'adj. close', 'adjusted close', 'adjusted_close'],
  volume: ['volume', 'v', 'vol', 'vol.', '<vol>', '<volume>'],
};

function namesOf(column: Column, layout: Layout): readonly string[] {
  const own = layout.names?.[column];
  return own === undefined ? NAMES[column] : [...NAMES[column], own];
}

/** A column that more than one name stands for, so that which one is meant is a guess; null when there is none. */
export function repeatedColumns(header: readonly string[], layout: Layout): { column: string; names: string } | null {
  for (const column of Object.keys(NAMES) as Column[]) {
    const known = namesOf(column, layout);
    const found = header.filter((name) => known.includes(name.trim().toLowerCase()));
    if (found.length > 1) return { column: column.replaceAll('_', ' '), names: found.join(', ') };
  }
  return null;
}

/** Where each column stands. An unnamed first column is the index of a data frame: its times. */
export function columnsOf(header: readonly string[], layout: Layout): ReadonlyMap<Column, number> {
  const names = header.map((name) => name.trim().toLowerCase());
  const found = new Map<Column, number>();
  for (const column of Object.keys(NAMES) as Column[]) {
    const known = namesOf(column, layout);
    const place = names.findIndex((name) => known.includes(name));
    if (place !== -1) found.set(column, place);
  }
  const unnamed = names[0] === '' ? 0 : undefined;
  const time = found.get('time') ?? unnamed ?? found.get('time_of_day');
  if (time !== undefined) found.set('time', time);
  // `Time` alone is the time itself.
  if (found.get('time_of_day') === time) found.delete('time_of_day');
  return found;
}

const REQUIRED = ['time', ...OHLCV] as const;
const SHOWN = { time: 'Date', open: 'Open', high: 'High', low: 'Low', close: 'Close', volume: 'Volume' } as const;

/** Columns that no file can do without and that this one lacks, as a person would write them. */
export const missingColumns = (found: ReadonlyMap<Column, number>): readonly string[] =>
  REQUIRED.filter((column) => !found.has(column)).map((column) => SHOWN[column]);
