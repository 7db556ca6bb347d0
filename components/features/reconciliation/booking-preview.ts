import { prepareSides } from './prepare-sides';

interface Difference {
  readonly symbol: string;
  readonly cause: string;
  readonly ours: Readonly<Record<string, unknown>>;
  readonly theirs: Readonly<Record<string, unknown>>;
}

/** What accepting the broker's figures would change here. */
export interface BookingPreview {
  readonly from: string;
  readonly to: string;
  /** The broker's less ours, with its sign. */
  readonly change: string;
  readonly what: 'cash' | 'shares';
}

const FIELD: Readonly<Record<string, readonly [field: string, what: BookingPreview['what']]>> = {
  POSITION_MISMATCH: ['qty', 'shares'],
  CASH_MISMATCH: ['cash', 'cash'],
};

function turned(difference: string): string {
  return difference.startsWith('-') ? `+${difference.slice(1)}` : `-${difference}`;
}

/** Null where there are no figures that could be accepted: the break is then only answered for. */
export function bookingPreview({ cause, ours, theirs }: Difference): BookingPreview | null {
  const [field, what] = FIELD[cause] ?? [];
  if (field === undefined || what === undefined) return null;
  const row = prepareSides({ [field]: ours[field] }, { [field]: theirs[field] })[0];
  if (row === undefined || !row.differs || row.difference === null) return null;
  return { from: row.ours, to: row.theirs, change: turned(row.difference), what };
}
