import { formatUnits } from '@/server/domain/money/decimal';
import { transition } from '@/server/domain/order/lifecycle';
import type { OrderInput, OrderState } from '@/server/domain/order/types';
import { isClosed } from '@/server/domain/order/view';
import { bookReal, inferFill } from './inferred-fill';
import type { BrokerFill, BrokerOrderView, BrokerSide, OurOrder, ReconcileAction } from './types';

/** What changed more recently than this is left for the next round: the news may still be on its way. */
const SETTLE_MS = 5_000;

const leave = (why: 'CHANGED_RECENTLY' | 'UNKNOWN_STATUS'): ReconcileAction[] => [{ kind: 'leave', why }];

/** An order that the broker has and we lack is taken in, and somebody has to say why it is there. */
function foreign(broker: BrokerOrderView, nowMs: number): ReconcileAction[] {
  if (nowMs - broker.updatedAtMs < SETTLE_MS) return leave('CHANGED_RECENTLY');
  const { symbol, side, externalOrderId } = broker;
  return [
    { kind: 'adopt', order: broker },
    {
      kind: 'open_break',
      cause: 'EXTERNAL_ORDER',
      symbol,
      orderId: null,
      ours: 'none',
      theirs: `${side} ${externalOrderId}`,
    },
  ];
}

/** An order that is live here and absent there. One that the broker never acknowledged may be sent again. */
function missing({ state, changedAtMs }: OurOrder, lookedUp: boolean, nowMs: number): ReconcileAction[] {
  if (isClosed(state.status) || !state.claimed) return [];
  if (nowMs - changedAtMs < SETTLE_MS) return leave('CHANGED_RECENTLY');
  if (!lookedUp) return [{ kind: 'look_up', orderId: state.id, externalOrderId: state.externalOrderId }];
  if (state.status === 'NEW' && state.externalOrderId === null) {
    return [{ kind: 'transition', orderId: state.id, input: { kind: 'submit_absent' } }];
  }
  return [
    {
      kind: 'open_break',
      cause: 'MISSING_AT_BROKER',
      symbol: state.symbol,
      orderId: state.id,
      ours: `${state.status}, ${formatUnits(state.cumQty)} filled`,
      theirs: 'none',
    },
  ];
}

/** Collects inputs and what they make of the order, so that each is chosen in the light of those before. */
class Course {
  readonly inputs: OrderInput[] = [];

  constructor(public state: OrderState) {}

  /** Takes an input unless the lifecycle refuses it or it changes nothing. */
  take(input: OrderInput): void {
    const step = transition(this.state, input);
    if (!step.ok || step.state === this.state) return;
    this.inputs.push(input);
    this.state = step.state;
  }
}

function bookExecutions(course: Course, broker: BrokerOrderView, fills: readonly BrokerFill[]): void {
  for (const fill of fills) {
    const { fills: booked } = course.state;
    const known = booked.some(
      ({ executionId, corrections }) =>
        executionId === fill.executionId || corrections.some((each) => each.executionId === fill.executionId),
    );
    if (!known) course.take(bookReal(course.state, fill));
  }
  const residue = inferFill(course.state, broker);
  if (residue !== null) course.take(residue);
}

/** What the broker's status adds to what its executions said. A close waits until all that was filled is known. */
function statusInput(state: OrderState, broker: BrokerOrderView): OrderInput | null {
  if (state.cumQty < broker.filledQty) return null;
  switch (broker.status) {
    case 'CANCELLED':
      return { kind: 'cancelled' };
    case 'REPLACED':
      return { kind: 'cancelled', reason: 'replaced at the broker' };
    case 'EXPIRED':
      return { kind: 'expired' };
    case 'REJECTED':
      return { kind: 'rejected' };
    case 'DONE_FOR_DAY':
      return { kind: 'done_for_day' };
    case 'FILLED':
      return state.cancelRequested ? { kind: 'cancel_rejected', reason: 'filled' } : null;
    default:
      return null;
  }
}

function compare(ours: OurOrder, broker: BrokerOrderView, fills: readonly BrokerFill[]): ReconcileAction[] {
  const { state } = ours;
  const course = new Course(state);
  const { externalOrderId } = broker;
  if (broker.status !== 'PENDING' && broker.status !== 'REJECTED') course.take({ kind: 'accepted', externalOrderId });
  bookExecutions(course, broker, fills);
  const last = statusInput(course.state, broker);
  if (last !== null) course.take(last);
  const actions: ReconcileAction[] = [];
  if (state.externalOrderId === null) actions.push({ kind: 'attach', orderId: state.id, externalOrderId });
  for (const input of course.inputs) actions.push({ kind: 'transition', orderId: state.id, input });
  return actions;
}

/**
 * What to do about one order, from our side and the broker's. Pure, and idempotent: once its actions are done, the same
 * question gives none. A query that failed must not come here: it says nothing of what the broker has.
 */
export function reconcileOrder(ours: OurOrder | null, broker: BrokerSide, nowMs: number): ReconcileAction[] {
  if (ours === null) return broker.order === null ? [] : foreign(broker.order, nowMs);
  if (broker.order === null) return missing(ours, broker.lookedUp, nowMs);
  if (broker.order.status === 'UNKNOWN') return leave('UNKNOWN_STATUS');
  const actions = compare(ours, broker.order, broker.fills);
  return actions.length > 0 && nowMs - ours.changedAtMs < SETTLE_MS ? leave('CHANGED_RECENTLY') : actions;
}
