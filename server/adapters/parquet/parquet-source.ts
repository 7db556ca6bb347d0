import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { BarSource } from '@/server/application/ports/bar-source';
import { BarFileError } from '@/server/domain/market/bar-file';
import { openReader } from './duckdb';
import { fileList } from './sql';

const cell = (value: unknown) =>
  value === null || value === undefined ? '' : `"${String(value).replaceAll('"', '""')}"`;

const lines = (rows: readonly (readonly unknown[])[]) =>
  rows.map((row) => `${row.map((value) => cell(value)).join(',')}\n`).join('');

/**
 * A foreign Parquet file of bars as the text of a CSV file with its columns (date or time, open, high, low, close, volume,
 * in upper or lower case): one reader judges both kinds of file. Faults name the row, the header being line 1.
 */
export async function openParquetFile(file: string): Promise<BarSource> {
  const { size } = await stat(file);
  async function* read(): AsyncGenerator<string> {
    const duck = await openReader();
    try {
      const result = await duck.connection.stream(
        `SELECT COLUMNS(*)::VARCHAR FROM read_parquet(${fileList([file])}, hive_partitioning = false)`,
      );
      yield lines([result.columnNames()]);
      for await (const rows of result.yieldRows()) yield lines(rows);
    } catch (error) {
      throw BarFileError.at(
        0,
        `not a Parquet file: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`,
      );
    } finally {
      duck.close();
    }
  }
  return { name: path.basename(file), bytes: size, understood: [], read };
}
