/** The market's zone. */
const ZONE = 'America/New_York';

const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const day = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' });
const shortDay = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, day: 'numeric', month: 'short' });

/** `14:32:07 ET`. */
export function formatClock(ms: number): string {
  return `${clock.format(ms)} ET`;
}

/** `14:32:07`, for columns whose header names the zone. */
export function formatTime(iso: string): string {
  return clock.format(new Date(iso));
}

/** `14:32:07` today, `3 Jan 14:32:07` on another market day. */
export function formatMoment(iso: string, nowMs: number): string {
  const at = new Date(iso);
  return day.format(at) === day.format(nowMs) ? clock.format(at) : `${shortDay.format(at)} ${clock.format(at)}`;
}

/** ISO in UTC and the reader's own zone, for a tooltip. */
export function describeMoment(iso: string): string {
  return `${iso} · ${clock.format(new Date(iso))} ET`;
}

/** Duration in the two largest units that matter: `4s`, `2m 05s`, `3h 07m`, `2d 4h`. Never negative. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}s`;
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3_600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3_600)}h ${two(Math.floor((whole % 3_600) / 60))}m`;
  return `${Math.floor(whole / 86_400)}d ${Math.floor((whole % 86_400) / 3_600)}h`;
}

/** `14:05` left, for a countdown that people watch: `m:ss`. */
export function formatCountdown(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole >= 3_600) return formatDuration(whole);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Seconds from `iso` to `nowMs`, never negative. */
export function ageSeconds(iso: string, nowMs: number): number {
  return Math.max(0, (nowMs - Date.parse(iso)) / 1_000);
}
