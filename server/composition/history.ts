import path from 'node:path';
import { readTextFile } from '@/server/adapters/files/text-file';
import { createParquetBarStore } from '@/server/adapters/parquet/bar-store';
import { readBarParquet } from '@/server/adapters/parquet/read-bar-parquet';
import type { BarStore } from '@/server/application/ports/bar-store';

export { readBarParquet, readTextFile };

/** Where the bars are, under the data folder. */
export const historyFolder = (dataDir: string): string => path.join(dataDir, 'history');

/** The bar history of a data folder. Close it. */
export const openHistory = (dataDir: string): BarStore => createParquetBarStore(historyFolder(dataDir));
