import { BarFileError, type ReadBars, type ReadOptions, readBarFile } from '@/server/domain/market/bar-file';
import { openReader } from './duckdb';
import { fileList } from './sql';

const cell = (value: unknown) =>
  value === null || value === undefined ? '' : `"${String(value).replaceAll('"', '""')}"`;

/**
 * Reads a foreign Parquet file of bars. Its columns are those of a CSV file (date or time, open, high, low,
 * close, volume, whatever their case); faults name the row, the header being line 1.
 * @throws BarFileError
 */
export async function readBarParquet(file: string, options: ReadOptions): Promise<ReadBars> {
  const duck = await openReader();
  try {
    // Text keeps each figure as it is written, and one reader judges both kinds of file.
    const result = await duck.connection.runAndReadAll(
      `SELECT COLUMNS(*)::VARCHAR FROM read_parquet(${fileList([file])}, hive_partitioning = false)`,
    );
    const lines = [result.columnNames(), ...result.getRows()].map((row) => row.map(cell).join(','));
    return readBarFile(`${lines.join('\n')}\n`, 'csv', options);
  } catch (error) {
    if (error instanceof BarFileError) throw error;
    throw BarFileError.at(
      0,
      `not a Parquet file: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`,
    );
  } finally {
    duck.close();
  }
}
