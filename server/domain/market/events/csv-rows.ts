export interface CsvRow {
  /** Line on which the row begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A quote that is not closed, or closed too early. */
export class CsvError extends Error {
  override readonly name = 'CsvError';

  constructor(
    readonly line: number,
    readonly reason: string,
  ) {
    super(`line ${line}: ${reason}`);
  }
}

const CELL = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|\r|$)/y;

/**
 * Rows of RFC 4180 text; a byte order mark and empty lines are passed over, cells are trimmed.
 * @throws CsvError for quotes that do not match
 */
export function readCsvRows(text: string): readonly CsvRow[] {
  const source = text.replace(/^\ufeff/, '');
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let line = 1;
  let startLine = 1;
  const cell = new RegExp(CELL);
  while (cell.lastIndex < source.length) {
    const match = cell.exec(source);
    if (match === null) throw new CsvError(startLine, 'a quote does not match');
    const [, raw = '', end = ''] = match;
    const quoted = raw.startsWith('"');
    cells.push((quoted ? raw.slice(1, -1).replaceAll('""', '"') : raw).trim());
    line += raw.split('\n').length - 1;
    if (end === ',') {
      // The text ends with a comma: one more cell, which is empty.
      if (cell.lastIndex >= source.length) cells.push('');
      else continue;
    }
    if (cells.some((value) => value !== '')) rows.push({ line: startLine, cells });
    cells = [];
    line += 1;
    startLine = line;
  }
  if (cells.length > 0) rows.push({ line: startLine, cells });
  return rows;
}
