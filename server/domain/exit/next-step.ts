import { formatUnits, minUnits, type Units } from '@/server/kernel/money';
import type { ExitOutcome, OrderType, Side } from '@/server/kernel/vocabulary';
import { exitPrice, REPRICE_MS } from './exit-price';

/**
 * What an exit does next. An exit closes what the BROKER holds, long or short. It cancels whatever else works on the
 * symbol, never sends beside an order of the opposite side (a broker refuses wash trades), never has two orders of its own, and
 * never sells more than the position holds beyond other orders of its side, so that it cannot open a position.
 */

/** Without progress for this long, a person is alerted. */
export const EXIT_ALERT_MS = 5_000;
export const WAITS_FOR_MARKET = 'the market to open';
/** A cancel that was refused is requested again after this long. */
const CANCEL_AGAIN_MS = 2_000;
/** The broker's positions may lag behind a fill by this much. */
const SETTLE_MS = 2_000;
/** Between attempts that failed: doubled each time, up to the limit. */
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 4_000;

/** Another order of the symbol that may still fill: ours, or one that only the broker lists. */
export interface WorkingOrder {
  /** Our id; the broker's where the order is not ours. */
  readonly id: string;
  readonly side: Side;
  readonly leaves: Units;
  readonly cancelRequested: boolean;
  /** Why the last cancel was refused, in the broker's words. */
  readonly cancelFault: string | null;
  /** Since its cancel was last sent; null for never. */
  readonly cancelSentAgoMs: number | null;
  /** It is unknown whether the broker has it. */
  readonly uncertain: boolean;
}

/** A closing order of a client or a strategy, which the exit has not sent yet. */
export interface QueuedOrder {
  readonly id: string;
  readonly qty: Units;
}

/** The exit's own order that is open. */
export interface ExitOrder {
  readonly id: string;
  readonly orderType: OrderType;
  readonly ageMs: number;
  readonly cancelRequested: boolean;
  readonly uncertain: boolean;
}

export interface ExitIntent {
  /** Shares to close; null for everything. */
  readonly qty: Units | null;
  /** What its orders have filled so far. */
  readonly filledQty: Units;
  readonly expired: boolean;
  /** The rollout stage that required it has changed. */
  readonly stageChanged: boolean;
  readonly startPrice: Units | null;
  readonly limitedSinceMs: number | null;
  /** Attempts in a row that ended without a fill, and how the last one ended. */
  readonly failures: number;
  readonly lastFailure: { readonly why: string; readonly agoMs: number } | null;
}

export interface ExitView {
  readonly nowMs: number;
  readonly intent: ExitIntent;
  readonly marketOpen: boolean;
  readonly own: ExitOrder | null;
  /** Oldest first. */
  readonly queued: readonly QueuedOrder[];
  readonly others: readonly WorkingOrder[];
  /** Signed shares that the broker holds, read after the orders. */
  readonly held: Units;
  /** Of them, shares that no order at the broker holds; null where the broker does not say. */
  readonly available: Units | null;
  /** Signed shares of our books. */
  readonly booked: Units;
  /** Since an order of the symbol last changed that has filled; null for never. */
  readonly lastFillAgoMs: number | null;
  readonly quote: { readonly bid: Units; readonly ask: Units } | null;
  readonly collarPct: Units;
}

export interface ExitPlacement {
  readonly side: Side;
  readonly qty: Units;
  readonly orderType: 'MARKET' | 'LIMIT';
  readonly limitPrice: Units | null;
  /** The queued order that is sent; null for a new one. */
  readonly queued: string | null;
  /** The queued order in whose place a new one is sent: it has other terms. */
  readonly replaces: string | null;
}

export type ExitStep =
  | { readonly kind: 'end'; readonly outcome: ExitOutcome }
  | {
      readonly kind: 'go-on';
      /** Orders whose cancel is requested now. */
      readonly cancel: readonly string[];
      readonly place: ExitPlacement | null;
      /** Why it has not ended, for people. */
      readonly waitsFor: string;
      /** Said at once, whatever the progress: the exit trades without price protection. */
      readonly warning: string | null;
      /** Waiting for the market is no lack of progress. */
      readonly idle: boolean;
    };

const size = (qty: Units): Units => (qty < 0n ? -qty : qty);
const describe = (order: WorkingOrder) => `${order.side} order ${order.id}`;

type Going = Extract<ExitStep, { kind: 'go-on' }>;

const wait = (waitsFor: string, changes: Partial<Going> = {}): Going => ({
  kind: 'go-on',
  cancel: [],
  place: null,
  waitsFor,
  warning: null,
  idle: false,
  ...changes,
});

const cancelDue = ({ cancelRequested, cancelSentAgoMs }: WorkingOrder) =>
  !cancelRequested && (cancelSentAgoMs === null || cancelSentAgoMs >= CANCEL_AGAIN_MS);

function waitsForCancel(order: WorkingOrder): string {
  const fault = order.cancelFault === null ? '' : ` (refused: ${order.cancelFault})`;
  return `the cancel of ${describe(order)} to take effect${fault}`;
}

/** Time before another attempt, after so many in a row that failed. */
export function retryPauseMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(RETRY_FIRST_MS * 2 ** (failures - 1), RETRY_MAX_MS);
}

/** After attempts that failed, what came of the last one is part of every reason to wait. */
const afterFailure = ({ lastFailure }: ExitIntent) =>
  lastFailure === null ? '' : ` (last attempt: ${lastFailure.why})`;

/** The exit's own order works: it is priced again, cancelled where nothing is left to close, or waited for. */
function besideOwn(view: ExitView, own: ExitOrder, remaining: Units, cancel: readonly string[]): Going {
  if (own.uncertain) return wait(`the broker's answer to its order ${own.id}`, { cancel });
  if (own.cancelRequested) return wait(`the cancel of its order ${own.id} to take effect`, { cancel });
  const outpriced = own.orderType === 'LIMIT' && own.ageMs >= REPRICE_MS;
  if (remaining === 0n || outpriced) {
    return wait(`the cancel of its order ${own.id} to take effect`, { cancel: [...cancel, own.id] });
  }
  return wait(`its order ${own.id} to fill${afterFailure(view.intent)}`, { cancel });
}

/** At most `most` is sent: the order that has waited longest where it is no more than that, else one of the exit's own. */
function placing(view: ExitView, side: Side, most: Units, cancel: readonly string[]): Going {
  const { startPrice, limitedSinceMs } = view.intent;
  const { nowMs, quote, collarPct, queued } = view;
  const { warning, ...price } = exitPrice({ side, startPrice, quote, collarPct, limitedSinceMs, nowMs });
  const [first] = queued;
  const fits = first !== undefined && side === 'SELL' && first.qty <= most && price.orderType === 'MARKET';
  const order = fits
    ? { qty: first.qty, queued: first.id, replaces: null }
    : { qty: most, queued: null, replaces: first?.id ?? null };
  return wait(`its order to be sent${afterFailure(view.intent)}`, {
    cancel,
    place: { side, ...order, ...price },
    warning,
  });
}

/** What keeps an order of `side` from being sent now; null when nothing does. */
function obstacle(view: ExitView, side: Side): string | null {
  const uncertain = view.others.find((order) => order.uncertain);
  if (uncertain !== undefined) return `the broker's answer to ${describe(uncertain)}`;
  const opposite = view.others.find((order) => order.side !== side);
  if (opposite !== undefined) return waitsForCancel(opposite);
  const { failures, lastFailure } = view.intent;
  if (lastFailure !== null && lastFailure.agoMs < retryPauseMs(failures)) {
    return `another attempt${afterFailure(view.intent)}`;
  }
  return null;
}

/**
 * The next step of an exit. Pure: the caller reads the orders first and the position after them, so that whatever an order that has
 * ended filled is in the position.
 */
export function nextExitStep(view: ExitView): ExitStep {
  const { intent, own, others, held } = view;
  if (intent.stageChanged) return { kind: 'end', outcome: 'STAGE_CHANGED' };
  if (intent.expired) return { kind: 'end', outcome: 'EXPIRED' };
  if (!view.marketOpen) return wait(WAITS_FOR_MARKET, { idle: true });
  const unsettled = held !== view.booked && view.lastFillAgoMs !== null && view.lastFillAgoMs < SETTLE_MS;
  const asked = intent.qty === null ? null : intent.qty > intent.filledQty ? intent.qty - intent.filledQty : 0n;
  const remaining = asked === null ? size(held) : minUnits(asked, size(held));
  const side: Side = held < 0n ? 'BUY' : 'SELL';
  const sameSide = others.filter((order) => order.side === side);
  const reserved = sameSide.reduce((sum, { leaves }) => sum + leaves, 0n);
  const unreserved = size(held) - reserved;
  const free = view.available === null ? unreserved : minUnits(unreserved, view.available);
  // An exit of everything lets nothing else work; one of a stated quantity cancels only what stands in its way.
  const inTheWay = asked === null || free < remaining ? others : others.filter((order) => order.side !== side);
  const cancel = inTheWay.filter(cancelDue).map(({ id }) => id);
  if (own !== null) return besideOwn(view, own, remaining, cancel);
  if (unsettled) return wait("the broker's positions to show the last fill", { cancel });
  if (remaining === 0n) {
    const [first] = asked === null ? others : [];
    return first === undefined ? { kind: 'end', outcome: 'CLOSED' } : wait(waitsForCancel(first), { cancel });
  }
  const waitsFor = obstacle(view, side);
  if (waitsFor !== null) return wait(waitsFor, { cancel });
  if (free > 0n) return placing(view, side, minUnits(free, remaining), cancel);
  const [holder] = sameSide;
  if (holder !== undefined) return wait(waitsForCancel(holder), { cancel });
  return wait(`the broker to free the ${formatUnits(remaining)} shares that it holds for another order`, { cancel });
}
