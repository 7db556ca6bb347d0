import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { BarFileError } from './types';

export interface TableRow {
  readonly line: number;
  readonly fields: readonly string[];
}

/** Longer text in quotes is a quote that was never closed. */
const LONGEST_QUOTED = 1_000_000;

/** What csv-parse finds wrong with quotes; its own words count lines within the piece of the file that it was given. */
const QUOTE_FAULTS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quoted field does not end',
  CSV_INVALID_CLOSING_QUOTE: 'text follows the closing quote of a field',
  INVALID_OPENING_QUOTE: 'a field that does not begin with a quote contains one',
};

const recordSchema = z.array(
  z.object({ info: z.object({ lines: z.number() }), record: z.array(z.string().transform((field) => field.trim())) }),
);

/** @param linesBefore how many lines of the file come before this text */
function quotedRecords(text: string, delimiter: string, linesBefore: number): TableRow[] {
  try {
    const records: unknown = parse(text, {
      delimiter,
      // Not found out from each piece: a file may mix line ends.
      record_delimiter: text.includes('\n') ? ['\r\n', '\n'] : ['\r'],
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    });
    return recordSchema.parse(records).map(({ info, record }) => ({ line: linesBefore + info.lines, fields: record }));
  } catch (error) {
    if (error instanceof CsvError)
      throw BarFileError.at(
        linesBefore + Number(error['lines'] ?? 0),
        QUOTE_FAULTS[error.code] ?? `cannot be split into fields: ${error.message}`,
      );
    throw error;
  }
}

/** Where the last whole line ends: after a newline that is not inside quotes. 0 when there is none. */
function endOfLines(text: string, newline: string): number {
  if (!text.includes('"')) return text.lastIndexOf(newline) + 1;
  let [end, inQuotes, from] = [0, false, 0];
  while (from < text.length) {
    const quote = text.indexOf('"', from);
    const upTo = quote === -1 ? text.length : quote;
    if (!inQuotes) {
      const last = text.lastIndexOf(newline, upTo - 1);
      if (last >= from) end = last + 1;
    }
    inQuotes = !inQuotes;
    from = upTo + 1;
  }
  return end;
}

function countOf(text: string, sign: string): number {
  let count = 0;
  for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) count += 1;
  return count;
}

/**
 * Splits text into rows of fields as it arrives. Text without quotes needs no parser: there, a separator is always a separator.
 * Text with quotes is left to csv-parse, which takes six times as long.
 */
export class RowSplitter {
  #rest = '';
  #lines = 0;
  #newline: string | null = null;

  constructor(readonly delimiter: string) {}

  /** Lines that were completed so far. */
  get lines(): number {
    return this.#lines;
  }

  /** @throws BarFileError */
  push(text: string): TableRow[] {
    const all = this.#rest + text;
    this.#newline ??= all.includes('\n') || !all.includes('\r') ? '\n' : '\r';
    const end = endOfLines(all, this.#newline);
    this.#rest = all.slice(end);
    if (this.#rest.length > LONGEST_QUOTED)
      throw BarFileError.at(this.#lines + 1, 'a line or a quoted field does not end');
    return this.#split(all.slice(0, end));
  }

  /** The row that has no end of line. @throws BarFileError */
  end(): TableRow[] {
    const rest = this.#rest;
    this.#rest = '';
    return this.#split(rest);
  }

  #split(text: string): TableRow[] {
    if (text === '') return [];
    const newline = this.#newline ?? '\n';
    const before = this.#lines;
    if (text.includes('"')) {
      this.#lines += countOf(text, newline);
      return quotedRecords(text, this.delimiter, before);
    }
    const rows: TableRow[] = [];
    const lines = text.split(newline);
    for (const [index, each] of lines.entries()) {
      const line = each.endsWith('\r') ? each.slice(0, -1) : each;
      if (line === '') continue;
      rows.push({ line: before + index + 1, fields: line.split(this.delimiter).map((field) => field.trim()) });
    }
    this.#lines += lines.length - 1;
    return rows;
  }
}

/** The fields of one line. @throws BarFileError */
export function fieldsOf(line: string, delimiter: string): readonly string[] {
  const splitter = new RowSplitter(delimiter);
  return [...splitter.push(line), ...splitter.end()][0]?.fields ?? [];
}
