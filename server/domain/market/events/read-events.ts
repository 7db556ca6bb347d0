import { type NewMarketEvent, newMarketEventSchema } from '@/server/contracts/console/market-events';
import { CsvError, type CsvRow, readCsvRows } from './csv-rows';
import { parseEventTime } from './event-time';

export const EVENT_COLUMNS = ['kind', 'symbol', 'title', 'starts_at', 'ends_at'] as const;
type Column = (typeof EVENT_COLUMNS)[number];

/** Lines count from 1; line 0 is the file as a whole. */
export interface EventFault {
  readonly line: number;
  readonly reason: string;
}

export interface EventFile {
  /** In the order of the file; to be used only where there is no fault. */
  readonly events: readonly NewMarketEvent[];
  readonly faults: readonly EventFault[];
}

/** More rows than any calendar has: the file is something else. */
const MAX_EVENTS = 5_000;

const COLUMN_OF: Readonly<Record<string, Column>> = { startsAt: 'starts_at', endsAt: 'ends_at' };

/** What makes two events the same. */
export function eventKey(event: NewMarketEvent): string {
  return JSON.stringify([event.kind, event.symbol, event.title, event.startsAt, event.endsAt]);
}

type Columns = ReadonlyMap<Column, number>;

/** Null where the header is not what it must be. */
function readHeader(row: CsvRow | undefined): Columns | null {
  const names = row?.cells.map((name) => name.toLowerCase()) ?? [];
  const missing = EVENT_COLUMNS.filter((column) => !names.includes(column));
  const unknown = names.filter((name) => !EVENT_COLUMNS.some((column) => column === name));
  const twice = names.some((name, index) => names.indexOf(name) !== index);
  if (missing.length > 0 || unknown.length > 0 || twice) return null;
  return new Map(EVENT_COLUMNS.map((column) => [column, names.indexOf(column)]));
}

function readTime(text: string, column: Column): string | { readonly reason: string } {
  const ms = parseEventTime(text);
  if (ms !== null) return new Date(ms).toISOString();
  return { reason: `${column}: "${text}" is no time (YYYY-MM-DD HH:MM in New York, or ISO 8601 with a zone)` };
}

function readRow(row: CsvRow, columns: Columns): NewMarketEvent | readonly EventFault[] {
  const { line } = row;
  if (row.cells.length !== columns.size)
    return [{ line, reason: `has ${row.cells.length} columns, not ${columns.size}` }];
  const cell = (column: Column) => row.cells[columns.get(column) ?? -1] ?? '';
  const startsAt = readTime(cell('starts_at'), 'starts_at');
  const endsAt = readTime(cell('ends_at'), 'ends_at');
  const untimed = [startsAt, endsAt].flatMap((time) => (typeof time === 'string' ? [] : [{ line, ...time }]));
  if (untimed.length > 0) return untimed;
  const symbol = cell('symbol');
  const parsed = newMarketEventSchema.safeParse({
    kind: cell('kind').toUpperCase(),
    symbol: symbol === '' ? null : symbol,
    title: cell('title'),
    startsAt,
    endsAt,
  });
  if (parsed.success) return parsed.data;
  return parsed.error.issues.map((issue) => {
    const field = String(issue.path[0] ?? '');
    return { line, reason: `${COLUMN_OF[field] ?? field}: ${issue.message}` };
  });
}

/** Reads a CSV file of events whole: every fault is named with its line. A row that is there twice is a fault. */
export function readEvents(text: string): EventFile {
  let rows: readonly CsvRow[];
  try {
    rows = readCsvRows(text);
  } catch (error) {
    if (error instanceof CsvError) return { events: [], faults: [{ line: error.line, reason: error.reason }] };
    throw error;
  }
  const columns = readHeader(rows[0]);
  if (columns === null) {
    const reason = `the first line must name the columns ${EVENT_COLUMNS.join(',')}`;
    return { events: [], faults: [{ line: rows[0]?.line ?? 1, reason }] };
  }
  if (rows.length < 2) return { events: [], faults: [{ line: 0, reason: 'the file has no event' }] };
  if (rows.length > MAX_EVENTS + 1)
    return { events: [], faults: [{ line: 0, reason: `the file has more than ${MAX_EVENTS} events` }] };
  const events: NewMarketEvent[] = [];
  const faults: EventFault[] = [];
  const seen = new Map<string, number>();
  for (const row of rows.slice(1)) {
    const read = readRow(row, columns);
    if (!('kind' in read)) {
      faults.push(...read);
      continue;
    }
    const before = seen.get(eventKey(read));
    if (before !== undefined) faults.push({ line: row.line, reason: `is the same as line ${before}` });
    seen.set(eventKey(read), row.line);
    events.push(read);
  }
  return { events, faults };
}
