import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { openOnce } from '@/server/application/history/open-once';
import {
  type AddOptions,
  type BarHolding,
  type BarRange,
  type BarStore,
  BarsDifferError,
  type BarsWritten,
  type BarWriter,
} from '@/server/application/ports/bar-store';
import { newYorkDate } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { type BarConflict, mergeBars } from '@/server/domain/market/merge-bars';
import { PERIODS, type Period } from '@/server/domain/market/period';
import { storable } from './columns';
import { openReader, openWriter } from './duckdb';
import { partitionFile, partitionOf, partitionOn, periodFolder, symbolFolder } from './partition';
import { readPartitions } from './read-partitions';
import { fileList } from './sql';
import { writePartitions } from './write-partition';

const HOUR_MS = 3_600_000;

/** Partitions of one query, where only some of the bars are wanted: a fortnight of minutes. */
const STEP_FILES = 10;

/** Files that are synced together. */
const FILES_AT_ONCE = 64;

/** What stands after `=` in the names of a history's folders. Others that lie about are not the history's. */
const VALUE = { symbol: /^symbol=([A-Z][A-Z0-9.-]{0,11})$/, date: /^date=(\d{4}-\d{2}-\d{2})$/ };

/** Values of the folders `KEY=value` in a folder, sorted; none where there is no such folder. */
async function values(folder: string, key: keyof typeof VALUE): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.flatMap((name) => VALUE[key].exec(name)?.[1] ?? []).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

interface Change {
  readonly file: string;
  readonly bars: readonly Bar[];
  readonly added: number;
}

/** Bars in Parquet: `<root>/<period>/symbol=<S>/date=<D>/bars.parquet`, written by DuckDB, one writer at a time. */
export function createParquetBarStore(root: string): BarStore {
  const reader = openOnce(openReader);
  let last: Promise<unknown> = Promise.resolve();
  const reading = async (): Promise<DuckDBConnection> => (await reader.get()).connection;

  /** Those partitions that are there, of these dates. */
  async function files(period: Period, symbol: string, dates: readonly string[]) {
    const found = await Promise.all(
      dates.map(async (date) => {
        const file = partitionFile(root, period, symbol, date);
        const bytes = await sizeOf(file);
        return bytes === null ? [] : [{ file, bytes }];
      }),
    );
    return found.flat();
  }

  const datesOf = (period: Period, symbol: string) => values(symbolFolder(root, period, symbol), 'date');

  /** Bars of these partitions. DuckDB is not even loaded where there are none. */
  async function readDates(dates: readonly string[], { symbol, period, afterMs, untilMs }: BarRange): Promise<Bar[]> {
    const found = await files(period, symbol, dates);
    if (found.length === 0) return [];
    const names = found.map(({ file }) => file);
    return readPartitions(await reading(), symbol, names, afterMs, untilMs);
  }

  async function read(range: BarRange): Promise<Bar[]> {
    const { symbol, period, afterMs, untilMs, limit } = range;
    // Partitions go by a bar's start, which is at most an hour before an end that is asked for; a session ends on its own date.
    const from = afterMs === null ? '' : partitionOn(period, newYorkDate(afterMs - HOUR_MS));
    const to = untilMs === null ? '9999' : partitionOn(period, newYorkDate(untilMs));
    const dates = (await datesOf(period, symbol)).filter((date) => date >= from && date <= to);
    if (limit === undefined) return readDates(dates, range);
    const bars: Bar[] = [];
    while (dates.length > 0 && bars.length < limit.bars) {
      if (limit.of === 'oldest') bars.push(...(await readDates(dates.splice(0, STEP_FILES), range)));
      else bars.unshift(...(await readDates(dates.splice(-STEP_FILES), range)));
    }
    return limit.of === 'oldest' ? bars.slice(0, limit.bars) : bars.slice(-limit.bars);
  }

  async function holding(period: Period, symbol: string): Promise<BarHolding | null> {
    const held = await files(period, symbol, await datesOf(period, symbol));
    if (held.length === 0) return null;
    const connection = await reading();
    const list = fileList(held.map(({ file }) => file));
    const result = await connection.runAndReadAll(
      `SELECT count(*)::INTEGER, epoch_ms(min(start_at))::DOUBLE, epoch_ms(max(end_at))::DOUBLE FROM read_parquet(${list}, hive_partitioning = false)`,
    );
    const [bars, fromMs, toMs] = (result.getRows()[0] ?? []).map(Number);
    const bytes = held.reduce((sum, each) => sum + each.bytes, 0);
    return { symbol, period, bars: bars ?? 0, fromMs: fromMs ?? 0, toMs: toMs ?? 0, files: held.length, bytes };
  }

  /** What each partition becomes. @throws BarsDifferError when any stored bar has other figures */
  async function plan(connection: DuckDBConnection, period: Period, bars: readonly Bar[]): Promise<Change[]> {
    const changes: Change[] = [];
    const conflicts: BarConflict[] = [];
    for (const [date, incoming] of byPartition(period, bars)) {
      const symbol = incoming[0]?.symbol ?? '';
      const file = partitionFile(root, period, symbol, date);
      const there = (await sizeOf(file)) !== null;
      const stored = there ? await readPartitions(connection, symbol, [file]) : [];
      const merged = mergeBars(stored, incoming);
      conflicts.push(...merged.conflicts);
      changes.push({ file, bars: merged.bars, added: merged.added });
    }
    if (conflicts.length > 0) throw new BarsDifferError(conflicts);
    return changes;
  }

  async function write(
    connection: DuckDBConnection,
    period: Period,
    bars: readonly Bar[],
    options: AddOptions,
  ): Promise<BarsWritten> {
    const changes = await plan(connection, period, bars.map(storable));
    const due = changes.filter(({ added }) => added > 0);
    const added = due.reduce((sum, change) => sum + change.added, 0);
    let bytes = 0;
    if (options.dryRun !== true)
      for (let at = 0; at < due.length; at += FILES_AT_ONCE)
        bytes += await writePartitions(connection, due.slice(at, at + FILES_AT_ONCE));
    return { added, same: bars.length - added, files: due.length, bytes };
  }

  async function replace(
    connection: DuckDBConnection,
    period: Period,
    removed: readonly Bar[],
    added: readonly Bar[],
  ): Promise<void> {
    const gone = byPartition(period, removed);
    const come = byPartition(period, added.map(storable));
    const symbol = removed[0]?.symbol ?? added[0]?.symbol ?? '';
    const conflicts: BarConflict[] = [];
    const changes: { readonly file: string; readonly bars: readonly Bar[] }[] = [];
    for (const date of new Set([...gone.keys(), ...come.keys()])) {
      const file = partitionFile(root, period, symbol, date);
      const ends = new Set((gone.get(date) ?? []).map(({ endMs }) => endMs));
      const stored = (await sizeOf(file)) === null ? [] : await readPartitions(connection, symbol, [file]);
      const merged = mergeBars(
        stored.filter(({ endMs }) => !ends.has(endMs)),
        come.get(date) ?? [],
      );
      conflicts.push(...merged.conflicts);
      changes.push({ file, bars: merged.bars });
    }
    if (conflicts.length > 0) throw new BarsDifferError(conflicts);
    await writePartitions(
      connection,
      changes.filter(({ bars }) => bars.length > 0),
    );
    for (const { file, bars } of changes) if (bars.length === 0) await rm(path.dirname(file), { recursive: true });
  }

  /** The lock is the process's: within it, one after the other. */
  function writing<T>(work: (writer: BarWriter) => Promise<T>): Promise<T> {
    const done = last.then(async () => {
      const { connection, close } = await openWriter(root);
      try {
        return await work({
          add: (period, bars, options = {}) => write(connection, period, bars, options),
          replace: (period, removed, added) => replace(connection, period, removed, added),
        });
      } finally {
        close();
      }
    });
    last = done.catch(() => undefined);
    return done;
  }

  return {
    read,
    storable,

    async has(symbol) {
      for (const period of PERIODS) if ((await datesOf(period, symbol)).length > 0) return true;
      return false;
    },

    async holdings() {
      const found: BarHolding[] = [];
      for (const period of PERIODS) {
        for (const symbol of await values(periodFolder(root, period), 'symbol')) {
          const each = await holding(period, symbol);
          if (each !== null) found.push(each);
        }
      }
      return found;
    },

    writing,
    add: (period, bars, options) => writing((writer) => writer.add(period, bars, options)),

    async close() {
      (await reader.take())?.close();
    },
  };
}

function byPartition(period: Period, bars: readonly Bar[]): Map<string, Bar[]> {
  const parts = new Map<string, Bar[]>();
  for (const bar of bars) {
    const date = partitionOf(period, bar);
    const part = parts.get(date);
    if (part === undefined) parts.set(date, [bar]);
    else part.push(bar);
  }
  return parts;
}
