import type { BenchHost } from './support/host';
import type { BenchOptions } from './support/options';
import type { BenchServer } from './support/server';

/** What every group of rows is given. */
export interface BenchContext {
  readonly host: BenchHost;
  readonly options: BenchOptions;
  /** The run's PostgreSQL, started when it is first asked for. */
  server(): Promise<BenchServer>;
  /** A line for the person who waits. */
  progress(line: string): void;
}
