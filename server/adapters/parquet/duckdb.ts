import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { HistoryBusyError } from '@/server/application/ports/bar-store';

/**
 * One thread: files come out the same byte for byte, and a query of a day is not worth a second. Nothing is fetched from
 * elsewhere, and nothing of a file is kept: it may have been replaced since.
 */
const OPTIONS = {
  threads: '1',
  memory_limit: '256MB',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  enable_external_file_cache: 'false',
};

export interface Duck {
  readonly connection: DuckDBConnection;
  close(): void;
}

async function connect(location: string): Promise<Duck> {
  const instance = await DuckDBInstance.create(location, OPTIONS);
  const connection = await instance.connect();
  return {
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** For reading. */
export const openReader = (): Promise<Duck> => connect(':memory:');

/**
 * For writing: a DuckDB file in the root stands for the right to write there. The operating system holds its lock for the
 * process and frees it however the process ends. @throws HistoryBusyError
 */
export async function openWriter(root: string): Promise<Duck> {
  await mkdir(root, { recursive: true });
  try {
    return await connect(path.join(root, 'writer.duckdb'));
  } catch (error) {
    if (error instanceof Error && /lock/i.test(error.message))
      throw new HistoryBusyError(`another process is writing to the history in ${root}: try again when it is done`);
    throw error;
  }
}
