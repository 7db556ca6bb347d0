const DAY_MS = 86_400_000;
const recent = new Map<number, string>();
const RECENT = 64;

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

/** ISO 8601 in UTC with milliseconds, as `Date` writes it. A journal asks for few days many times: those are remembered. */
export function isoTime(epochMs: number): string {
  const inDay = ((epochMs % DAY_MS) + DAY_MS) % DAY_MS;
  const day = epochMs - inDay;
  let date = recent.get(day);
  if (date === undefined) {
    if (recent.size >= RECENT) recent.clear();
    date = new Date(day).toISOString().slice(0, 11);
    recent.set(day, date);
  }
  const seconds = Math.floor(inDay / 1000);
  const clock = `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
  return `${date}${clock}.${pad(inDay % 1000, 3)}Z`;
}
