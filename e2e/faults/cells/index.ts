import type { Cell } from '../cell';
import { replies, storm } from './answers';
import { broker } from './broker';
import { cancelling } from './cancelling';
import { clock } from './clock';
import { database, disk } from './database';
import { nats, redis } from './engines';
import { refusedCancel, washTrade } from './exits';
import { filling } from './filling';
import { halted, halting } from './halting';
import { placing } from './placing';
import { publishing } from './publishing';
import { reconciling } from './reconciling';
import { doubt, sending } from './sending';
import { haltedStops, stops } from './stops';
import { stream } from './stream';
import { anywhere, sleepers, two } from './workers';

/** Every cell of the table. */
export const CELLS: readonly Cell[] = [
  placing,
  sending,
  doubt,
  filling,
  cancelling,
  refusedCancel,
  washTrade,
  stops,
  haltedStops,
  publishing,
  reconciling,
  halting,
  halted,
  anywhere,
  replies,
  storm,
  stream,
  broker,
  sleepers,
  two,
  clock,
  database,
  disk,
  nats,
  redis,
];
