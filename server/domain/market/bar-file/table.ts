import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { type BarFormat, type Column, columnsOf, LAYOUTS, type Layout, missingColumns } from './layouts';
import { numericDate, readTime } from './times';
import { BarFileError } from './types';

export interface TableRow {
  readonly line: number;
  readonly fields: readonly string[];
}

/** A file as rows, with the meaning of its columns. */
export interface Table {
  readonly rows: readonly TableRow[];
  readonly columns: ReadonlyMap<Column, number>;
  /** Number of fields that a whole row has. */
  readonly width: number;
  readonly understood: readonly string[];
}

const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const;
type DelimiterName = keyof typeof DELIMITERS;

const recordSchema = z.array(
  z.object({ info: z.object({ lines: z.number() }), record: z.array(z.string().transform((field) => field.trim())) }),
);

function recordsOf(text: string, delimiter: string): TableRow[] {
  try {
    const records: unknown = parse(text, { delimiter, info: true, relax_column_count: true, skip_empty_lines: true });
    return recordSchema.parse(records).map(({ info, record }) => ({ line: info.lines, fields: record }));
  } catch (error) {
    if (error instanceof CsvError)
      throw BarFileError.at(Number(error['lines'] ?? 0), `is no row of fields: ${error.message}`);
    throw error;
  }
}

const looksLikeTime = (field: string) => readTime(field, null) !== null || numericDate(field) !== null;

/** Whether the beginning of a file makes sense with this delimiter: a header, or a time and enough fields. */
function makesSense(firstLine: string, delimiter: string, layout: Layout): boolean {
  let fields: readonly string[];
  try {
    fields = recordsOf(firstLine, delimiter)[0]?.fields ?? [];
  } catch (error) {
    if (error instanceof BarFileError) return false;
    throw error;
  }
  if (columnsOf(fields, layout).size >= 5) return true;
  return fields.length >= 6 && (layout.headerless?.[fields.length] !== undefined || looksLikeTime(fields[0] ?? ''));
}

function findDelimiter(text: string, layout: Layout): DelimiterName {
  const firstLine = /[^\r\n]+/.exec(text)?.[0] ?? '';
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
  if (possible.length > 1)
    throw BarFileError.at(1, `fields can be separated in more than one way: ${possible.join(' or ')}`);
  return found;
}

const GENERIC: Layout['headerless'] = {
  6: ['time', 'open', 'high', 'low', 'close', 'volume'],
  7: ['time', 'time_of_day', 'open', 'high', 'low', 'close', 'volume'],
};

/** Splits a file into rows and finds its columns. @throws BarFileError */
export function readTable(text: string, format: BarFormat): Table {
  const layout: Layout = LAYOUTS[format];
  const name = findDelimiter(text, layout);
  const rows = recordsOf(text, DELIMITERS[name]);
  const [first] = rows;
  if (first === undefined) throw BarFileError.at(0, 'the file holds no bars');
  const named = columnsOf(first.fields, layout);
  const missing = missingColumns(named);
  const separated = `fields separated by ${name === 'tab' ? 'tabs' : name === 'bar' ? '"|"' : `${name}s`}`;
  if (missing.length === 0 || !(looksLikeTime(first.fields[0] ?? '') || layout.headerless !== undefined)) {
    if (missing.length > 0)
      throw BarFileError.at(
        first.line,
        `the header must name Date, Open, High, Low, Close and Volume; it lacks ${missing.join(', ')}`,
      );
    const shown = [...named].map(
      ([column, place]) => `${column.replaceAll('_', ' ')} = ${first.fields[place] || 'the first column'}`,
    );
    return {
      rows: rows.slice(1),
      columns: named,
      width: first.fields.length,
      understood: [separated, `columns: ${shown.join(', ')}`],
    };
  }
  const places = (layout.headerless ?? GENERIC)?.[first.fields.length];
  if (places === undefined)
    throw BarFileError.at(
      first.line,
      `has no header and ${first.fields.length} fields; ${layout.description} is expected`,
    );
  const columns = new Map<Column, number>();
  for (const [place, column] of places.entries()) if (column !== null) columns.set(column, place);
  return {
    rows,
    columns,
    width: places.length,
    understood: [
      separated,
      `no header: ${places.map((column) => column?.replaceAll('_', ' ') ?? '(not read)').join(', ')}`,
    ],
  };
}
