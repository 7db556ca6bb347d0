import { newYorkOffsetMs } from '@/server/domain/calendar';

const LOCAL = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})$/;
const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Epoch ms of what is written as if in UTC; null for a day or hour that is not there. */
function asUtc(text: string): number | null {
  const ms = Date.parse(`${text}Z`);
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, text.length) !== text ? null : ms;
}

/**
 * The instant of an event's time, epoch ms: ISO 8601 with its zone, or `YYYY-MM-DD HH:MM` in New York. Of the hour that
 * is there twice in autumn the first is meant; one that is left out in spring is no time. Null for anything else.
 */
export function parseEventTime(text: string): number | null {
  const local = LOCAL.exec(text);
  if (local !== null) {
    const wallMs = asUtc(`${local[1]}T${local[2]}`);
    if (wallMs === null) return null;
    // Daylight time first: it is the earlier of the two.
    for (const hours of [4, 5]) {
      const ms = wallMs + hours * 3_600_000;
      if (newYorkOffsetMs(ms) === -hours * 3_600_000) return ms;
    }
    return null;
  }
  if (!ZONED.test(text) || asUtc(text.slice(0, 16)) === null) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/** `YYYY-MM-DD HH:MM` in New York: what {@link parseEventTime} reads back, to the minute. */
export function formatEventTime(epochMs: number): string {
  return new Date(epochMs + newYorkOffsetMs(epochMs)).toISOString().slice(0, 16).replace('T', ' ');
}
