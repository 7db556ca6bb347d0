import type { Bar } from '@/server/domain/exchange/types';
import { BarFileError, readBarFile } from '@/server/domain/market/bar-file';
import { ScenarioError } from '@/server/replay/scenario-file';

/** Formats of bar files that a scenario can be played on. */
export const BAR_FORMATS = ['ninjatrader', 'csv'] as const;
export type BarFormat = (typeof BAR_FORMATS)[number];

/**
 * Reads a file of recorded bars of one symbol, oldest first whatever the file's order: NinjaTrader's minutes or daily rows.
 * @throws ScenarioError with the line of the bar file
 */
export function parseBarFile(text: string, format: BarFormat, symbol: string): readonly Bar[] {
  try {
    // Whoever chooses a recording for a scenario wants its bars as they are: gaps between minutes are part of it.
    const options = format === 'ninjatrader' ? { symbol, sparse: true as const } : { symbol };
    return readBarFile(text, format, options).files[0]?.bars ?? [];
  } catch (error) {
    if (error instanceof BarFileError) throw new ScenarioError(error.line, error.reason);
    throw error;
  }
}
