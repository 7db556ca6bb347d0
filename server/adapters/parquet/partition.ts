import path from 'node:path';
import { newYorkDate } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import type { Period } from '@/server/domain/market/period';

/** The one file of a partition. */
export const FILE = 'bars.parquet';

/**
 * The partition that a bar belongs to: minutes by New York date of their start, longer bars by year, named by its first of
 * January (a file a day would hold few rows).
 */
export const partitionOf = (period: Period, bar: Bar): string => partitionOn(period, newYorkDate(bar.startMs));

/** The partition of the bars that start on a New York date. */
export const partitionOn = (period: Period, date: string): string =>
  period === '1m' ? date : `${date.slice(0, 4)}-01-01`;

/** Folder of a period under the root: `1m`, `15m`, `1d` … */
export const periodFolder = (root: string, period: Period): string => path.join(root, period);

export const symbolFolder = (root: string, period: Period, symbol: string): string =>
  path.join(periodFolder(root, period), `symbol=${symbol}`);

export const partitionFile = (root: string, period: Period, symbol: string, date: string): string =>
  path.join(symbolFolder(root, period, symbol), `date=${date}`, FILE);
