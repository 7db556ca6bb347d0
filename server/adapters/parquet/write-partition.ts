import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Bar } from '@/server/domain/exchange/types';
import { failpoint } from '@/server/kernel/failpoint';
import { appendBar, COLUMNS } from './columns';
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

/** A new folder is on disk only when the one that holds it is synced. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = path.dirname(made)) await sync(path.dirname(made));
}

/** What an import that died left behind. Only the holder of the right to write may call it. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith(TEMPORARY)) await rm(path.join(folder, name), { force: true });
  }
}

/**
 * Replaces a partition's file: written beside it, synced, then renamed over it. Dying in between leaves the file as it was.
 * @param bars all bars of the partition, oldest first
 * @returns bytes written
 */
export async function writePartition(
  connection: DuckDBConnection,
  file: string,
  bars: readonly Bar[],
): Promise<number> {
  const folder = path.dirname(file);
  await makeFolder(folder);
  await sweep(folder);
  await connection.run(`CREATE OR REPLACE TEMP TABLE writing (${COLUMNS})`);
  const appender = await connection.createAppender('writing', null, 'temp');
  for (const bar of bars) appendBar(appender, bar);
  appender.closeSync();
  const temporary = path.join(folder, `${randomBytes(6).toString('hex')}${TEMPORARY}`);
  await connection.run(
    `COPY (SELECT * FROM writing ORDER BY end_at) TO ${quoted(temporary)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${ROW_GROUP})`,
  );
  await sync(temporary);
  failpoint('history-temporary');
  await rename(temporary, file);
  await sync(folder);
  return (await stat(file)).size;
}
