import type { Command } from 'commander';
import { formatTable } from '@/cli/format';
import {
  currentOrNextSession,
  newYorkDate,
  newYorkMidnightMs,
  type Session,
  type SpecialDay,
  sessionOn,
  sessionsBetween,
  specialDaysOf,
} from '@/server/domain/calendar';

interface Options {
  readonly from?: string;
  readonly to?: string;
  readonly date?: string;
  readonly sessions?: boolean;
  readonly json?: boolean;
}

const HELP = `
The sessions of the New York Stock Exchange by rule, 1990 to 2100: holidays, half days, closures for a single reason. What no
rule foresees (mourning, weather) is in a list, with late opens since 1990, and is added to when it is announced; against a real broker, its own clock decides.

Examples:
  countersign calendar                          holidays and half days, this year and the next two
  countersign calendar --from 2023 --to 2028
  countersign calendar --date 2025-01-09
  countersign calendar --from 2024 --to 2024 --sessions --json
Exit codes: 0 printed, 2 wrong usage, or outside the years that are known.`;

export function calendarCommand(program: Command): void {
  program
    .command('calendar')
    .description('Sessions, holidays and half days of the market')
    .option('--from <year>', 'first year (default: this year)')
    .option('--to <year>', 'last year (default: two years after the first)')
    .option('--date <date>', 'only this day, yyyy-MM-dd')
    .option('--sessions', 'every session with its open and close')
    .option('--json', 'print one JSON object or array')
    .addHelpText('after', HELP)
    .action((options: Options, command: Command) => {
      try {
        console.log(options.date === undefined ? yearsText(options) : dateText(options.date, options.json === true));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        command.error(`error: ${error.message}`, { exitCode: 2 });
      }
    });
}

const iso = (ms: number) => new Date(ms).toISOString().replace('.000', '');
const weekday = (date: string) =>
  new Date(`${date}T00:00:00Z`).toLocaleDateString('en-US', { weekday: 'short', timeZone: 'UTC' });

/** Time of day in New York, `09:30`. */
function clock(date: string, ms: number): string {
  // Both ends of a session are after 2:00: the offset is that of its open.
  return new Date(ms - sessionOffset(date)).toISOString().slice(11, 16);
}

/** What UTC is ahead of New York in a session. */
function sessionOffset(date: string): number {
  return newYorkMidnightMs(date) - Date.parse(`${date}T00:00:00Z`);
}

const sessionJson = ({ date, openMs, closeMs, earlyClose, lateOpen }: Session) => ({
  date,
  open: iso(openMs),
  close: iso(closeMs),
  early_close: earlyClose,
  late_open: lateOpen,
});

function year(text: string | undefined, option: string, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{4}$/.test(text)) throw new RangeError(`${option} ${text}: must be a year`);
  return Number(text);
}

function yearsText(options: Options): string {
  const from = year(options.from, '--from', Number(newYorkDate(Date.now()).slice(0, 4)));
  const to = year(options.to, '--to', from + 2);
  if (to < from) throw new RangeError('--to must not be before --from');
  const years = Array.from({ length: to - from + 1 }, (_, n) => from + n);
  const sessions = (each: number) => sessionsBetween(`${each}-01-01`, `${each}-12-31`);
  if (options.sessions === true) return sessionsText(years.flatMap(sessions), options.json === true);
  if (options.json === true)
    return JSON.stringify(
      years.map((each) => ({
        year: each,
        sessions: sessions(each).length,
        closed: specialDaysOf(each).flatMap(({ date, name, session }) => (session === null ? [{ date, name }] : [])),
        early_closes: specialDaysOf(each).flatMap(({ name, session }) =>
          session?.earlyClose ? [{ ...sessionJson(session), name }] : [],
        ),
        late_opens: specialDaysOf(each).flatMap(({ name, session }) =>
          session?.lateOpen ? [{ ...sessionJson(session), name }] : [],
        ),
      })),
    );
  return years
    .map((each) => [`${each}: ${sessions(each).length} sessions`, ...specialDaysOf(each).map(specialText)].join('\n'))
    .join('\n\n');
}

function specialText({ date, name, session }: SpecialDay): string {
  if (session === null) return `  ${date} ${weekday(date)}  closed       ${name}`;
  const { openMs, closeMs, lateOpen } = session;
  const hours = lateOpen ? `${clock(date, openMs)}–${clock(date, closeMs)}` : `until ${clock(date, closeMs)}`;
  return `  ${date} ${weekday(date)}  ${hours.padEnd(12)} ${name}`;
}

function sessionsText(sessions: readonly Session[], json: boolean): string {
  if (json) return JSON.stringify(sessions.map(sessionJson));
  const rows = sessions.map(({ date, openMs, closeMs, earlyClose }) => [
    date,
    weekday(date),
    `${clock(date, openMs)}–${clock(date, closeMs)}`,
    iso(openMs),
    iso(closeMs),
    earlyClose ? 'half day' : '',
  ]);
  return formatTable(['date', 'day', 'New York', 'open', 'close', ''], rows, 'no session');
}

function dateText(date: string, json: boolean): string {
  const session = sessionOn(date);
  const next = currentOrNextSession(newYorkMidnightMs(date));
  const name = specialDaysOf(Number(date.slice(0, 4))).find((each) => each.date === date)?.name ?? null;
  if (json)
    return JSON.stringify({ date, session: session === null ? null : sessionJson(session), name, next: next.date });
  const day = `${date} ${weekday(date)}`;
  if (session === null) return `${day}: closed (${name ?? 'weekend'}); next session ${next.date} ${weekday(next.date)}`;
  const { openMs, closeMs } = session;
  const hours = `${clock(date, openMs)}–${clock(date, closeMs)} New York, ${iso(openMs)} to ${iso(closeMs)}`;
  return `${day}: open ${hours}${name === null ? '' : ` (${session.lateOpen ? 'late open' : 'half day'}: ${name})`}`;
}
