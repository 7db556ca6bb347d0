/** A page of a list as the server gives it. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** A list whose rows keep their places while a reader looks at it. */
export type HeldRows<Row> = Page<Row>;

type RowKey<Row> = (row: Row) => string;

/** Adds an older page. A row that moved between the two requests appears once. */
export function withPage<Row>(held: HeldRows<Row>, page: Page<Row>, rowKey: RowKey<Row>): HeldRows<Row> {
  const known = new Set(held.rows.map(rowKey));
  return {
    rows: [...held.rows, ...page.rows.filter((row) => !known.has(rowKey(row)))],
    nextCursor: page.nextCursor,
  };
}

/** The held rows in their order, each as the newest page shows it where it is on that page. */
export function refreshed<Row>(held: HeldRows<Row>, newest: Page<Row>, rowKey: RowKey<Row>): readonly Row[] {
  const current = new Map(newest.rows.map((row) => [rowKey(row), row]));
  return held.rows.map((row) => current.get(rowKey(row)) ?? row);
}

/** How many rows of the newest page are not among those held. */
export function unseenCount<Row>(held: HeldRows<Row>, newest: Page<Row>, rowKey: RowKey<Row>): number {
  const known = new Set(held.rows.map(rowKey));
  return newest.rows.filter((row) => !known.has(rowKey(row))).length;
}

/** Replaces a row, wherever it stands. */
export function withRow<Row>(held: HeldRows<Row>, row: Row, rowKey: RowKey<Row>): HeldRows<Row> {
  const index = held.rows.findIndex((each) => rowKey(each) === rowKey(row));
  return index === -1 ? held : { ...held, rows: held.rows.with(index, row) };
}
