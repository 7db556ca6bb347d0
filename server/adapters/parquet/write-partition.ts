import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Bar } from '@/server/domain/exchange/types';
import { failpoint } from '@/server/kernel/failpoint';
import { appendBar, RAW_COLUMNS, STORED_COLUMNS } from './columns';
import { quoted } from './sql';

/** Rows of a group: a reader skips the groups that a question does not touch. */
const ROW_GROUP = 20_480;
const TEMPORARY = '.tmp';

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder. @returns the folders whose new entries must be synced before it is on disk */
async function makeFolder(folder: string): Promise<string[]> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return [];
  const parents: string[] = [];
  for (let made = folder; made.length >= first.length; made = path.dirname(made)) parents.push(path.dirname(made));
  return parents;
}

/** What an import that died left behind. Only the holder of the right to write may call it. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith(TEMPORARY)) await rm(path.join(folder, name), { force: true });
  }
}

export interface Partition {
  readonly file: string;
  /** All bars of the partition, oldest first. */
  readonly bars: readonly Bar[];
}

/** Writes a partition beside its file. */
async function stage(connection: DuckDBConnection, { file, bars }: Partition): Promise<string> {
  const folder = path.dirname(file);
  await sweep(folder);
  await connection.run(`CREATE OR REPLACE TEMP TABLE writing (${RAW_COLUMNS})`);
  const appender = await connection.createAppender('writing', null, 'temp');
  for (const bar of bars) appendBar(appender, bar);
  appender.closeSync();
  const temporary = path.join(folder, `${randomBytes(6).toString('hex')}${TEMPORARY}`);
  await connection.run(
    `COPY (SELECT ${STORED_COLUMNS} FROM writing ORDER BY end_ms) TO ${quoted(temporary)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${ROW_GROUP})`,
  );
  return temporary;
}

/**
 * Replaces the files of partitions: each is written beside its file, synced, then renamed over it. Dying in between leaves a file
 * as it was. The disk syncs many files at once in little more time than one.
 * @returns bytes written
 */
export async function writePartitions(connection: DuckDBConnection, partitions: readonly Partition[]): Promise<number> {
  const parents = new Set<string>();
  const staged: { readonly temporary: string; readonly file: string }[] = [];
  for (const partition of partitions) {
    for (const parent of await makeFolder(path.dirname(partition.file))) parents.add(parent);
    staged.push({ temporary: await stage(connection, partition), file: partition.file });
  }
  await Promise.all([...parents, ...staged.map(({ temporary }) => temporary)].map(sync));
  for (const { temporary, file } of staged) {
    failpoint('history-temporary');
    await rename(temporary, file);
  }
  await Promise.all(staged.map(({ file }) => sync(path.dirname(file))));
  const sizes = await Promise.all(staged.map(async ({ file }) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
