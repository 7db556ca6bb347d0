import type { DuckDBAppender } from '@duckdb/node-api';
import type { Bar } from '@/server/domain/exchange/types';
import { divideHalfAway, type Units } from '@/server/kernel/money';

/** Decimals that are stored: 64 bits hold ten digits before them. Finer figures (floats written out) are rounded. */
const STORED_DECIMALS = 8;
const SCALE = 10n ** BigInt(12 - STORED_DECIMALS);

/** As it will be read back: half away from zero to the stored decimals. */
export const rounded = (value: Units): Units => divideHalfAway(value, SCALE) * SCALE;

/** A stored figure in units. */
export const unitsOf = (scaled: bigint): Units => scaled * SCALE;

/** A bar as it will be read back. */
export function storable(bar: Bar): Bar {
  const { open, high, low, close, volume } = bar;
  return {
    ...bar,
    open: rounded(open),
    high: rounded(high),
    low: rounded(low),
    close: rounded(close),
    volume: rounded(volume),
  };
}

/** Columns of the table from which a file is written: whole numbers, which are cheaper to hand over than decimals. */
export const RAW_COLUMNS =
  'start_ms BIGINT, end_ms BIGINT, open BIGINT, high BIGINT, low BIGINT, close BIGINT, volume BIGINT';

const decimal = (column: string) => `(${column}::DECIMAL(18,0) * 0.00000001::DECIMAL(9,8))::DECIMAL(18,8) AS ${column}`;

/** What turns {@link RAW_COLUMNS} into the columns of a bar file: times UTC, prices in dollars, volume in shares. */
export const STORED_COLUMNS = `make_timestamp_ms(start_ms)::TIMESTAMP_MS AS start_at, make_timestamp_ms(end_ms)::TIMESTAMP_MS AS end_at,
  ${['open', 'high', 'low', 'close', 'volume'].map(decimal).join(', ')}`;

/** Appends a row in the order of {@link RAW_COLUMNS}. @throws Error when a figure has more than ten digits before the point */
export function appendBar(appender: DuckDBAppender, bar: Bar): void {
  appender.appendBigInt(BigInt(bar.startMs));
  appender.appendBigInt(BigInt(bar.endMs));
  for (const value of [bar.open, bar.high, bar.low, bar.close, bar.volume])
    appender.appendBigInt(divideHalfAway(value, SCALE));
  appender.endRow();
}
