import type { Cell } from '../cell';
import { cancelling } from './cancelling';
import { filling } from './filling';
import { placing } from './placing';
import { publishing } from './publishing';
import { reconciling } from './reconciling';
import { doubt, sending } from './sending';

/** Every cell of the table. */
export const CELLS: readonly Cell[] = [sending, doubt, filling, placing, cancelling, publishing, reconciling];
