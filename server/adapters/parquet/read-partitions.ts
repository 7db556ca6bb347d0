import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { DuckDBDecimal64Vector, DuckDBDoubleVector } from '@duckdb/node-api';
import type { Bar } from '@/server/domain/exchange/types';
import { unitsOf } from './columns';
import { fileList } from './sql';

/** A file of the history that is not what was written there. Nothing is guessed from it. */
export class HistoryCorruptError extends Error {
  override readonly name = 'HistoryCorruptError';
}

function amounts(chunk: DuckDBDataChunk, column: number): (row: number) => bigint {
  const vector = chunk.getColumnVector(column);
  if (!(vector instanceof DuckDBDecimal64Vector)) throw new HistoryCorruptError(`column ${column} is no DECIMAL(18,8)`);
  return (row) => {
    const value = vector.getScaledValue(row);
    if (value === null) throw new HistoryCorruptError(`column ${column} lacks a figure`);
    return unitsOf(value);
  };
}

function times(chunk: DuckDBDataChunk, column: number): (row: number) => number {
  const vector = chunk.getColumnVector(column);
  if (!(vector instanceof DuckDBDoubleVector)) throw new HistoryCorruptError(`column ${column} is not a time`);
  return (row) => {
    const value = vector.getItem(row);
    if (value === null) throw new HistoryCorruptError(`column ${column} lacks a time`);
    return value;
  };
}

function barsOf(chunk: DuckDBDataChunk, symbol: string, into: Bar[]): void {
  const [start, end] = [times(chunk, 0), times(chunk, 1)];
  const [open, high, low] = [amounts(chunk, 2), amounts(chunk, 3), amounts(chunk, 4)];
  const [close, volume] = [amounts(chunk, 5), amounts(chunk, 6)];
  // Each look at it is a call out of JavaScript.
  const { rowCount } = chunk;
  for (let row = 0; row < rowCount; row += 1) {
    into.push({
      symbol,
      startMs: start(row),
      endMs: end(row),
      open: open(row),
      high: high(row),
      low: low(row),
      close: close(row),
      volume: volume(row),
    });
  }
}

const inOrder = (bars: readonly Bar[]) =>
  bars.every((bar, index) => index === 0 || bar.endMs > (bars[index - 1]?.endMs ?? 0));

/**
 * Bars of these files that end in (afterMs, untilMs], oldest first. DuckDB gives rows as they stand in the files, one file after
 * the other: sorting them once more would cost as much as reading them.
 * @param files by their dates, ascending
 * @throws HistoryCorruptError
 */
export async function readPartitions(
  connection: DuckDBConnection,
  symbol: string,
  files: readonly string[],
  afterMs: number | null = null,
  untilMs: number | null = null,
): Promise<Bar[]> {
  if (files.length === 0) return [];
  const bounds = [
    ...(afterMs === null ? [] : [`end_at > make_timestamp(${Math.trunc(afterMs)}000)`]),
    ...(untilMs === null ? [] : [`end_at <= make_timestamp(${Math.trunc(untilMs)}000)`]),
  ];
  const where = bounds.length === 0 ? '' : `WHERE ${bounds.join(' AND ')}`;
  const sql = `SELECT epoch_ms(start_at)::DOUBLE, epoch_ms(end_at)::DOUBLE, open, high, low, close, volume
    FROM read_parquet(${fileList(files)}, hive_partitioning = false) ${where}`;
  try {
    const result = await connection.run(sql);
    const bars: Bar[] = [];
    for (const chunk of await result.fetchAllChunks()) barsOf(chunk, symbol, bars);
    if (!inOrder(bars)) throw new HistoryCorruptError(`the history of ${symbol} is not in order of time`);
    return bars;
  } catch (error) {
    if (error instanceof HistoryCorruptError) throw error;
    throw new HistoryCorruptError(
      `the history of ${symbol} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
