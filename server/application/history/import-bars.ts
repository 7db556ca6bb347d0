import type { BarStore, BarsWritten } from '@/server/application/ports/bar-store';
import { BarsDifferError } from '@/server/application/ports/bar-store';
import type { BarFile, LineFault, Period } from '@/server/domain/market/bar-file';
import { badBars, gapsOf } from '@/server/domain/market/verify-bars';
import { formatUnits } from '@/server/kernel/money';

export interface ImportReport extends BarsWritten {
  readonly period: Period;
  readonly rows: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Minutes or sessions that the calendar has and the file has not. */
  readonly missing: number;
  readonly gaps: number;
}

/** Nothing of the file was stored. */
export class ImportRefusedError extends Error {
  override readonly name = 'ImportRefusedError';

  constructor(readonly faults: readonly LineFault[]) {
    super(faults.map(({ line, reason }) => (line === 0 ? reason : `line ${line}: ${reason}`)).join('; '));
  }
}

function conflictFaults(file: BarFile, error: BarsDifferError): LineFault[] {
  const lineOf = new Map(file.bars.map((bar, index) => [bar.endMs, file.lines[index] ?? 0]));
  return error.conflicts.map(({ stored, incoming }) => ({
    line: lineOf.get(incoming.endMs) ?? 0,
    reason: `the bar that ends ${new Date(incoming.endMs).toISOString()} is stored with close ${formatUnits(stored.close)} and volume ${formatUnits(stored.volume)}; the file says ${formatUnits(incoming.close)} and ${formatUnits(incoming.volume)}`,
  }));
}

/**
 * Stores the bars of a file: all of them, or none where any is at fault or stored with other figures. Again, it adds nothing.
 * @param options.progress partitions written, of how many
 * @param options.dryRun judges everything and stores nothing
 * @throws ImportRefusedError naming every line @throws HistoryBusyError
 */
export async function importBars(
  store: BarStore,
  file: BarFile,
  options: { readonly dryRun?: boolean; readonly progress?: (written: number, total: number) => void } = {},
): Promise<ImportReport> {
  const bad = badBars(file.bars, file.period);
  if (bad.length > 0) {
    const lineOf = new Map(file.bars.map((bar, index) => [bar.endMs, file.lines[index] ?? 0]));
    const reason = 'high and low do not enclose open and close';
    throw new ImportRefusedError(bad.map(({ endMs }) => ({ line: lineOf.get(endMs) ?? 0, reason })));
  }
  try {
    const written = await store.add(file.period, file.bars, options);
    const gaps = gapsOf(file.bars, file.period);
    return {
      ...written,
      period: file.period,
      rows: file.bars.length,
      fromMs: file.bars[0]?.startMs ?? 0,
      toMs: file.bars.at(-1)?.endMs ?? 0,
      gaps: gaps.length,
      missing: gaps.reduce((sum, { bars }) => sum + bars, 0),
    };
  } catch (error) {
    if (error instanceof BarsDifferError) throw new ImportRefusedError(conflictFaults(file, error));
    throw error;
  }
}
