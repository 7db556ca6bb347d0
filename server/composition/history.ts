import path from 'node:path';
import { openTextFile } from '@/server/adapters/files/text-file';
import { createParquetBarStore } from '@/server/adapters/parquet/bar-store';
import { openParquetFile } from '@/server/adapters/parquet/parquet-source';
import type { BarStore } from '@/server/application/ports/bar-store';

export { openParquetFile, openTextFile };

/** Where the bars are, under the data folder. */
export const historyFolder = (dataDir: string): string => path.join(dataDir, 'history');

/** The bar history of a data folder. Close it. */
export const openHistory = (dataDir: string): BarStore => createParquetBarStore(historyFolder(dataDir));
