import type { BarStore } from '@/server/application/ports/bar-store';
import type { RecentBars } from '@/server/application/ports/recent-bars';
import type { Bar } from '@/server/domain/exchange/types';
import { byNewYorkDate, dayOfMinutes } from '@/server/domain/market/day-of-minutes';
import { mergeBars } from '@/server/domain/market/merge-bars';
import type { Period } from '@/server/domain/market/period';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Minutes that are read to make days of: what waits for its compaction, and more. */
const MOST_MINUTES = 100_000;

/** Bars that start in [fromMs, toMs), epoch ms; open-ended where null. */
export interface BarQuestion {
  readonly symbol: string;
  /** Longer bars within a session are only in the history, for backtests. */
  readonly period: Extract<Period, '1m' | '1d'>;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** At most so many of the oldest, or of the newest. */
  readonly limit: { readonly bars: number; readonly of: 'oldest' | 'newest' };
}

export interface BarReader {
  /** Oldest first, each once, wherever it is stored; null for a symbol of which nothing is known. */
  read(question: BarQuestion): Promise<readonly Bar[] | null>;
}

type Sources = {
  readonly history: Pick<BarStore, 'read' | 'has'>;
  readonly recent: Pick<RecentBars, 'read' | 'knows'>;
};

const cut = (bars: readonly Bar[], { bars: count, of }: BarQuestion['limit']) =>
  of === 'oldest' ? bars.slice(0, count) : bars.slice(-count);

/**
 * Reads both stores of minute bars, the table first: compaction adds a day to the history and then removes it from the table,
 * so a day that moves between the two reads is returned twice rather than not at all.
 */
export async function readTableThenHistory(
  readTable: () => Promise<readonly Bar[]>,
  readHistory: () => Promise<readonly Bar[]>,
): Promise<{ readonly table: readonly Bar[]; readonly history: readonly Bar[] }> {
  const table = await readTable();
  return { table, history: await readHistory() };
}

async function readMinutes({ history, recent }: Sources, question: BarQuestion): Promise<readonly Bar[]> {
  const { symbol, fromMs, toMs, limit } = question;
  const stored = await readTableThenHistory(
    () => recent.read({ symbol, fromMs, toMs, limit }),
    () =>
      history.read({
        symbol,
        period: '1m',
        // The history selects by the end of a bar: a minute that starts at `fromMs` ends a minute later.
        afterMs: fromMs === null ? null : fromMs + MINUTE_MS - 1,
        untilMs: toMs === null ? null : toMs + MINUTE_MS - 1,
        limit,
      }),
  );
  // Where they differ the table's bar is the newer one: strategies warm up on it too.
  return cut(mergeBars(stored.table, stored.history).bars, limit);
}

/** Days that are stored, then those whose minutes are all there and not compacted yet. */
async function readDays({ history, recent }: Sources, question: BarQuestion): Promise<readonly Bar[]> {
  const { symbol, fromMs, toMs, limit } = question;
  const within = ({ startMs }: Bar) => startMs >= (fromMs ?? 0) && (toMs === null || startMs < toMs);
  const minutes = await recent.read({
    symbol,
    fromMs,
    toMs: toMs === null ? null : toMs + DAY_MS,
    limit: { bars: MOST_MINUTES, of: limit.of },
  });
  const untilMs = toMs === null ? null : toMs + DAY_MS;
  const stored = await history.read({ symbol, period: '1d', afterMs: fromMs, untilMs });
  const days = new Map(stored.filter(within).map((day) => [day.startMs, day]));
  for (const day of daysOf(minutes).filter(within)) if (!days.has(day.startMs)) days.set(day.startMs, day);
  return cut(
    [...days.values()].sort((a, b) => a.startMs - b.startMs),
    limit,
  );
}

function daysOf(minutes: readonly Bar[]): Bar[] {
  return [...byNewYorkDate(minutes)].flatMap(([date, bars]) => dayOfMinutes(bars, date) ?? []);
}

/** Bars of the history and of what is not there yet, as one. */
export function createBarReader(sources: Sources): BarReader {
  return {
    async read(question) {
      const bars = question.period === '1m' ? await readMinutes(sources, question) : await readDays(sources, question);
      if (bars.length > 0) return bars;
      const known = (await sources.history.has(question.symbol)) || (await sources.recent.knows(question.symbol));
      return known ? [] : null;
    },
  };
}
