import type { IdScheme } from '../ids';
import type { SimSide } from '../journal/records';
import { PackedLog } from '../store/packed-log';
import type { SimStatus } from './order';

/** A fill or a fee, numbered from 1 over the account's life. Quantities and amounts are decimal texts. */
export type Activity =
  | {
      readonly kind: 'FILL';
      readonly orderSeq: number;
      readonly atMs: number;
      readonly symbol: string;
      readonly side: SimSide;
      readonly qty: string;
      readonly price: string;
      readonly cumQty: string;
      readonly leavesQty: string;
      readonly orderStatus: SimStatus;
    }
  | {
      readonly kind: 'FEE';
      readonly orderSeq: number;
      readonly atMs: number;
      readonly symbol: string;
      readonly netAmount: string;
    };

/** Everything that moved cash or shares, in order, packed outside the heap. */
export class ActivityLog {
  private readonly ids: IdScheme;
  private readonly packed = new PackedLog();

  constructor(ids: IdScheme) {
    this.ids = ids;
  }

  get size(): number {
    return this.packed.size;
  }

  /** The id that the next activity will have; an execution id is the id of its fill. */
  nextId(): string {
    return this.ids.idOf('activity', this.size + 1);
  }

  idOf(number: number): string {
    return this.ids.idOf('activity', number);
  }

  append(activity: Activity): void {
    this.packed.append(JSON.stringify(activity));
  }

  /** @throws RangeError when there is no such number */
  read(number: number): Activity {
    const activity: Activity = JSON.parse(this.packed.read(number - 1));
    return activity;
  }

  /** The number of `yyyymmddHHMMSSmmm::uuid`, or null when it names no activity of this account. */
  numberOf(token: string): number | null {
    const separator = token.indexOf('::');
    const number = this.ids.seqOf('activity', token.slice(separator + 2));
    return separator === -1 || number === null || number > this.size ? null : number;
  }
}

/** An activity's id as Alpaca writes it: its time to the millisecond (UTC), then its own id. */
export function activityId(atMs: number, id: string): string {
  return `${new Date(atMs).toISOString().replace(/[-:.TZ]/g, '')}::${id}`;
}
