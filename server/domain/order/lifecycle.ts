import { type Booking, bookBust, bookCorrection, bookFill, withFlag } from '@/server/domain/order/executions';
import type { OrderEffect, OrderInput, OrderState, OrderTransition } from '@/server/domain/order/types';
import { isClosed } from '@/server/domain/order/view';
import type { OrderStatus } from '@/server/kernel/vocabulary';

/**
 * The life of an order: two axes, `status` (what the broker says) and `pending` (what we have asked and it has not answered).
 *
 * `x` is an InvalidTransition: the order stays as it was and the caller records the refusal.
 * `=` is legal and changes nothing.
 */
type Cell = 'x' | '=' | keyof typeof HANDLERS;

// Executions are facts: they are booked whatever the status says.
const EXECUTIONS = { fill: 'book', bust: 'book', correct: 'book' } as const;

// biome-ignore format: the table is read as a table
const TABLE: Record<OrderStatus, Record<OrderInput['kind'], Cell>> = {
  NEW:              { ...EXECUTIONS, claimed: 'claim', submit_uncertain: 'doubt', submit_absent: 'absent', accepted: 'accept', rejected: 'reject', cancel_requested: 'askCancel', cancel_rejected: 'tooLate', cancelled: 'cancel', expired: 'expire', done_for_day: '=', replace_requested: 'x', replaced: 'x', replace_rejected: 'x' },
  // A time-out that crosses the acknowledgement tells nothing new. A second acknowledgement neither.
  ACCEPTED:         { ...EXECUTIONS, claimed: 'x', submit_uncertain: '=', submit_absent: 'x', accepted: 'know', rejected: 'reject', cancel_requested: 'askCancel', cancel_rejected: 'tooLate', cancelled: 'cancel', expired: 'expire', done_for_day: '=', replace_requested: 'askReplace', replaced: 'replace', replace_rejected: 'keep' },
  // `accepted` may come after the first fill. `rejected` may not: something traded.
  PARTIALLY_FILLED: { ...EXECUTIONS, claimed: 'x', submit_uncertain: '=', submit_absent: 'x', accepted: 'know', rejected: 'x', cancel_requested: 'askCancel', cancel_rejected: 'tooLate', cancelled: 'cancel', expired: 'expire', done_for_day: '=', replace_requested: 'askReplace', replaced: 'replace', replace_rejected: 'keep' },
  // Filled while a cancel was outstanding: its answer, either way, leaves the order FILLED.
  FILLED:           { ...EXECUTIONS, claimed: 'x', submit_uncertain: '=', submit_absent: 'x', accepted: 'know', rejected: 'x', cancel_requested: 'x', cancel_rejected: 'tooLate', cancelled: 'cancelFilled', expired: 'x', done_for_day: 'x', replace_requested: 'x', replaced: 'x', replace_rejected: 'keep' },
  // Closed by the broker's word (or never sent): no late status event reopens it.
  REJECTED:         { ...EXECUTIONS, claimed: 'x', submit_uncertain: '=', submit_absent: 'x', accepted: 'x', rejected: 'x', cancel_requested: 'x', cancel_rejected: 'x', cancelled: 'x', expired: 'x', done_for_day: 'x', replace_requested: 'x', replaced: 'x', replace_rejected: 'x' },
  CANCELLED:        { ...EXECUTIONS, claimed: 'x', submit_uncertain: '=', submit_absent: 'x', accepted: 'x', rejected: 'x', cancel_requested: 'x', cancel_rejected: 'x', cancelled: 'x', expired: 'x', done_for_day: 'x', replace_requested: 'x', replaced: 'x', replace_rejected: 'x' },
  EXPIRED:          { ...EXECUTIONS, claimed: 'x', submit_uncertain: '=', submit_absent: 'x', accepted: 'x', rejected: 'x', cancel_requested: 'x', cancel_rejected: 'x', cancelled: 'x', expired: 'x', done_for_day: 'x', replace_requested: 'x', replaced: 'x', replace_rejected: 'x' },
};

/** A handler refuses by returning the reason as text. */
type Step = Booking | string;

const HANDLERS = {
  // Again after a lease ran out: the order is still ours to send.
  claim: (state: OrderState): Step =>
    state.cancelRequested ? unchanged(state) : moved({ ...state, claimed: true, pending: 'SUBMIT' }),
  doubt: (state: OrderState): Step =>
    state.claimed ? moved(withFlag(state, 'SUBMIT_UNCERTAIN')) : 'the order was never claimed for sending',
  absent: (state: OrderState): Step =>
    state.claimed ? submitAbsent(state) : 'the order was never claimed for sending',
  accept: (state: OrderState, input: OrderInput): Step =>
    brokerKnows({ ...withExternalId(state, input), status: 'ACCEPTED' }),
  know: (state: OrderState, input: OrderInput): Step => brokerKnows(withExternalId(state, input)),
  reject: (state: OrderState): Step => closed(state, 'REJECTED'),
  expire: (state: OrderState): Step => closed(state, 'EXPIRED'),
  cancel: (state: OrderState, input: OrderInput): Step => {
    const unsent = input.kind === 'cancelled' && input.unsent === true;
    if (unsent && state.status !== 'NEW') return 'the broker has the order: it cannot be closed unsent';
    return closed(state, 'CANCELLED');
  },
  cancelFilled: (state: OrderState): Step => (state.cancelRequested ? moved(answered(state)) : 'the order is closed'),
  askCancel: (state: OrderState): Step => askCancel(state),
  tooLate: (state: OrderState): Step =>
    state.cancelRequested ? moved({ ...answered(state), status: statusOfFills(state) }) : 'no cancel is outstanding',
  askReplace: (state: OrderState): Step =>
    state.pending === 'NONE' ? moved({ ...state, pending: 'REPLACE' }) : 'another request is outstanding',
  replace: (state: OrderState): Step => closed(state, 'CANCELLED'),
  keep: (state: OrderState): Step =>
    state.pending === 'REPLACE' ? moved({ ...state, pending: 'NONE' }) : 'no replacement is outstanding',
  book: (state: OrderState, input: OrderInput): Step => book(state, input),
};

/**
 * What `input` makes of the order. Never throws: an illegal pair is returned as InvalidTransition and changes nothing.
 * Quantities must be positive (a correction may set zero), which the parsers at the edge ensure.
 */
export function transition(state: OrderState, input: OrderInput): OrderTransition {
  const cell = TABLE[state.status][input.kind];
  if (cell === '=') return { ok: true, state, effects: [] };
  const step = cell === 'x' ? notIn(state.status) : HANDLERS[cell](state, input);
  if (typeof step === 'string') {
    return {
      ok: false,
      error: 'InvalidTransition',
      from: state.status,
      input: input.kind,
      message: `${input.kind} is not possible for an order that is ${state.status}: ${step}`,
    };
  }
  const { state: next, effects } = step;
  if (next.status === state.status) return { ok: true, state: next, effects };
  return {
    ok: true,
    state: next,
    effects: [...effects, { kind: 'status_changed', from: state.status, to: next.status }],
  };
}

function notIn(status: OrderStatus): string {
  return isClosed(status) ? 'the order is closed' : 'the broker has it already';
}

function moved(state: OrderState, effects: readonly OrderEffect[] = []): Booking {
  return { state, effects };
}

function unchanged(state: OrderState): Booking {
  return { state, effects: [] };
}

function withoutDoubt(state: OrderState): OrderState {
  if (!state.flags.includes('SUBMIT_UNCERTAIN')) return state;
  return { ...state, flags: state.flags.filter((flag) => flag !== 'SUBMIT_UNCERTAIN') };
}

function withExternalId(state: OrderState, input: OrderInput): OrderState {
  if (input.kind !== 'accepted' || input.externalOrderId === undefined || state.externalOrderId !== null) return state;
  return { ...state, externalOrderId: input.externalOrderId };
}

/** The submit is answered; a cancel remembered meanwhile goes out now. */
function brokerKnows(state: OrderState, effects: readonly OrderEffect[] = []): Booking {
  const known = withoutDoubt(state);
  if (known.cancelRequested && known.pending !== 'CANCEL') {
    return { state: { ...known, claimed: true, pending: 'CANCEL' }, effects: [...effects, { kind: 'send_cancel' }] };
  }
  return {
    state: known.pending === 'SUBMIT' || !known.claimed ? { ...known, claimed: true, pending: 'NONE' } : known,
    effects,
  };
}

/** Whatever was outstanding has been answered. */
function answered(state: OrderState): OrderState {
  return { ...withoutDoubt(state), pending: 'NONE', cancelRequested: false };
}

function closed(state: OrderState, status: 'REJECTED' | 'CANCELLED' | 'EXPIRED'): Booking {
  return moved({ ...answered(state), status });
}

function askCancel(state: OrderState): Booking {
  if (state.cancelRequested) return unchanged(state);
  if (!state.claimed) return closed(state, 'CANCELLED');
  // Sent perhaps, not known to the broker yet: remembered until it is.
  if (state.pending === 'SUBMIT') return moved({ ...state, cancelRequested: true });
  return moved({ ...state, cancelRequested: true, pending: 'CANCEL' }, [{ kind: 'send_cancel' }]);
}

/** The broker certainly lacks it: it may be sent again, unless a cancel was asked for meanwhile. */
function submitAbsent(state: OrderState): Booking {
  return state.cancelRequested ? closed(state, 'CANCELLED') : moved(withoutDoubt(state));
}

function statusOfFills(state: OrderState): OrderStatus {
  if (state.cumQty >= state.qty) return 'FILLED';
  return state.cumQty > 0n ? 'PARTIALLY_FILLED' : 'ACCEPTED';
}

function book(before: OrderState, input: OrderInput): Step {
  const booking = bookExecution(before, input);
  if (typeof booking === 'string') return booking;
  const { state, effects } = booking;
  // Only a duplicate, a conflict or an amendment that waits: nothing was traded, so nothing is known of the order.
  if (state.fills === before.fills) return booking;
  return judgeFills(before, state, effects);
}

function bookExecution(state: OrderState, input: OrderInput): Step {
  switch (input.kind) {
    case 'fill':
      return input.qty > 0n ? bookFill(state, input) : 'a fill has a quantity greater than zero';
    case 'bust':
      return bookBust(state, input);
    case 'correct':
      return input.qty >= 0n ? bookCorrection(state, input) : 'a correction has no negative quantity';
    default:
      return 'not an execution';
  }
}

/** Status, flags and breaks that follow from the fills as they now stand. */
function judgeFills(before: OrderState, booked: OrderState, given: readonly OrderEffect[]): Booking {
  const effects = [...given];
  let state = booked;
  const late = isClosed(before.status) && before.status !== 'FILLED';
  const grew = state.cumQty > before.cumQty;
  if (late && grew && state.fills.length > before.fills.length) {
    state = withFlag(state, 'LATE_FILL');
    effects.push({ kind: 'open_break', cause: 'LATE_FILL' });
  }
  if (grew && state.cumQty > state.qty) {
    state = withFlag(state, 'OVERFILL');
    effects.push({ kind: 'open_break', cause: 'OVERFILL' }, { kind: 'reduce_trading' });
  }
  if (late) return { state, effects };
  return brokerKnows({ ...state, status: statusOfFills(state) }, effects);
}
