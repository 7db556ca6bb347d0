import { type BarStore, BarsDifferError, HistoryBusyError } from '@/server/application/ports/bar-store';
import { type Fence, SupersededError } from '@/server/application/ports/lease';
import type { RecentBars, RecentDay } from '@/server/application/ports/recent-bars';
import { newYorkDate } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { dayOfMinutes } from '@/server/domain/market/day-of-minutes';
import { mergeBars } from '@/server/domain/market/merge-bars';
import { failpoint } from '@/server/kernel/failpoint';

/** Dates of a symbol that stay in the table as well: strategies warm up from them. */
export const KEPT_DATES = 10;
/** A date is over for the history some time after its midnight in New York: what came late has come by then. */
const GRACE_MS = 15 * 60_000;

/** What became of one day of a symbol. */
export interface DayCompacted {
  readonly symbol: string;
  readonly date: string;
  /** Minutes that the history did not have. */
  readonly added: number;
  /** Minutes that left the table. */
  readonly removed: number;
  /** Minutes that the history has with other figures: they stay in the table. */
  readonly conflicts: number;
  /** The session's bar was made and stored. */
  readonly day: boolean;
}

export interface CompactTools {
  readonly recent: RecentBars;
  /** Opened when there is something to write. Closed by {@link compactHistory}. */
  readonly openHistory: () => Promise<BarStore>;
  readonly signal: AbortSignal;
  /** Told of each day as it is done. */
  readonly done?: (day: DayCompacted) => Promise<void> | void;
  /** Told of a day that could not be written; the others go on. */
  readonly failed?: (day: RecentDay, error: unknown) => Promise<void> | void;
}

/** Days looked at in vain are not looked at again by this process while nothing is added to them. */
export class CompactedDays {
  private readonly bars = new Map<string, number>();

  private key({ symbol, date, later }: RecentDay): string {
    return `${symbol} ${date} ${later >= KEPT_DATES}`;
  }

  has(day: RecentDay): boolean {
    return this.bars.get(this.key(day)) === day.bars;
  }

  add(day: RecentDay): void {
    this.bars.set(this.key(day), day.bars);
  }
}

/** Adds minutes, all but those that are there with other figures. @returns what was added, and the ends of the others */
async function addMinutes(store: BarStore, bars: readonly Bar[]): Promise<{ added: number; differ: Set<number> }> {
  try {
    return { added: (await store.add('1m', bars)).added, differ: new Set() };
  } catch (error) {
    if (!(error instanceof BarsDifferError)) throw error;
    const differ = new Set(error.conflicts.map(({ incoming }) => incoming.endMs));
    const rest = bars.filter(({ endMs }) => !differ.has(endMs));
    return { added: rest.length === 0 ? 0 : (await store.add('1m', rest)).added, differ };
  }
}

/** The minutes as the history gives them back. @throws Error when any is missing there or says something else */
async function readBack(store: BarStore, minutes: readonly Bar[]): Promise<void> {
  const [first, last] = [minutes[0], minutes.at(-1)];
  if (first === undefined || last === undefined) return;
  const range = { symbol: first.symbol, period: '1m', afterMs: first.endMs - 1, untilMs: last.endMs } as const;
  const { added, conflicts } = mergeBars(await store.read(range), minutes.map(store.storable));
  if (added > 0 || conflicts.length > 0)
    throw new Error(`what was written cannot be read back: ${added} bar(s) missing, ${conflicts.length} different`);
}

/** Stores the day's bar where its minutes are all there and none is stored: one that was imported stays as it is. */
async function addDay(store: BarStore, minutes: readonly Bar[], date: string): Promise<boolean> {
  const day = dayOfMinutes(minutes, date);
  if (day === null) return false;
  const { symbol, startMs, endMs } = day;
  if ((await store.read({ symbol, period: '1d', afterMs: startMs, untilMs: endMs })).length > 0) return false;
  return (await store.add('1d', [day])).added > 0;
}

async function compactDay(recent: RecentBars, store: BarStore, day: RecentDay, fence: Fence): Promise<DayCompacted> {
  const { symbol, date } = day;
  const minutes = await recent.day(symbol, date);
  const { added, differ } = await addMinutes(store, minutes);
  failpoint('history-written');
  const agreed = minutes.filter(({ endMs }) => !differ.has(endMs));
  await readBack(store, agreed);
  failpoint('history-verified');
  const made = await addDay(store, agreed, date);
  failpoint('history-day-written');
  let removed = 0;
  if (day.later >= KEPT_DATES && agreed.length > 0) removed = await recent.remove(agreed, fence);
  failpoint('history-removed');
  return { symbol, date, added, removed, conflicts: differ.size, day: made };
}

/** A day of the market that is over, by the market's own clock as it was read last. */
const isOver = ({ date }: RecentDay, marketTimeMs: number): boolean => newYorkDate(marketTimeMs - GRACE_MS) > date;

/**
 * Brings the minutes of days that are over from the table into the history, and takes them from the table once they are
 * read back and more than {@link KEPT_DATES} dates old. May die at any point, and be repeated: nothing is lost, nothing twice.
 * @throws HistoryBusyError while somebody else writes @throws SupersededError
 */
export async function compactHistory(tools: CompactTools, known: CompactedDays, fence: Fence): Promise<void> {
  const { recent, signal } = tools;
  const marketTimeMs = await recent.marketTimeMs();
  if (marketTimeMs === null) return;
  const due = (await recent.days()).filter((day) => isOver(day, marketTimeMs) && !known.has(day));
  if (due.length === 0) return;
  const store = await tools.openHistory();
  try {
    for (const day of due) {
      if (signal.aborted) return;
      try {
        const done = await compactDay(recent, store, day, fence);
        await tools.done?.(done);
        // A conflict is looked at again each time: a person may have settled it.
        if (done.conflicts === 0) known.add(day);
      } catch (error) {
        if (error instanceof HistoryBusyError || error instanceof SupersededError) throw error;
        await tools.failed?.(day, error);
      }
    }
  } finally {
    await store.close();
  }
}
