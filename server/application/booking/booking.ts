import type { Topic } from '@/server/contracts/events';
import { transition } from '@/server/domain/order/lifecycle';
import type { OrderEffect, OrderInput, OrderState } from '@/server/domain/order/types';
import { bookReal, isBooked, isInferred, matchExecutionId } from '@/server/domain/reconciliation';
import type { Units } from '@/server/kernel/money';
import { formatUnits } from '@/server/kernel/money';

/** Where a piece of news came from. */
export type BookingSource = 'WORKER' | 'STREAM' | 'RECONCILIATION' | 'OPERATOR';

/** News of an order. `cumQty` is what the broker says is filled with this fill included, where it says so. */
export interface BookingInput {
  readonly input: OrderInput;
  readonly cumQty?: Units | null;
  /** Recorded with the order's timeline: attempt, latency, the broker's words. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface BookingRequest {
  readonly source: BookingSource;
  /** The broker's id, where the news carries it: an order that does not know it yet learns it. */
  readonly externalOrderId?: string | null;
  /** When the broker did it, epoch ms; null for our own acts. */
  readonly brokerAtMs?: number | null;
  /** The news, or what follows from the order's state once its row is locked. */
  readonly inputs: readonly BookingInput[] | ((state: OrderState) => readonly BookingInput[]);
  /** For the timeline alone: what was done, whatever comes of it. */
  readonly notes?: readonly TimelineEvent[];
}

export interface TimelineEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface OutboxEvent {
  readonly topic: Topic;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface BookingDecision {
  readonly state: OrderState;
  readonly effects: readonly OrderEffect[];
  readonly timeline: readonly TimelineEvent[];
  readonly outbox: readonly OutboxEvent[];
  readonly rejectReason: string | null;
  /** Nothing to write. */
  readonly unchanged: boolean;
}

const STATUS_TOPICS: Readonly<Record<OrderState['status'], Topic>> = {
  NEW: 'order.created',
  ACCEPTED: 'order.accepted',
  PARTIALLY_FILLED: 'order.partially_filled',
  FILLED: 'order.filled',
  REJECTED: 'order.rejected',
  CANCELLED: 'order.cancelled',
  EXPIRED: 'order.expired',
};

/** Text for JSON: bigint has none of its own. */
function plain(input: OrderInput): Record<string, unknown> {
  const entries = Object.entries(input).filter(([name]) => name !== 'kind');
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'bigint' ? formatUnits(value) : value]),
  );
}

/** The broker's id comes with any news; an order that was NEW is thereby accepted, a closed one only learns its name. */
function learnId(
  state: OrderState,
  id: string | null,
  inputs: readonly BookingInput[],
): { state: OrderState; first: readonly BookingInput[] } {
  if (id === null || state.externalOrderId !== null) return { state, first: [] };
  if (state.status !== 'NEW') return { state: { ...state, externalOrderId: id }, first: [] };
  const names = inputs.some(({ input }) => input.kind === 'accepted' || input.kind === 'rejected');
  return names ? { state, first: [] } : { state, first: [{ input: { kind: 'accepted', externalOrderId: id } }] };
}

/** One execution has one name here, whatever the channel called it; the real one takes the place of one that was inferred. */
function renamed(state: OrderState, { input, cumQty = null }: BookingInput): readonly OrderInput[] {
  if (input.kind !== 'fill' || isInferred(input.executionId)) return [input];
  const reported = { ...input, cumQty };
  // Past the order's own quantity it is one that is booked under another name (O-4). The total that the broker states with a fill
  // is no bound: fills after it may be booked already.
  const beyond = state.cumQty + input.qty > state.qty;
  const options = { beyond, named: new Set<string>() };
  const executionId = matchExecutionId(state.fills, reported, options);
  return isBooked(state.fills, reported, options) ? [{ ...input, executionId }] : bookReal(state, reported);
}

function topicsOf(before: OrderState, after: OrderState, effects: readonly OrderEffect[]): Topic[] {
  const topics: Topic[] = [];
  const traded = effects.some((effect) => effect.kind === 'fill_booked');
  if (before.status !== after.status) {
    // A fill that comes before the acknowledgement: consumers still see each step.
    if (before.status === 'NEW' && (after.status === 'PARTIALLY_FILLED' || after.status === 'FILLED'))
      topics.push('order.accepted');
    topics.push(STATUS_TOPICS[after.status]);
  } else if (traded) {
    topics.push('order.partially_filled');
  }
  if (!before.flags.includes('SUBMIT_UNCERTAIN') && after.flags.includes('SUBMIT_UNCERTAIN'))
    topics.push('order.uncertain');
  const amended = effects.some((effect) => effect.kind === 'fill_busted' || effect.kind === 'fill_corrected');
  if (amended) topics.push('order.fill_amended');
  return topics;
}

function summary(state: OrderState): Record<string, unknown> {
  return {
    order_id: state.id,
    symbol: state.symbol,
    side: state.side,
    qty: formatUnits(state.qty),
    status: state.status,
    cum_qty: formatUnits(state.cumQty),
    external_order_id: state.externalOrderId,
  };
}

interface Progress {
  state: OrderState;
  effects: OrderEffect[];
  timeline: TimelineEvent[];
  topics: Topic[];
  rejectReason: string | null;
}

function applyItem(progress: Progress, item: BookingInput): void {
  for (const input of renamed(progress.state, item)) apply(progress, input, item.data);
}

function apply(progress: Progress, input: OrderInput, more: BookingInput['data']): void {
  const before = progress.state;
  const step = transition(before, input);
  const data = { ...plain(input), ...more };
  if (!step.ok) {
    progress.timeline.push({ type: 'refused', data: { input: input.kind, message: step.message, ...data } });
    return;
  }
  if (step.state === before && step.effects.every((effect) => effect.kind === 'fill_duplicate')) return;
  progress.state = step.state;
  progress.effects.push(...step.effects);
  progress.timeline.push({ type: input.kind, data });
  progress.topics.push(...topicsOf(before, step.state, step.effects));
  if (input.kind === 'rejected' || (input.kind === 'cancelled' && input.reason !== undefined)) {
    progress.rejectReason = input.reason ?? 'refused by the broker';
  }
}

/**
 * What news makes of an order: its new state, its timeline, the events to publish. Pure; run inside the transaction that
 * holds the order's row. News that changes nothing (a fill seen before) leaves no trace; news that is impossible is recorded.
 */
export function decideBooking(loaded: OrderState, request: BookingRequest): BookingDecision {
  const inputs = typeof request.inputs === 'function' ? request.inputs(loaded) : request.inputs;
  const { state, first } = learnId(loaded, request.externalOrderId ?? null, inputs);
  const progress: Progress = {
    state,
    effects: [],
    timeline: [...(request.notes ?? [])],
    topics: [],
    rejectReason: null,
  };
  for (const item of [...first, ...inputs]) applyItem(progress, item);
  const { effects, timeline, rejectReason } = progress;
  return {
    state: progress.state,
    effects,
    timeline,
    outbox: progress.topics.map((topic) => ({ topic, subject: loaded.id, data: summary(progress.state) })),
    rejectReason,
    unchanged: progress.state === loaded && timeline.length === 0,
  };
}
