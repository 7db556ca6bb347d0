import { z } from 'zod';
import { transition } from '@/server/domain/order/lifecycle';
import { adoptOrder, newOrder } from '@/server/domain/order/new-order';
import type { OrderInput, OrderState } from '@/server/domain/order/types';
import { formatUnits, parseUnits } from '@/server/kernel/money';
import type { OrderStatus } from '@/server/kernel/vocabulary';
import type { OurOrder, TimelineRow } from './our-side';

const units = z.string().transform((text) => parseUnits(text));
const data = {
  accepted: z.object({ externalOrderId: z.string().optional() }),
  fill: z.object({ executionId: z.string(), qty: units, price: units, atMs: z.number() }),
  correct: z.object({
    executionId: z.string(),
    refExecutionId: z.string(),
    qty: units,
    price: units,
    atMs: z.number().optional(),
  }),
  bust: z.object({ refExecutionId: z.string() }),
  cancelled: z.object({ unsent: z.boolean().optional() }),
};

/** What a line of the timeline did to the order; null for one that only tells. */
function inputOf({ type, data: raw }: TimelineRow): OrderInput | null {
  switch (type) {
    case 'accepted': {
      const { externalOrderId } = data.accepted.parse(raw);
      return externalOrderId === undefined ? { kind: 'accepted' } : { kind: 'accepted', externalOrderId };
    }
    case 'fill':
      return { kind: 'fill', ...data.fill.parse(raw) };
    case 'correct': {
      const { atMs, ...rest } = data.correct.parse(raw);
      return { kind: 'correct', ...rest, ...(atMs === undefined ? {} : { atMs }) };
    }
    case 'bust':
      return { kind: 'bust', ...data.bust.parse(raw) };
    case 'cancelled':
      return { kind: 'cancelled', unsent: data.cancelled.parse(raw).unsent === true };
    case 'claimed':
    case 'submit_uncertain':
    case 'submit_absent':
    case 'rejected':
    case 'cancel_requested':
    case 'cancel_rejected':
    case 'expired':
    case 'done_for_day':
      return { kind: type };
    case 'cancel_sent':
      // A halt asks for every cancel in one statement and leaves no line of it: that it was sent shows that it was asked.
      return { kind: 'cancel_requested' };
    default:
      return null;
  }
}

function firstState(order: OurOrder): OrderState {
  const price = (text: string | null) => (text === null ? null : parseUnits(text));
  const terms = {
    id: order.id,
    symbol: order.symbol,
    side: order.side,
    qty: parseUnits(order.qty),
    orderType: order.order_type,
    limitPrice: price(order.limit_price),
    stopPrice: price(order.stop_price),
    timeInForce: order.time_in_force,
  };
  return order.kind === 'EXTERNAL' ? adoptOrder(terms, order.external_order_id ?? '') : newOrder(terms);
}

export interface Replayed {
  readonly violations: readonly string[];
  /** Every status that the order came to have, in order, its first one left out. */
  readonly statuses: readonly OrderStatus[];
  /** Fills that were booked, and whether one was amended later. */
  readonly fills: number;
  readonly amended: boolean;
}

/** Carries an order through the life that its timeline tells, and compares the end with what is stored. */
export function replayTimeline(order: OurOrder, events: readonly TimelineRow[]): Replayed {
  const violations: string[] = [];
  const statuses: OrderStatus[] = [];
  let state = firstState(order);
  let fills = 0;
  let amended = false;
  for (const event of events) {
    const input = inputOf(event);
    if (input === null || (input.kind === 'cancel_requested' && state.cancelRequested)) continue;
    const step = transition(state, input);
    if (!step.ok) {
      violations.push(`${order.id}: ${event.type} in its timeline: ${step.message}`);
      continue;
    }
    if (step.state.status !== state.status) statuses.push(step.state.status);
    fills += step.effects.filter(({ kind }) => kind === 'fill_booked').length;
    amended ||= step.effects.some(({ kind }) => kind === 'fill_corrected' || kind === 'fill_busted');
    state = step.state;
  }
  const replayed = `${state.status} ${formatUnits(state.cumQty)}`;
  const stored = `${order.status} ${order.cum_qty}`;
  if (replayed !== stored) violations.push(`${order.id}: its timeline tells ${replayed}, stored is ${stored}`);
  return { violations, statuses, fills, amended };
}
