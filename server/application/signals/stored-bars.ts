import type { BarStore } from '@/server/application/ports/bar-store';
import type { MarketStore } from '@/server/application/ports/market-store';
import type { Bar } from '@/server/domain/exchange/types';
import type { BarHistory } from './bar-book';

/** More than any window holds. */
const ALL = 1_000_000;
const MINUTE_MS = 60_000;

/** Bars from the database, and, for a whole window, from the history that old bars are moved to. */
export function createBarHistory(
  market: Pick<MarketStore, 'barsAfter'>,
  archive: Pick<BarStore, 'read'>,
  onFault: (what: string, error: unknown) => void,
): BarHistory {
  async function newest(symbol: string, afterMs: number, untilMs: number): Promise<readonly Bar[]> {
    const bars = await market.barsAfter(symbol, afterMs, ALL);
    return bars.filter(({ startMs }) => startMs <= untilMs);
  }

  /** Without the history there are still the bars of the last days: better than standing still. */
  async function archived(symbol: string, afterMs: number, untilMs: number): Promise<readonly Bar[]> {
    try {
      const bars = await archive.read({ symbol, period: '1m', afterMs, untilMs: untilMs + MINUTE_MS });
      return bars.filter(({ startMs }) => startMs > afterMs && startMs <= untilMs);
    } catch (error) {
      onFault(`the history of ${symbol} could not be read`, error);
      return [];
    }
  }

  return {
    newest,
    async complete(symbol, afterMs, untilMs) {
      // The history first: what is moved meanwhile is then in one of the two, if not in both.
      const old = await archived(symbol, afterMs, untilMs);
      const recent = await newest(symbol, afterMs, untilMs);
      const byStart = new Map([...old, ...recent].map((bar) => [bar.startMs, bar]));
      return [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
    },
    async lastStartMs(symbol) {
      return (await market.barsAfter(symbol, null, 1))[0]?.startMs ?? null;
    },
  };
}
