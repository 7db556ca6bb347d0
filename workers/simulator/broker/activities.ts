import { newYorkOffsetMs } from '@/server/domain/calendar';
import type { IdScheme } from '../ids';
import { PackedLog } from '../store/packed-log';

/** A fill, a fee or what moved without a trade, numbered from 1 over the account's life. Quantities and amounts are decimal texts. */
export type Activity =
  | {
      readonly kind: 'FILL';
      readonly orderSeq: number;
      readonly atMs: number;
      readonly qty: string;
      readonly price: string;
      readonly cumQty: string;
      readonly leavesQty: string;
    }
  | { readonly kind: 'FEE'; readonly orderSeq: number; readonly atMs: number; readonly netAmount: string }
  | NonTradeActivity;

/** Cash or shares that moved without a trade. */
export interface NonTradeActivity {
  readonly kind: 'NON_TRADE';
  readonly activityType: string;
  readonly subType: string | null;
  readonly symbol: string | null;
  readonly qty: string | null;
  readonly price: string | null;
  readonly netAmount: string;
  readonly groupId: string | null;
  readonly atMs: number;
}

/** An activity without the names of its fields, recognised by their number; what is rare keeps its names. */
type Packed =
  | readonly [orderSeq: number, atMs: number, qty: string, price: string, cumQty: string, leavesQty: string]
  | readonly [orderSeq: number, atMs: number, netAmount: string]
  | readonly [NonTradeActivity];

function pack(activity: Activity): string {
  if (activity.kind === 'NON_TRADE') return JSON.stringify([activity] satisfies Packed);
  const { orderSeq, atMs } = activity;
  const packed: Packed =
    activity.kind === 'FEE'
      ? [orderSeq, atMs, activity.netAmount]
      : [orderSeq, atMs, activity.qty, activity.price, activity.cumQty, activity.leavesQty];
  return JSON.stringify(packed);
}

function unpack(text: string): Activity {
  const packed: Packed = JSON.parse(text);
  if (packed.length === 1) return packed[0];
  if (packed.length === 3) return { kind: 'FEE', orderSeq: packed[0], atMs: packed[1], netAmount: packed[2] };
  const [orderSeq, atMs, qty, price, cumQty, leavesQty] = packed;
  return { kind: 'FILL', orderSeq, atMs, qty, price, cumQty, leavesQty };
}

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
    this.packed.append(pack(activity));
  }

  /** @throws RangeError when there is no such number */
  read(number: number): Activity {
    return unpack(this.packed.read(number - 1));
  }

  /** The number of `yyyymmddHHMMSSmmm::uuid`, or null when it names no activity of this account. */
  numberOf(token: string): number | null {
    const separator = token.indexOf('::');
    const number = this.ids.seqOf('activity', token.slice(separator + 2));
    return separator === -1 || number === null || number > this.size ? null : number;
  }
}

/** An activity's id as Alpaca writes it: its time in New York to the millisecond, then its own id. */
export function activityId(atMs: number, id: string): string {
  return `${new Date(atMs + newYorkOffsetMs(atMs)).toISOString().replace(/[-:.TZ]/g, '')}::${id}`;
}
