import { retryPauseMs } from '@/server/domain/exit/next-step';
import { formatUnits, minUnits, ONE, type Units } from '@/server/kernel/money';

/**
 * What protects a symbol, and what is done about it next (S-2 to S-5). An entry that states a stop is owed one for the shares that it
 * brought and that are still held. Its stop is an order of its own, placed when the entry has ended: a broker takes no stop beside an
 * order of the other side.
 */

/** The rest of an entry that was filled in part is cancelled so long after its first fill (S-2). */
export const PARTIAL_ENTRY_MS = 5_000;
/** A position may be without its stop for this long, in market hours, before a person is alerted (S-4). */
export const UNPROTECTED_ALERT_MS = 5_000;

/** A stop of an entry that has not ended. */
export interface OpenStop {
  readonly id: string;
  readonly leaves: Units;
  /** Whether the broker works it. */
  readonly works: boolean;
  readonly cancelRequested: boolean;
}

/** An entry that states a stop. */
export interface ProtectedEntry {
  readonly id: string;
  /** Dollars per share. */
  readonly stopPrice: Units;
  /** Shares that it has filled since the position was opened. */
  readonly filledQty: Units;
  /** Of them, shares that its own stops have closed. */
  readonly stoppedQty: Units;
  /** Whether it may still fill. */
  readonly live: boolean;
  readonly cancelRequested: boolean;
  /** Since its first fill; null where nothing has filled. */
  readonly firstFillAgoMs: number | null;
  readonly stops: readonly OpenStop[];
  /** Stops that ended in a row without ever having worked, and how the last one ended. */
  readonly failures: number;
  readonly lastFailure: { readonly why: string; readonly agoMs: number } | null;
}

/** What our side knows of one symbol, all of one moment. */
export interface ProtectionView {
  readonly symbol: string;
  /** Oldest first. */
  readonly entries: readonly ProtectedEntry[];
  /** Shares of our books; none is protected where the position is short. */
  readonly held: Units;
  /** Shares that other working orders will sell. */
  readonly closingQty: Units;
  /** Whether an order that buys the symbol may still fill. */
  readonly buying: boolean;
  /** An exit closes the symbol: it ends the stops that are in its way. */
  readonly exiting: boolean;
  /** Whether orders may be sent: not between a halt and its verification, when everything is being cancelled (H-3). */
  readonly mayPlace: boolean;
  readonly marketOpen: boolean;
  /** Dollars per share; null without a live quote. */
  readonly bid: Units | null;
}

export interface StopPlacement {
  readonly entryId: string;
  readonly qty: Units;
  readonly stopPrice: Units;
  /** Fractions of a share are ordered for the day alone (S-3). */
  readonly timeInForce: 'DAY' | 'GTC';
}

export interface ProtectionStep {
  /** Orders whose cancel is requested now. */
  readonly cancel: readonly string[];
  readonly place: readonly StopPlacement[];
  /** Shares that are closed at once: the market has passed the price of their stop. */
  readonly exitQty: Units;
  /** Shares that are owed a stop. */
  readonly owedQty: Units;
  /** Shares that working stops would sell. */
  readonly protectedQty: Units;
  /** Prices of the stops of entries whose shares are held, lowest first. */
  readonly stopPrices: readonly Units[];
  /** Why less works than is owed, for people; null where nothing is missing. */
  readonly missing: string | null;
}

const most = (a: Units, b: Units): Units => (a > b ? a : b);

const workingQty = ({ stops }: ProtectedEntry): Units =>
  stops.reduce((sum, { works, leaves }) => (works ? sum + leaves : sum), 0n);

/** Shares that stops which have not ended could still sell. */
const openQty = ({ entries }: ProtectionView): Units =>
  entries.flatMap(({ stops }) => stops).reduce((sum, { leaves }) => sum + leaves, 0n);

/** Shares of each entry that are still held. What was closed by other orders is taken from the oldest entries. */
function owedQtys({ entries, held }: Pick<ProtectionView, 'entries' | 'held'>): Map<string, Units> {
  const brought = entries.map(({ id, filledQty, stoppedQty }) => ({ id, qty: most(0n, filledQty - stoppedQty) }));
  let closed = brought.reduce((sum, { qty }) => sum + qty, 0n) - most(0n, held);
  const owed = new Map<string, Units>();
  for (const { id, qty } of brought) {
    const taken = most(0n, minUnits(qty, closed));
    closed -= taken;
    owed.set(id, qty - taken);
  }
  return owed;
}

/** Entries whose rest is cancelled: a share that is held must not wait for its stop longer than this. */
function overdue({ entries }: ProtectionView): string[] {
  return entries
    .filter(({ live, cancelRequested, firstFillAgoMs }) => {
      return live && !cancelRequested && firstFillAgoMs !== null && firstFillAgoMs >= PARTIAL_ENTRY_MS;
    })
    .map(({ id }) => id);
}

/** What keeps the entry's next stop from being placed now; null when nothing does. */
function obstacle(view: ProtectionView, entry: ProtectedEntry, timeInForce: 'DAY' | 'GTC'): string | null {
  if (view.exiting) return 'the exit of the position to end';
  if (!view.mayPlace) return 'the halt to be verified';
  if (entry.stops.some(({ works, cancelRequested }) => !works || cancelRequested)) return "the broker's answer";
  if (entry.live) return 'the entry to end';
  if (view.buying) return 'the end of an order that buys the symbol';
  if (timeInForce === 'DAY' && !view.marketOpen) return 'the market to open';
  const { failures, lastFailure } = entry;
  if (lastFailure !== null && lastFailure.agoMs < retryPauseMs(failures)) {
    return `another attempt (last attempt: ${lastFailure.why})`;
  }
  return null;
}

const afterFailure = ({ lastFailure }: ProtectedEntry) =>
  lastFailure === null ? '' : ` (last attempt: ${lastFailure.why})`;

/** The next step for one symbol. Pure. */
export function nextProtectionStep(view: ProtectionView): ProtectionStep {
  const owed = owedQtys(view);
  const owedOf = ({ id }: ProtectedEntry): Units => owed.get(id) ?? 0n;
  const cancel = view.exiting ? [] : overdue(view);
  const place: StopPlacement[] = [];
  let exitQty = 0n;
  let missing: string | null = null;
  let owedQty = 0n;
  let protectedQty = 0n;
  // Shares that another order is about to close need no stop; none may be sold twice, not even by a stop that is being cancelled.
  let free = most(0n, view.held - view.closingQty - openQty(view));
  for (const entry of view.entries) {
    const owing = owedOf(entry);
    const working = workingQty(entry);
    owedQty += owing;
    protectedQty += minUnits(working, owing);
    if (working > owing && !view.exiting) {
      cancel.push(...entry.stops.filter(({ cancelRequested }) => !cancelRequested).map(({ id }) => id));
    }
    const lacking = owing - working;
    if (lacking <= 0n) continue;
    const qty = minUnits(lacking, free);
    const timeInForce = owing % ONE === 0n ? 'GTC' : 'DAY';
    const waitsFor = obstacle(view, entry, timeInForce);
    if (waitsFor !== null || qty === 0n) {
      missing ??= waitsFor ?? 'the end of another order that would sell the shares';
      continue;
    }
    free -= qty;
    const { id: entryId, stopPrice } = entry;
    const passed = view.marketOpen && view.bid !== null && view.bid <= stopPrice;
    if (passed) exitQty += qty;
    else place.push({ entryId, qty, stopPrice, timeInForce });
    missing ??= passed
      ? `its exit: the market is at or below the stop at ${formatUnits(stopPrice)}`
      : `its stop at ${formatUnits(stopPrice)} to be placed${afterFailure(entry)}`;
  }
  const prices = new Set(view.entries.filter((entry) => owedOf(entry) > 0n).map(({ stopPrice }) => stopPrice));
  const stopPrices = [...prices].sort((a, b) => (a < b ? -1 : 1));
  return { cancel, place, exitQty, owedQty, protectedQty, stopPrices, missing };
}
