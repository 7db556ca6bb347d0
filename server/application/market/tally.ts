import type { MarketFault, MarketIntakeInfo } from '@/server/contracts/console/market-health';

/** What names no symbol that could be one, or one that nobody asked for. */
export const NO_SYMBOL = '*';

/** Counts of one symbol since the taking in began; times are market time, epoch ms. */
export interface SymbolTally {
  quotes: number;
  trades: number;
  bars: number;
  lastQuoteMs: number | null;
  lastTradeMs: number | null;
  lastBarMs: number | null;
  gaps: number;
  empty: number;
  corrected: number;
  missing: number;
  staleSinceMs: number | null;
  readonly refused: Partial<Record<MarketFault, number>>;
}

const fresh = (): SymbolTally => ({
  quotes: 0,
  trades: 0,
  bars: 0,
  lastQuoteMs: null,
  lastTradeMs: null,
  lastBarMs: null,
  gaps: 0,
  empty: 0,
  corrected: 0,
  missing: 0,
  staleSinceMs: null,
  refused: {},
});

/** A source that makes symbols up does not fill the memory. */
const MAX_SYMBOLS = 2_000;

/** Counts what came in and what was refused, by symbol. */
export class MarketTally {
  readonly symbols = new Map<string, SymbolTally>();

  of(symbol: string): SymbolTally {
    const known = this.symbols.get(symbol);
    if (known !== undefined) return known;
    if (this.symbols.size >= MAX_SYMBOLS && symbol !== NO_SYMBOL) return this.of(NO_SYMBOL);
    const tally = fresh();
    this.symbols.set(symbol, tally);
    return tally;
  }

  refuse(symbol: string | null, fault: MarketFault): void {
    const { refused } = this.of(fault === 'not_wanted' ? NO_SYMBOL : (symbol ?? NO_SYMBOL));
    refused[fault] = (refused[fault] ?? 0) + 1;
  }

  totals(): Pick<MarketIntakeInfo, 'quotes' | 'trades' | 'bars' | 'refused'> {
    const totals = { quotes: 0, trades: 0, bars: 0, refused: {} as SymbolTally['refused'] };
    for (const { quotes, trades, bars, refused } of this.symbols.values()) {
      totals.quotes += quotes;
      totals.trades += trades;
      totals.bars += bars;
      for (const [fault, count] of entries(refused)) totals.refused[fault] = (totals.refused[fault] ?? 0) + count;
    }
    return totals;
  }
}

function entries(refused: SymbolTally['refused']): [MarketFault, number][] {
  return Object.entries(refused) as [MarketFault, number][];
}
