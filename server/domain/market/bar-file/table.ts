import {
  type BarFormat,
  type Column,
  columnsOf,
  LAYOUTS,
  type Layout,
  missingColumns,
  repeatedColumns,
} from './layouts';
import { fieldsOf, RowSplitter, type TableRow } from './rows';
import { readTime } from './times';
import { BarFileError } from './types';

/** What the columns of a file mean. */
export interface Table {
  readonly columns: ReadonlyMap<Column, number>;
  /** The symbol of every row, where the header names it; null otherwise. */
  readonly symbol: string | null;
  /** Number of fields that a whole row has. */
  readonly width: number;
  readonly understood: readonly string[];
}

const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const;
type DelimiterName = keyof typeof DELIMITERS;

const looksLikeTime = (field: string) => readTime(field, 'mdy') !== null || readTime(field, 'dmy') !== null;

/** Whether the beginning of a file makes sense with this delimiter: a header, or a time and enough fields. */
function makesSense(firstLine: string, delimiter: string, layout: Layout): boolean {
  let fields: readonly string[];
  try {
    fields = fieldsOf(firstLine, delimiter);
  } catch (error) {
    if (error instanceof BarFileError) return false;
    throw error;
  }
  if (columnsOf(fields, layout).size >= 5) return true;
  return fields.length >= 6 && (layout.headerless?.[fields.length] !== undefined || looksLikeTime(fields[0] ?? ''));
}

const FIGURE = /^[-+]?[\d.,'\s]*\d$/;

/** Whether each field after the first is a figure or a time of day. */
const holdsFigures = (firstLine: string, delimiter: string): boolean =>
  fieldsOf(firstLine, delimiter)
    .slice(1)
    .every((field) => FIGURE.test(field.trim()) || /^\d{1,2}:\d{2}/.test(field.trim()));

function findDelimiter(text: string, layout: Layout): DelimiterName {
  const firstLine = /[^\r\n]+/.exec(text)?.[0];
  if (firstLine === undefined) throw BarFileError.at(0, 'the file is empty');
  const possible = (Object.keys(DELIMITERS) as DelimiterName[]).filter((name) =>
    makesSense(firstLine, DELIMITERS[name], layout),
  );
  const [found] = possible;
  if (found === undefined)
    throw BarFileError.at(
      1,
      layout.headerless === undefined
        ? 'the header must name Date, Open, High, Low, Close and Volume, or the file must have six columns'
        : `must be ${layout.description}`,
    );
  if (possible.length === 1) return found;
  // A group separator, as in 1,000.00, cuts figures to pieces that are none.
  const clean = possible.filter((name) => holdsFigures(firstLine, DELIMITERS[name]));
  const [only] = clean;
  if (only === undefined || clean.length > 1)
    throw BarFileError.at(1, `fields can be separated in more than one way: ${possible.join(' or ')}`);
  return only;
}

const GENERIC: Layout['headerless'] = {
  6: ['time', 'open', 'high', 'low', 'close', 'volume'],
  7: ['time', 'time_of_day', 'open', 'high', 'low', 'close', 'volume'],
};

interface Found {
  readonly table: Table;
  /** Rows at the beginning that name the columns and hold no bar. */
  readonly rowsOfHeader: number;
}

function tableOf(first: TableRow, name: DelimiterName, layout: Layout): Found {
  const named = columnsOf(first.fields, layout);
  const missing = missingColumns(named);
  const twice = repeatedColumns(first.fields, layout);
  if (twice !== null)
    throw BarFileError.at(first.line, `more than one column holds the ${twice.column}: ${twice.names}`);
  const separated = `fields separated by ${name === 'tab' ? 'tabs' : name === 'bar' ? '"|"' : `${name}s`}`;
  if (missing.length === 0 || !(looksLikeTime(first.fields[0] ?? '') || layout.headerless !== undefined)) {
    if (missing.length > 0)
      throw BarFileError.at(
        first.line,
        `the header must name Date, Open, High, Low, Close and Volume; it lacks ${missing.join(', ')}`,
      );
    // Adjusted closes are read only where that is stated.
    const read = [...named].filter(([column]) => column !== 'adjusted_close');
    const shown = read.map(
      ([column, place]) => `${column.replaceAll('_', ' ')} = ${first.fields[place] || 'the first column'}`,
    );
    const understood = [separated, `columns: ${shown.join(', ')}`];
    const width = first.fields.findLastIndex((name) => name !== '') + 1;
    return { table: { columns: named, symbol: null, width, understood }, rowsOfHeader: 1 };
  }
  const places = (layout.headerless ?? GENERIC)?.[first.fields.length];
  if (places === undefined)
    throw BarFileError.at(
      first.line,
      `has no header and ${first.fields.length} fields; ${layout.description} is expected`,
    );
  const columns = new Map<Column, number>();
  for (const [place, column] of places.entries()) if (column !== null) columns.set(column, place);
  const shown = places.map((column) => column?.replaceAll('_', ' ') ?? '(not read)').join(', ');
  const understood = [separated, `no header: ${shown}`];
  return { table: { columns, symbol: null, width: places.length, understood }, rowsOfHeader: 0 };
}

/** Whether a file begins as yfinance saves a frame whose columns have two levels: Price,… then Ticker,… then Date,… */
const isFrameHeader = ({ fields }: TableRow) => fields[0]?.toLowerCase() === 'price';

function tableOfFrame(
  [names, tickers, index]: readonly [TableRow, TableRow, TableRow],
  name: DelimiterName,
  layout: Layout,
): Found {
  const time = index.fields[0] ?? '';
  if (tickers.fields[0]?.toLowerCase() !== 'ticker' || !['date', 'datetime'].includes(time.toLowerCase()))
    return tableOf(names, name, layout);
  const symbols = [...new Set(tickers.fields.slice(1).filter((field) => field !== ''))];
  const [symbol] = symbols;
  if (symbol === undefined || symbols.length > 1)
    throw BarFileError.at(
      tickers.line,
      `names ${symbols.join(', ') || 'no symbol'} side by side: save one file for each symbol, or one row for each symbol and time`,
    );
  const { table } = tableOf({ line: names.line, fields: [time, ...names.fields.slice(1)] }, name, layout);
  const understood = [...table.understood, `symbol in the header: ${symbol}`];
  return { table: { ...table, symbol, understood }, rowsOfHeader: 3 };
}

/** Reads a table as its text arrives: finds the delimiter and the columns at the beginning, then gives row by row. */
export class TableReader {
  readonly #layout: Layout;
  /** The first rows, until it is known what their columns mean. */
  #opening: TableRow[] = [];
  #beginning: string | null = '';
  #splitter: RowSplitter | null = null;
  #name: DelimiterName = 'comma';
  #table: Table | null = null;

  constructor(format: BarFormat) {
    this.#layout = LAYOUTS[format];
  }

  /** @throws BarFileError before the first row was read, or where there is none */
  get table(): Table {
    if (this.#table === null) throw BarFileError.at(0, 'the file holds no bars');
    return this.#table;
  }

  /** Lines that were completed so far. */
  get lines(): number {
    return this.#splitter?.lines ?? 0;
  }

  /** Rows that hold bars. @throws BarFileError */
  push(text: string): readonly TableRow[] {
    if (this.#beginning === null) return this.#rows(this.#splitter?.push(text) ?? []);
    this.#beginning += text;
    return /[^\r\n]+[\r\n]/.test(this.#beginning) ? this.#begin() : [];
  }

  /** The rows that are left at the end of the file. @throws BarFileError */
  end(): readonly TableRow[] {
    const begun = this.#beginning === null ? [] : this.#begin();
    return [...begun, ...this.#rows(this.#splitter?.end() ?? [], true)];
  }

  #begin(): readonly TableRow[] {
    const text = (this.#beginning ?? '').replace(/^\uFEFF/, '');
    this.#beginning = null;
    this.#name = findDelimiter(text, this.#layout);
    this.#splitter = new RowSplitter(DELIMITERS[this.#name]);
    return this.#rows(this.#splitter.push(text));
  }

  #rows(rows: readonly TableRow[], last = false): readonly TableRow[] {
    if (this.#table !== null) return rows;
    this.#opening.push(...rows);
    const opening = this.#opening;
    const [first, second, third] = opening;
    if (first === undefined || (isFrameHeader(first) && third === undefined && !last)) return [];
    this.#opening = [];
    const framed = second !== undefined && third !== undefined && isFrameHeader(first);
    const { table, rowsOfHeader } = framed
      ? tableOfFrame([first, second, third], this.#name, this.#layout)
      : tableOf(first, this.#name, this.#layout);
    this.#table = table;
    return opening.slice(rowsOfHeader);
  }
}
