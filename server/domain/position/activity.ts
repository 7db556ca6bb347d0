import { divideHalfAway, type Money, notional, type Units } from '@/server/kernel/money';
import {
  type AccountName,
  book,
  type Entry,
  type EntryKind,
  type Ledger,
  type Posting,
  positionOf,
  posting,
} from './ledger';
import type { Position } from './position';

/** What an activity is in the books. ADJUSTMENT: nothing that we know. */
export type ActivityCategory = Exclude<EntryKind, 'OPENING' | 'FILL' | 'AMENDMENT'>;

/** Cash or shares that moved without a trade, as an account's statement shows it. */
export interface Activity {
  /** Reference of its entry: unique for ever. */
  readonly ref: string;
  /** The broker's label, for notes. */
  readonly type: string;
  readonly category: ActivityCategory;
  readonly symbol: string | null;
  /** Cash in is positive; 0 for none. */
  readonly amount: Money;
  /** Shares that moved, in is positive; 0 for none. */
  readonly shares: Units;
  /** Price stated for the shares. */
  readonly price: Units | null;
  /** Links the legs of one event. */
  readonly groupId: string | null;
  readonly atMs: number;
}

/** Where the other side of cash is booked. */
const CASH_AGAINST: Readonly<Record<ActivityCategory, AccountName>> = {
  FEE: 'FEES',
  DIVIDEND: 'INCOME',
  INTEREST: 'INCOME',
  TRANSFER: 'CAPITAL',
  // Cash in lieu of shares is no trade: it never counts as trading profit.
  SPLIT: 'ADJUSTMENTS',
  ADJUSTMENT: 'ADJUSTMENTS',
};

const grows = (held: Position, qty: Units) => held.qty === 0n || held.qty < 0n === qty < 0n;

/** The part of a holding's cost that leaves with shares. Never more than all of it. */
function costLeaving(held: Position, qty: Units): Money {
  const left = held.qty + qty;
  if (left === 0n || left < 0n !== held.qty < 0n) return held.cost;
  return held.cost - divideHalfAway(held.cost * left, held.qty);
}

export interface ActivityEntry {
  readonly activity: Activity;
  readonly entry: Entry;
  /** What a person should know of it; null for nothing. */
  readonly note: string | null;
}

interface Moved {
  readonly cost: Money;
  readonly note: string | null;
}

/** Cost that shares bring or take, and the cost that the other legs of its event have taken so far. */
function costMoved(held: Position, activity: Activity, qty: Units, carried: Money, hasArrivals: boolean): Moved {
  const kind = activity.category;
  if (!grows(held, qty)) {
    // A split stated as a difference only: fewer shares at the same cost.
    const staysWhole = kind === 'SPLIT' && !hasArrivals && held.qty + qty !== 0n;
    if (staysWhole) return { cost: 0n, note: null };
    const cost = -costLeaving(held, qty);
    const lost = kind === 'SPLIT' && !hasArrivals && cost !== 0n;
    return { cost, note: lost ? 'the shares went and none came: their cost became an adjustment' : null };
  }
  if (kind === 'SPLIT' || kind === 'DIVIDEND') return { cost: carried, note: null };
  if (kind !== 'TRANSFER') return { cost: 0n, note: null };
  if (activity.price === null || activity.price === 0n) {
    return { cost: 0n, note: 'shares came without a price: they are held at no cost' };
  }
  return { cost: notional(qty, activity.price), note: null };
}

interface Leg {
  readonly built: ActivityEntry;
  readonly ledger: Ledger;
  /** Cost that left the holding, for the legs that follow. */
  readonly left: Money;
}

function bookLeg(ledger: Ledger, activity: Activity, carried: Money, hasArrivals: boolean): Leg {
  const { category: kind, symbol, amount, shares, type } = activity;
  const postings: Posting[] = [];
  if (amount !== 0n) postings.push(posting('CASH', amount), posting(CASH_AGAINST[kind], -amount));
  let note = kind === 'ADJUSTMENT' ? `type ${type} is not known: booked as an adjustment` : null;
  let left = 0n;
  if (shares !== 0n && symbol === null) note = `${type} moved shares of no symbol: they are not booked`;
  else if (shares !== 0n && symbol !== null) {
    const moved = costMoved(positionOf(ledger, symbol), activity, shares, carried, hasArrivals);
    const against = kind === 'TRANSFER' ? 'CAPITAL' : 'ADJUSTMENTS';
    postings.push(posting('POSITION', moved.cost, symbol, shares), posting(against, -moved.cost, symbol));
    note ??= moved.note;
    if (!grows(positionOf(ledger, symbol), shares)) left = -moved.cost;
  }
  const entry: Entry = { kind, ref: activity.ref, postings };
  return { built: { activity, entry, note }, ledger: book(ledger, entry), left };
}

/** Legs of one event: by the broker's link, else those of one type, symbol and moment. */
function eventOf(activity: Activity): string {
  if (activity.category !== 'SPLIT') return activity.ref;
  return activity.groupId ?? `${activity.type} ${activity.symbol ?? ''} ${activity.atMs}`;
}

function bookEvent(ledger: Ledger, legs: readonly Activity[]): { ledger: Ledger; built: readonly ActivityEntry[] } {
  const departs = ({ symbol, shares }: Activity) =>
    symbol !== null && shares !== 0n && !grows(positionOf(ledger, symbol), shares);
  const ordered = [...legs.filter(departs), ...legs.filter((each) => !departs(each))];
  const hasArrivals = ordered.some((each) => !departs(each) && each.shares !== 0n);
  let state = ledger;
  let carried = 0n;
  const built: ActivityEntry[] = [];
  for (const activity of ordered) {
    const arrives = !departs(activity) && activity.shares !== 0n;
    const leg = bookLeg(state, activity, arrives ? carried : 0n, hasArrivals);
    carried = arrives ? 0n : carried + leg.left;
    state = leg.ledger;
    built.push(leg.built);
  }
  return { ledger: state, built };
}

/**
 * The entries of activities, in double entry. A split changes quantities and leaves the cost; shares that change their symbol
 * take their cost along; transfers come at the stated price and leave at their average cost; nothing here is trading profit.
 * @param ledger the holdings before
 */
export function activityEntries(ledger: Ledger, activities: readonly Activity[]): readonly ActivityEntry[] {
  const events = new Map<string, Activity[]>();
  for (const each of activities) events.set(eventOf(each), [...(events.get(eventOf(each)) ?? []), each]);
  let state = ledger;
  return [...events.values()].flatMap((legs) => {
    const booked = bookEvent(state, legs);
    state = booked.ledger;
    return booked.built;
  });
}

/** Takes entries back: the sum of their postings, turned around. */
export function reversalEntry(kind: EntryKind, ref: string, booked: readonly Posting[]): Entry {
  const sums = new Map<string, Posting>();
  for (const { account, symbol, amount, qty } of booked) {
    const key = `${account}:${symbol ?? ''}`;
    const sum = sums.get(key) ?? posting(account, 0n, symbol);
    sums.set(key, { ...sum, amount: sum.amount - amount, qty: sum.qty - qty });
  }
  return { kind, ref, postings: [...sums.values()].filter(({ amount, qty }) => amount !== 0n || qty !== 0n) };
}
