import { groupDigits, NONE } from './number';
import { formatTime } from './time';

/** `fills_after_halt` and `fillsAfterHalt` give `fills after halt`. Symbols and codes stay as they are. */
export function labelOf(key: string): string {
  const words = key
    .replaceAll('_', ' ')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .trim();
  return /^[A-Z][A-Z\d. -]*$/.test(words) ? words : words.toLowerCase();
}

const UNITS: Readonly<Record<string, string>> = { ms: 'ms', seconds: 's', pct: '%', usd: 'USD' };

/** An instant as epoch milliseconds of this century. */
const isInstant = (value: number) => value > 1e12 && value < 1e13;

function fieldText(key: string, value: string | number | boolean): string {
  const label = labelOf(key);
  if (typeof value === 'boolean') return `${label}: ${value ? 'yes' : 'no'}`;
  const words = label.split(' ');
  const unit = words.length > 1 ? UNITS[words.at(-1) ?? ''] : undefined;
  const name = unit === undefined ? label : words.slice(0, -1).join(' ');
  if (typeof value === 'number' && isInstant(value)) {
    return `${name.replace(/(^| )at$/, '')} at ${formatTime(new Date(value).toISOString())} ET`.trim();
  }
  const figure = typeof value === 'number' ? groupDigits(String(value)) : value;
  if (unit === undefined) return `${name} ${figure}`;
  return unit === '%' ? `${name} ${figure}%` : `${name} ${figure} ${unit}`;
}

/**
 * The plain values of a free-form record on one line, in words and with their units; a dash where there is none.
 * @param leaveOut names of fields that are not shown
 */
export function recordText(record: Readonly<Record<string, unknown>>, leaveOut: RegExp = /^$/): string {
  const parts = Object.entries(record).flatMap(([key, value]) =>
    !leaveOut.test(key) && (typeof value === 'number' || typeof value === 'boolean' || isText(value))
      ? [fieldText(key, value)]
      : [],
  );
  return parts.length === 0 ? NONE : parts.join(' · ');
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
