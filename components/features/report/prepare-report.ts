import { groupDigits } from '@/components/format/number';
import { labelOf } from '@/components/format/record';
import { formatMoment } from '@/components/format/time';

export interface ReportTable {
  readonly title: string;
  /** One record of single values: labels and values read better than a row. */
  readonly facts: boolean;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly string[])[];
}

export interface ReportColumn {
  readonly label: string;
  /** Every cell is a figure: aligned right. */
  readonly figures: boolean;
}

type Plain = Readonly<Record<string, unknown>>;

const SIDES = new Set(['ours', 'theirs', 'difference']);
/** Stored records come back with their keys in no useful order: what names a line leads, what compares it ends it. */
const FIRST = ['what', 'name', 'symbol', 'day', 'trading_day', 'id', 'order_id', 'cause', 'kind', 'status'];
const LAST = ['ours', 'theirs', 'difference'];
const FIGURE = /^-?\d+(\.\d+)?$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function isRecord(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function titleOf(key: string): string {
  const label = labelOf(key);
  return `${label.charAt(0).toUpperCase()}${label.slice(1)}`;
}

/** Exact text of a value; trailing zeros of a fraction say nothing and go. Milliseconds named as a time become one. */
function cellText(value: unknown, key = ''): string {
  if (value === null || value === undefined || value === '') return '';
  if (typeof value === 'number' && /_at$|[a-z]At$/.test(key) && value > 1e12 && value < 1e13)
    return new Date(value).toISOString();
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^-?\d+\.\d+$/.test(value) ? value.replace(/\.?0+$/, '') : value;
}

/** What a person reads: figures with their thousands apart, instants as the market's time, nothing as a dash. */
export function shownCell(text: string): string {
  if (text === '') return '—';
  if (INSTANT.test(text)) return `${formatMoment(text, 0)}${/\.\d+/.exec(text)?.[0] ?? ''} ET`;
  return FIGURE.test(text) ? groupDigits(text).replace('-', '−') : text;
}

function inOrder(keys: readonly string[]): readonly string[] {
  const rank = (key: string) => {
    const [first, last] = [FIRST.indexOf(key), LAST.indexOf(key)];
    return first >= 0 ? first - FIRST.length : last + 1;
  };
  return keys.toSorted((a, b) => rank(a) - rank(b));
}

function tableOf(title: string, records: readonly Plain[], facts = false): ReportTable {
  const keys = inOrder([...new Set(records.flatMap((record) => Object.keys(record)))]);
  const rows = records.map((record) => keys.map((key) => cellText(record[key], key)));
  return {
    title,
    facts,
    columns: keys.map((key, index) => {
      const cells = rows.map((row) => row[index] ?? '').filter((cell) => cell !== '');
      return { label: labelOf(key), figures: cells.length > 0 && cells.every((cell) => FIGURE.test(cell)) };
    }),
    rows,
  };
}

const isComparison = (value: Plain) =>
  Object.keys(value).some((key) => SIDES.has(key)) &&
  Object.values(value).every((part) => typeof part !== 'object' || part === null);

function ofSection(key: string, value: unknown): readonly ReportTable[] {
  const title = titleOf(key);
  if (Array.isArray(value)) {
    const records = value.map((item) => (isRecord(item) ? item : { [labelOf(key)]: item }));
    return [tableOf(title, records)];
  }
  if (!isRecord(value)) return [];
  const entries = Object.entries(value);
  const nested = entries.filter(([, part]) => Array.isArray(part) || isRecord(part));
  const plain = entries.filter(([, part]) => !Array.isArray(part) && !isRecord(part));
  const byName =
    nested.length > 1 &&
    nested.every(([, part]) => isRecord(part) && Object.values(part).every((cell) => typeof cell !== 'object'));
  const tables: ReportTable[] = [];
  if (plain.length > 0) tables.push(tableOf(title, [Object.fromEntries(plain)], true));
  if (byName)
    tables.push(
      tableOf(
        title,
        nested.map(([name, part]) => ({ name, ...(isRecord(part) ? part : {}) })),
      ),
    );
  else
    for (const [name, part] of nested)
      tables.push(...ofSection(plain.length === 0 && nested.length === 1 ? key : `${key} · ${name}`, part));
  return tables;
}

/**
 * A stored report as tables: single values first, then amounts that both sides hold beside each other, then each list. It
 * knows no section by name: what a later version adds is shown too.
 */
export function prepareReport(report: Plain): readonly ReportTable[] {
  const entries = Object.entries(report);
  const values = entries.filter(([, value]) => !Array.isArray(value) && !isRecord(value));
  const compared = entries.flatMap(([key, value]) =>
    isRecord(value) && isComparison(value) ? [{ what: labelOf(key), ...value }] : [],
  );
  const others = entries.filter(([, value]) => Array.isArray(value) || (isRecord(value) && !isComparison(value)));
  return [
    ...(values.length === 0 ? [] : [tableOf('Summary', [Object.fromEntries(values)], true)]),
    ...(compared.length === 0 ? [] : [tableOf('Both sides', compared)]),
    ...others.flatMap(([key, value]) => ofSection(key, value)),
  ];
}

/** Header and rows of all tables below each other, each line led by the table's title. */
export function reportRows(tables: readonly ReportTable[]): readonly (readonly string[])[] {
  return tables.flatMap((table) => [
    [table.title, ...table.columns.map((column) => column.label)],
    ...table.rows.map((row) => [table.title, ...row]),
  ]);
}
