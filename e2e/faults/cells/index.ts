import type { Cell } from '../cell';
import { doubt, sending } from './sending';

/** Every cell of the table, the longest first: they are played side by side. */
export const CELLS: readonly Cell[] = [sending, doubt];
