const DAY_MS = 86_400_000;
const MAX_KNOWN_DAYS = 64;

/** `2026-01-05T` by day number. A journal names few days, in turn. */
const knownDays = new Map<number, string>();
let lastDay = Number.NaN;
let lastPrefix = '';

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** Two digits each, made once. */
const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => pad(value, 2));

function prefixOf(day: number): string {
  if (day === lastDay) return lastPrefix;
  let prefix = knownDays.get(day);
  if (prefix === undefined) {
    prefix = new Date(day * DAY_MS).toISOString().slice(0, -13);
    if (knownDays.size >= MAX_KNOWN_DAYS) knownDays.clear();
    knownDays.set(day, prefix);
  }
  lastDay = day;
  lastPrefix = prefix;
  return prefix;
}

/**
 * `2026-01-05T14:30:00.000Z`: as `Date.prototype.toISOString`, several times as fast.
 * @throws RangeError when it is no instant
 */
export function isoTime(epochMs: number): string {
  const day = Math.floor(epochMs / DAY_MS);
  const prefix = prefixOf(day);
  const ms = Math.trunc(epochMs - day * DAY_MS);
  const seconds = Math.trunc(ms / 1000);
  const minutes = Math.trunc(seconds / 60);
  const hours = TWO_DIGITS[Math.trunc(minutes / 60)] ?? '';
  return `${prefix}${hours}:${TWO_DIGITS[minutes % 60] ?? ''}:${TWO_DIGITS[seconds % 60] ?? ''}.${pad(ms % 1000, 3)}Z`;
}
