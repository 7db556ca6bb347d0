import type {
  Correction,
  Fill,
  OrderEffect,
  OrderInput,
  OrderState,
  WaitingAmendment,
} from '@/server/domain/order/types';
import type { OrderFlag } from '@/server/kernel/vocabulary';

/**
 * Booking of fills, busts and corrections. Invariant: `cumQty` and `cumNotional` are sums over the fills not busted.
 * The outcome is a function of the set of reports: neither their order nor repetition matters, because
 * a bust is final, an amendment waits for what it refers to, and rival corrections are ranked by what they carry.
 */

export interface Booking {
  readonly state: OrderState;
  readonly effects: readonly OrderEffect[];
}

type Input<K extends OrderInput['kind']> = Extract<OrderInput, { kind: K }>;

export function withFlag(state: OrderState, flag: OrderFlag): OrderState {
  return state.flags.includes(flag) ? state : { ...state, flags: [...state.flags, flag] };
}

/** Compares ids so that `c9` comes before `c10`. */
function compareIds(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const x = left[i] ?? '';
    const y = right[i] ?? '';
    if (x === y) continue;
    const numeric = /^\d/.test(x) && /^\d/.test(y);
    if (numeric && BigInt(x) !== BigInt(y)) return BigInt(x) < BigInt(y) ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

function compareCorrections(a: Correction, b: Correction): number {
  return a.depth - b.depth || a.atMs - b.atMs || compareIds(a.executionId, b.executionId);
}

/** The fill that an id stands for, directly or through one of its corrections. */
function findFill(fills: readonly Fill[], executionId: string): { fill: Fill; depth: number } | null {
  for (const fill of fills) {
    if (fill.executionId === executionId) return { fill, depth: 0 };
    const correction = fill.corrections.find((each) => each.executionId === executionId);
    if (correction !== undefined) return { fill, depth: correction.depth };
  }
  return null;
}

function replaceFill(state: OrderState, before: Fill, after: Fill): OrderState {
  const qty = (after.busted ? 0n : after.qty) - (before.busted ? 0n : before.qty);
  const amount = (after.busted ? 0n : after.qty * after.price) - (before.busted ? 0n : before.qty * before.price);
  return {
    ...state,
    fills: state.fills.map((fill) => (fill === before ? after : fill)),
    cumQty: state.cumQty + qty,
    cumNotional: state.cumNotional + amount,
  };
}

function conflict(state: OrderState, executionId: string): Booking {
  return { state: withFlag(state, 'EXECUTION_CONFLICT'), effects: [{ kind: 'execution_conflict', executionId }] };
}

function duplicate(state: OrderState, executionId: string): Booking {
  return { state, effects: [{ kind: 'fill_duplicate', executionId }] };
}

/** Puts an amendment aside until its fill comes; the same one again changes nothing. */
function wait(state: OrderState, amendment: WaitingAmendment): Booking {
  const same = state.waiting.find((each) => each.kind === amendment.kind && sameTarget(each, amendment));
  if (same !== undefined) {
    const equal =
      same.refExecutionId === amendment.refExecutionId && same.qty === amendment.qty && same.price === amendment.price;
    const id = amendment.executionId ?? amendment.refExecutionId;
    return equal ? duplicate(state, id) : conflict(state, id);
  }
  return {
    state: { ...state, waiting: [...state.waiting, amendment] },
    effects: [{ kind: 'amendment_waiting', refExecutionId: amendment.refExecutionId }],
  };
}

function sameTarget(a: WaitingAmendment, b: WaitingAmendment): boolean {
  return a.kind === 'bust' ? a.refExecutionId === b.refExecutionId : a.executionId === b.executionId;
}

/** Applies what waited for `executionId`, and then what waited for those corrections in turn. */
function applyWaiting(booking: Booking, executionId: string): Booking {
  const due = booking.state.waiting.filter((each) => each.refExecutionId === executionId);
  if (due.length === 0) return booking;
  const rest = booking.state.waiting.filter((each) => each.refExecutionId !== executionId);
  let state: OrderState = { ...booking.state, waiting: rest };
  const effects = [...booking.effects];
  for (const each of due) {
    const next =
      each.kind === 'bust'
        ? bookBust(state, { kind: 'bust', refExecutionId: each.refExecutionId })
        : bookCorrection(state, {
            kind: 'correct',
            executionId: each.executionId ?? '',
            refExecutionId: each.refExecutionId,
            qty: each.qty ?? 0n,
            price: each.price ?? 0n,
            ...(each.atMs === undefined ? {} : { atMs: each.atMs }),
          });
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

/** Books a fill once. The same id again changes nothing; with other data it is a conflict and ignored. */
export function bookFill(state: OrderState, input: Input<'fill'>): Booking {
  const { executionId, qty, price, atMs } = input;
  const known = findFill(state.fills, executionId);
  if (known !== null) {
    // A correction's own id may come again as a plain fill: the broker lists the corrected execution.
    const correction = known.fill.corrections.find((each) => each.executionId === executionId);
    const reported = correction ?? { qty: known.fill.reportedQty, price: known.fill.reportedPrice };
    const same = reported.qty === qty && reported.price === price;
    return same ? duplicate(state, executionId) : conflict(state, executionId);
  }
  const fill: Fill = {
    executionId,
    qty,
    price,
    reportedQty: qty,
    reportedPrice: price,
    atMs,
    busted: false,
    corrections: [],
  };
  const booked: OrderState = {
    ...state,
    fills: [...state.fills, fill],
    cumQty: state.cumQty + qty,
    cumNotional: state.cumNotional + qty * price,
  };
  return applyWaiting(
    { state: booked, effects: [{ kind: 'fill_booked', executionId, qty, price, atMs }] },
    executionId,
  );
}

/** Takes a fill out of cum for good, or waits for it. */
export function bookBust(state: OrderState, input: Input<'bust'>): Booking {
  const known = findFill(state.fills, input.refExecutionId);
  if (known === null) return wait(state, { kind: 'bust', refExecutionId: input.refExecutionId });
  const { fill } = known;
  if (fill.busted) return duplicate(state, fill.executionId);
  return {
    state: replaceFill(state, fill, { ...fill, busted: true }),
    effects: [{ kind: 'fill_busted', executionId: fill.executionId, qty: fill.qty, price: fill.price }],
  };
}

/** Changes a fill's quantity and price, or waits for it. A busted fill stays busted. */
export function bookCorrection(state: OrderState, input: Input<'correct'>): Booking {
  const { executionId, refExecutionId, qty, price } = input;
  const seen = findFill(state.fills, executionId);
  if (seen !== null) {
    const same = seen.fill.corrections.some(
      (each) =>
        each.executionId === executionId &&
        each.qty === qty &&
        each.price === price &&
        each.refExecutionId === refExecutionId,
    );
    return same ? duplicate(state, executionId) : conflict(state, executionId);
  }
  const known = findFill(state.fills, refExecutionId);
  if (known === null) {
    return wait(state, {
      kind: 'correct',
      refExecutionId,
      executionId,
      qty,
      price,
      ...(input.atMs === undefined ? {} : { atMs: input.atMs }),
    });
  }
  return applyWaiting(
    applyCorrection(state, known.fill, { ...input, atMs: input.atMs ?? 0, depth: known.depth + 1 }),
    executionId,
  );
}

function applyCorrection(state: OrderState, fill: Fill, given: Correction): Booking {
  const { executionId, refExecutionId, qty, price, atMs, depth } = given;
  const corrections = [...fill.corrections, { executionId, refExecutionId, qty, price, atMs, depth }];
  const inForce = corrections.reduce((best, each) => (compareCorrections(each, best) > 0 ? each : best));
  const after: Fill = { ...fill, qty: inForce.qty, price: inForce.price, corrections };
  const next = replaceFill(state, fill, after);
  const changed = !fill.busted && (fill.qty !== after.qty || fill.price !== after.price);
  return {
    state: { ...next, appliedCorrections: [...next.appliedCorrections, executionId] },
    effects: changed
      ? [
          {
            kind: 'fill_corrected',
            executionId,
            refExecutionId: fill.executionId,
            fromQty: fill.qty,
            fromPrice: fill.price,
            qty: after.qty,
            price: after.price,
          },
        ]
      : [],
  };
}
