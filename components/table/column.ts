import type { ReactNode } from 'react';
import { type CsvFields, toCsv } from '@/server/kernel/csv';

/** One column of a table: how it is headed, shown, sorted and exported. */
export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  /** Keeps the header for screen readers only, e.g. above a column of buttons. */
  readonly headerHidden?: boolean;
  /** Shown in place of the header's text, e.g. a box that selects every row. */
  readonly headerCell?: () => ReactNode;
  /** Content of a cell. Null, undefined and '' show a dash. */
  readonly cell: (row: Row) => ReactNode;
  /** Right-aligned tabular figures. */
  readonly figure?: boolean;
  readonly align?: 'right';
  /** Pixels. A table whose columns all have a width keeps them, whatever its rows contain. */
  readonly width?: number;
  /** Pixels below 640 px, where that is less. */
  readonly phoneWidth?: number;
  readonly className?: string | ((row: Row) => string | undefined);
  /** Tooltip of a cell. */
  readonly title?: (row: Row) => string | undefined;
  /** Lets the text break into several lines. */
  readonly wrap?: boolean;
  /** Left out below 640 px. */
  readonly hideOnPhone?: boolean;
  /** The value to sort by in the browser; `'server'` where the server sorts and the table has `onSort`. */
  readonly sort?: 'server' | ((row: Row) => string | number | null);
  /** Fields that this column adds to a CSV export, by their header. */
  readonly csv?: CsvFields<Row>;
}

/** CSV text of rows, with the fields of all columns in their order. */
export function columnsCsv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const fields = columns.flatMap((column) => Object.entries(column.csv ?? {}));
  return toCsv(
    fields.map(([header]) => header),
    rows.map((row) => fields.map(([, read]) => String(read(row) ?? ''))),
  );
}
