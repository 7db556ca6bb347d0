import type { Period } from '@/server/domain/market/period';

/** Rows as aligned columns under their headings; `none` where there are no rows. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  if (rows.length === 0) return none;
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [headings, ...rows].map(line).join('\n');
}

/** `2026-01-05 14:30:00Z`, or a dash for none. */
export function formatMoment(at: Date | string | null): string {
  if (at === null) return '—';
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** What is missing of a period's bars. */
export function missingUnit(period: Period): string {
  if (period === '1d') return 'session(s)';
  return period === '1m' ? 'regular minute(s)' : 'regular bar(s)';
}

/** What one side of a break says, on one line. */
export function sideText(side: Readonly<Record<string, unknown>>): string {
  return Object.entries(side)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** `45 s`, `12 min`, `5 h 10 min`, `3 d 2 h`. */
export function ageText(fromIso: string, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(fromIso)) / 1_000));
  if (seconds < MINUTE_S) return `${seconds} s`;
  if (seconds < HOUR_S) return `${Math.floor(seconds / MINUTE_S)} min`;
  const rest = (part: number, unit: string) => (part === 0 ? '' : ` ${part} ${unit}`);
  if (seconds < DAY_S)
    return `${Math.floor(seconds / HOUR_S)} h${rest(Math.floor((seconds % HOUR_S) / MINUTE_S), 'min')}`;
  return `${Math.floor(seconds / DAY_S)} d${rest(Math.floor((seconds % DAY_S) / HOUR_S), 'h')}`;
}
