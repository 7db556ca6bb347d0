import { type DuckDBAppender, DuckDBDecimalValue, DuckDBTimestampMillisecondsValue } from '@duckdb/node-api';
import type { Bar } from '@/server/domain/exchange/types';
import { divideHalfAway, type Units } from '@/server/kernel/money';

/** Decimals that are stored: 64 bits hold ten digits before them. Finer figures (floats written out) are rounded. */
export const STORED_DECIMALS = 8;
const SCALE = 10n ** BigInt(12 - STORED_DECIMALS);
const WIDTH = 18;

/** Columns of a bar file, in order. Prices in dollars, volume in shares, times UTC. */
export const COLUMNS = `start_at TIMESTAMP_MS, end_at TIMESTAMP_MS, open DECIMAL(18,8), high DECIMAL(18,8), low DECIMAL(18,8),
  close DECIMAL(18,8), volume DECIMAL(18,8)`;

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

/** Appends a row in the order of {@link COLUMNS}. @throws Error when a figure has more than ten digits before the point */
export function appendBar(appender: DuckDBAppender, bar: Bar): void {
  appender.appendTimestampMilliseconds(new DuckDBTimestampMillisecondsValue(BigInt(bar.startMs)));
  appender.appendTimestampMilliseconds(new DuckDBTimestampMillisecondsValue(BigInt(bar.endMs)));
  for (const value of [bar.open, bar.high, bar.low, bar.close, bar.volume])
    appender.appendDecimal(new DuckDBDecimalValue(divideHalfAway(value, SCALE), WIDTH, STORED_DECIMALS));
  appender.endRow();
}
