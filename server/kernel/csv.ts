/** A cell that a spreadsheet would take for a formula gets an apostrophe in front; plain numbers stay numbers. */
function safeCell(value: string): string {
  const guarded = /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** A line of RFC 4180 text, without its line break. */
function toCsvLine(cells: readonly string[]): string {
  return cells.map(safeCell).join(',');
}

/** RFC 4180 text with a header line. */
export function toCsv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, ...rows].map(toCsvLine).join('\r\n');
}

/** Fields of a CSV file, by their header. */
export type CsvFields<Row> = Readonly<Record<string, (row: Row) => string | number | null>>;

/** Lines of these rows, each with its line break, without a header. */
export function csvLines<Row>(fields: CsvFields<Row>, rows: readonly Row[]): string {
  const readers = Object.values(fields);
  return rows.map((row) => `${toCsvLine(readers.map((read) => String(read(row) ?? '')))}\r\n`).join('');
}

/** The header line of these fields, with its line break. */
export function csvHeader<Row>(fields: CsvFields<Row>): string {
  return `${toCsvLine(Object.keys(fields))}\r\n`;
}
