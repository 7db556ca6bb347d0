import { readTableThenHistory } from '@/server/application/history/read-bars';
import type { BarStore } from '@/server/application/ports/bar-store';
import type { MarketStore } from '@/server/application/ports/market-store';
import type { Bar } from '@/server/domain/exchange/types';
import type { BarHistory } from './bar-book';

/** More than any window holds. */
const ALL = 1_000_000;
const MINUTE_MS = 60_000;

/**
 * Bars from the database and, for a whole window, also from the history that old bars are moved to. A store that cannot be
 * read is an error, never an empty window: strategies would warm up on fewer bars than there are and propose other trades.
 */
export function createBarHistory(market: Pick<MarketStore, 'barsAfter'>, archive: Pick<BarStore, 'read'>): BarHistory {
  async function newest(symbol: string, afterMs: number, untilMs: number): Promise<readonly Bar[]> {
    const bars = await market.barsAfter(symbol, afterMs, ALL);
    return bars.filter(({ startMs }) => startMs <= untilMs);
  }

  async function archived(symbol: string, afterMs: number, untilMs: number): Promise<readonly Bar[]> {
    const bars = await archive.read({ symbol, period: '1m', afterMs, untilMs: untilMs + MINUTE_MS });
    return bars.filter(({ startMs }) => startMs > afterMs && startMs <= untilMs);
  }

  return {
    newest,
    async complete(symbol, afterMs, untilMs) {
      const { table, history } = await readTableThenHistory(
        () => newest(symbol, afterMs, untilMs),
        () => archived(symbol, afterMs, untilMs),
      );
      // A bar corrected after it was compacted is newer in the table.
      const byStart = new Map([...history, ...table].map((bar) => [bar.startMs, bar]));
      return [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
    },
    async lastStartMs(symbol) {
      return (await market.barsAfter(symbol, null, 1))[0]?.startMs ?? null;
    },
  };
}
