import { EXIT } from '@/cli/run-admin';
import { type BarStore, HistoryBusyError } from '@/server/application/ports/bar-store';

/** The history of DATA_DIR. DuckDB is loaded only here, so that other commands start without it. */
export async function barsStore(): Promise<BarStore> {
  const { openHistory } = await import('@/server/composition/history');
  return openHistory(process.env['DATA_DIR'] || '.data');
}

/** Says what stood in the way, in a line, and gives the exit code. @throws the error itself when it is a defect */
export function historyFault(error: unknown, file: string): number {
  if (error instanceof HistoryBusyError || (error instanceof Error && error.name === 'HistoryCorruptError')) {
    console.error(error.message);
    return EXIT.unusable;
  }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    console.error(`${file}: ${error.message}`);
    return EXIT.unusable;
  }
  throw error;
}
