import type { Bar } from '@/server/domain/exchange/types';
import { BarFileError, type BarFormat, readBarFile } from '@/server/domain/market/bar-file';
import { ScenarioError } from '@/server/replay/scenario-file';

export { BAR_FORMATS, type BarFormat } from '@/server/domain/market/bar-file';

/**
 * Reads a file of recorded bars of one symbol, oldest first whatever the file's order: NinjaTrader's minutes or daily rows.
 * @throws ScenarioError with the line of the bar file
 */
export function parseBarFile(text: string, format: BarFormat, symbol: string): readonly Bar[] {
  try {
    return readBarFile(text, format, symbol).bars;
  } catch (error) {
    if (error instanceof BarFileError) throw new ScenarioError(error.line, error.reason);
    throw error;
  }
}
