import { isEmpty } from './figures';
import { type BarFormat, type Column, LAYOUTS, type Layout } from './layouts';
import type { TableRow } from './rows';
import type { Table } from './table';
import { type DateOrder, readTime, type WrittenTime } from './times';
import { BarFileError, type LineFault, type ReadOptions } from './types';

export const FIGURES = ['open', 'high', 'low', 'close', 'volume'] as const satisfies readonly Column[];

/** A row as it is written: what its fields say, not yet what they mean. */
export interface WrittenRow {
  readonly line: number;
  readonly symbol: string;
  readonly time: WrittenTime;
  readonly figures: readonly string[];
  /** The adjusted close, where prices are adjusted by it. */
  readonly adjustedClose: string | null;
}

/** The date that a file's name carries, as LEAN writes it: 20240102_trade.csv. */
function dateInName(fileName: string | undefined): string {
  const match = /(?:^|[\\/])(\d{4})(\d{2})(\d{2})_/.exec(fileName ?? '');
  if (match === null) throw BarFileError.at(0, 'the name of the file must begin with its date: yyyyMMdd_trade.csv');
  return `${match[1]}-${match[2]}-${match[3]}`;
}

/** Reads the rows of a table in the layout of a format. */
export class RowReader {
  readonly layout: Layout;
  readonly #places: readonly (number | undefined)[];
  readonly #time: number;
  readonly #timeOfDay: number | undefined;
  readonly #symbol: number | undefined;
  readonly #onlySymbol: string;
  readonly #adjustedClose: number | undefined;
  readonly #width: number;
  readonly #symbols = new Map<string, string>();

  constructor(
    { columns, width, symbol }: Table,
    format: BarFormat,
    readonly options: ReadOptions,
  ) {
    this.layout = LAYOUTS[format];
    this.#places = FIGURES.map((column) => columns.get(column));
    this.#time = columns.get('time') ?? 0;
    this.#timeOfDay = columns.get('time_of_day');
    this.#symbol = columns.get('symbol');
    this.#onlySymbol = symbol ?? '';
    this.#adjustedClose = options.useAdjusted ? columns.get('adjusted_close') : undefined;
    this.#width = width;
  }

  timeText({ fields }: TableRow): string {
    const time = fields[this.#time] ?? '';
    const text = this.#timeOfDay === undefined ? time : `${time} ${fields[this.#timeOfDay] ?? ''}`;
    return text.includes('  ') ? text.replaceAll(/ +/g, ' ') : text;
  }

  /** A row that holds figures, what is wrong with it, or null for one that is left out. */
  read(row: TableRow, order: DateOrder | null): WrittenRow | LineFault | null {
    const { line, fields } = row;
    const figures = this.#places.map((place) => (place === undefined ? '' : (fields[place] ?? '')));
    const widthFault = this.#widthFault(fields);
    if (widthFault !== null) return { line, reason: widthFault };
    if (figures.slice(0, 4).every(isEmpty))
      return this.options.skipEmpty ? null : { line, reason: 'has no prices (--skip-empty leaves such rows out)' };
    const text = this.timeText(row);
    const time = this.#timeOf(text, order);
    if (time === null)
      return { line, reason: `${text === '' ? 'an empty field' : `"${text}"`} is not a time (yyyy-MM-dd HH:mm[:ss])` };
    const adjustedClose = this.#adjustedClose === undefined ? null : (fields[this.#adjustedClose] ?? '');
    return { line, symbol: this.#symbolOf(fields), time, figures, adjustedClose };
  }

  /** A field too few or too many shifts every figure behind it. Empty fields at the end are left open by some writers. */
  #widthFault(fields: readonly string[]): string | null {
    const found = fields.length;
    if (found === this.#width || (found > this.#width && fields.slice(this.#width).every((field) => field === '')))
      return null;
    return found < this.#width
      ? `has ${found} field(s) instead of ${this.#width}: is the file cut off?`
      : `has ${found} fields instead of ${this.#width}: does a figure contain the separator without quotes?`;
  }

  #timeOf(text: string, order: DateOrder | null): WrittenTime | null {
    if (this.layout.millisecondsOfDay && /^\d{1,8}$/.test(text) && Number(text) < 86_400_000) {
      const date = dateInName(this.options.fileName);
      const ofDayMs = Number(text);
      return { date, ofDayMs, localMs: Date.parse(`${date}T00:00:00Z`) + ofDayMs, instantMs: null, epoch: false };
    }
    return readTime(text, order);
  }

  #symbolOf(fields: readonly string[]): string {
    const text = this.#symbol === undefined ? this.#onlySymbol : (fields[this.#symbol] ?? '');
    const known = this.#symbols.get(text);
    if (known !== undefined) return known;
    const suffix = this.layout.symbolSuffix ?? '';
    const written = text.toUpperCase();
    const bare = suffix !== '' && written.endsWith(suffix) ? written.slice(0, -suffix.length) : written;
    const symbol = bare === '' ? (this.options.symbol ?? '') : bare;
    this.#symbols.set(text, symbol);
    return symbol;
  }
}

export const isFault = (row: WrittenRow | LineFault): row is LineFault => 'reason' in row;
