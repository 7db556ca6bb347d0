import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import {
  type DuckDBConnection,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBTimestampMillisecondsValue,
} from '@duckdb/node-api';
import { newYorkDate } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';

const COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const;

function sync(file: string): void {
  const handle = openSync(file, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

/** What somebody would write with the DuckDB client alone, for comparison: one thread as well. */
export class ByHand {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  static async open(): Promise<ByHand> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    return new ByHand(instance, await instance.connect());
  }

  /** A file a day, synced. */
  async write(root: string, bars: readonly Bar[]): Promise<void> {
    const days = new Map<string, Bar[]>();
    for (const bar of bars) {
      const date = newYorkDate(bar.startMs);
      const day = days.get(date);
      if (day === undefined) days.set(date, [bar]);
      else day.push(bar);
    }
    const columns = COLUMNS.map((name) => `${name} DECIMAL(18,8)`).join(', ');
    for (const [date, day] of days) {
      await this.connection.run(
        `CREATE OR REPLACE TEMP TABLE day (start_at TIMESTAMP_MS, end_at TIMESTAMP_MS, ${columns})`,
      );
      const appender = await this.connection.createAppender('day', null, 'temp');
      for (const bar of day) {
        appender.appendTimestampMilliseconds(new DuckDBTimestampMillisecondsValue(BigInt(bar.startMs)));
        appender.appendTimestampMilliseconds(new DuckDBTimestampMillisecondsValue(BigInt(bar.endMs)));
        for (const name of COLUMNS) appender.appendDecimal(new DuckDBDecimalValue(bar[name] / 10_000n, 18, 8));
        appender.endRow();
      }
      appender.closeSync();
      const file = path.join(root, `symbol=SPY/date=${date}/bars.parquet`);
      mkdirSync(path.dirname(file), { recursive: true });
      await this.connection.run(`COPY day TO '${file}' (FORMAT parquet, COMPRESSION snappy)`);
      sync(file);
      sync(path.dirname(file));
    }
  }

  /** Rows of these dates as plain objects. @returns how many */
  async read(root: string, dates: readonly string[]): Promise<number> {
    const files = dates.map((date) => `'${path.join(root, `1m/symbol=SPY/date=${date}/bars.parquet`)}'`).join(', ');
    const result = await this.connection.runAndReadAll(`SELECT * FROM read_parquet([${files}]) ORDER BY end_at`);
    return result.getRowObjectsJS().length;
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}
