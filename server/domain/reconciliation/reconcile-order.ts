import { isClosed } from '@/server/domain/order/view';
import { formatUnits } from '@/server/kernel/money';
import type { BreakCause, BrokerOrderStatus } from '@/server/kernel/vocabulary';
import { answered } from './answered';
import { Course } from './course';
import { foreign } from './foreign-order';
import { orderDifference } from './order-difference';
import { sinceAdoption } from './since-adoption';
import type { BrokerFill, BrokerOrderView, BrokerSide, Judgement, OrderAction, OurOrder } from './types';

/** Breaks that end by agreement: once the broker shows the order, and as much filled as we have. */
const SETTLED_BY_AGREEMENT: readonly BreakCause[] = ['MISSING_AT_BROKER', 'LATE_FILL', 'UNREADABLE_ITEM'];

const leave = (why: 'CHANGED_RECENTLY' | 'UNKNOWN_STATUS'): OrderAction => ({ kind: 'leave', why });

function stepsOf(course: Course, orderId: string): OrderAction[] {
  return course.steps.map(({ input, cumQty }) => ({ kind: 'transition', orderId, input, cumQty }));
}

/** An order of ours that the broker's answer lacks. Its executions are facts all the same. */
function absent(ours: OurOrder, side: BrokerSide, { settleMs }: Judgement): OrderAction[] {
  const course = new Course(ours.state);
  course.takeExecutions(side.fills, null);
  const actions = stepsOf(course, ours.state.id);
  const { id, status, symbol, claimed, externalOrderId, cumQty } = course.state;
  const undecided = ours.breaks.some((cause) => SETTLED_BY_AGREEMENT.includes(cause));
  // An order that closed while its figures differed is in no list any more: only a look-up can show that they agree now.
  const differs = ours.breaks.includes('ORDER_MISMATCH');
  // One that the broker never named is its sender's to look up, before any re-send.
  if (externalOrderId === null || !claimed || (isClosed(status) && !undecided && !differs)) return actions;
  if (ours.changedMsAgo < settleMs && !undecided) return [...actions, leave('CHANGED_RECENTLY')];
  if (!side.lookedUp) return [...actions, { kind: 'look_up', orderId: id, externalOrderId }];
  if (isClosed(status) || ours.breaks.includes('MISSING_AT_BROKER')) return actions;
  const said = { status, cum_qty: formatUnits(cumQty) };
  return [...actions, { kind: 'order_break', cause: 'MISSING_AT_BROKER', symbol, orderId: id, ours: said, theirs: {} }];
}

/** All that the broker tells beyond what we know; while the order is settling, its executions alone. */
function courseOf(
  ours: OurOrder,
  order: BrokerOrderView,
  fills: readonly BrokerFill[],
  settled: boolean,
  { infer, closedAtMs }: Pick<Judgement, 'infer' | 'closedAtMs'>,
) {
  const course = new Course(ours.state);
  const { externalOrderId, status } = order;
  if (settled && status !== 'PENDING' && status !== 'REJECTED') course.take({ kind: 'accepted', externalOrderId });
  course.takeExecutions(fills, order);
  if (!settled) return course;
  if (infer) course.takeResidue(order);
  course.takeStatus(order, closedAtMs !== null);
  return course;
}

const WORKING: ReadonlySet<BrokerOrderStatus> = new Set(['PENDING', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY']);

/** A DAY order that the broker is done with for the day has expired with its session, whatever the broker goes on to list. */
const endedWithSession = ({ state }: OurOrder, order: BrokerOrderView) =>
  state.status === 'EXPIRED' && order.status === 'DONE_FOR_DAY';

/** Closed here and working there: asked for singly first, then cancelled there, and somebody must know. */
function ghost(ours: OurOrder, order: BrokerOrderView, lookedUp: boolean): OrderAction[] {
  const { id, symbol, status } = ours.state;
  const { externalOrderId } = order;
  if (!lookedUp) return [{ kind: 'look_up', orderId: id, externalOrderId }];
  const actions: OrderAction[] = [];
  if (!ours.breaks.includes('EXTERNAL_ORDER')) {
    const theirs = { external_order_id: externalOrderId, status: order.status };
    actions.push({ kind: 'order_break', cause: 'EXTERNAL_ORDER', symbol, orderId: id, ours: { status }, theirs });
  }
  return [...actions, { kind: 'cancel_at_broker', orderId: id, externalOrderId }];
}

/**
 * A DAY order of ours that the broker took after the close waits there for the next open, on a decision made in the session before.
 * An exit is placed again by its stored intent; what others placed is theirs.
 */
function arrivedLate({ kind, state }: OurOrder, order: BrokerOrderView, closedAtMs: number | null): boolean {
  if (closedAtMs === null || order.submittedAtMs < closedAtMs || state.timeInForce !== 'DAY') return false;
  return kind !== 'EXTERNAL' && order.status === 'ACCEPTED' && !state.cancelRequested;
}

/** Opens, or ends, the break of an order whose figures differ from the broker's. */
function differences(ours: OurOrder, state: OurOrder['state'], order: BrokerOrderView): OrderAction[] {
  const difference = orderDifference(state, order);
  const known = ours.breaks.includes('ORDER_MISMATCH');
  if (difference === null) return known ? [{ kind: 'order_agreed', cause: 'ORDER_MISMATCH', orderId: state.id }] : [];
  if (known) return [];
  return [{ kind: 'order_break', cause: 'ORDER_MISMATCH', symbol: state.symbol, orderId: state.id, ...difference }];
}

function compare(ours: OurOrder, order: BrokerOrderView, side: BrokerSide, judgement: Judgement): OrderAction[] {
  const { id, status, externalOrderId } = ours.state;
  const { settleMs } = judgement;
  const settled = ours.changedMsAgo >= settleMs;
  const course = courseOf(ours, order, side.fills, settled, judgement);
  const actions: OrderAction[] = [];
  if (externalOrderId === null && (settled || course.steps.length > 0)) {
    actions.push({ kind: 'attach', orderId: id, externalOrderId: order.externalOrderId });
  }
  actions.push(...stepsOf(course, id));
  for (const cause of ours.breaks) {
    if (SETTLED_BY_AGREEMENT.includes(cause) && order.filledQty === course.state.cumQty)
      actions.push({ kind: 'order_agreed', cause, orderId: id });
  }
  if (settled) actions.push(...differences(ours, course.state, order));
  if (settled && arrivedLate(ours, order, judgement.closedAtMs)) actions.push({ kind: 'cancel_late', orderId: id });
  const isGhost =
    isClosed(status) && status !== 'FILLED' && WORKING.has(order.status) && !endedWithSession(ours, order);
  if (settled) return isGhost ? [...actions, ...ghost(ours, order, side.lookedUp)] : actions;
  const waits = isGhost || courseOf(ours, order, side.fills, true, judgement).steps.length > course.steps.length;
  return waits ? [...actions, leave('CHANGED_RECENTLY')] : actions;
}

/** Its executions are facts; nothing is concluded from a status that has no meaning here, and somebody must know. */
function unknownStatus(
  ours: OurOrder,
  order: BrokerOrderView,
  fills: readonly BrokerFill[],
  { settleMs }: Judgement,
): OrderAction[] {
  const { id, symbol, status } = ours.state;
  const actions = stepsOf(courseOf(ours, order, fills, false, { infer: false, closedAtMs: null }), id);
  if (ours.changedMsAgo >= settleMs && !ours.breaks.includes('UNREADABLE_ITEM')) {
    const theirs = { external_order_id: order.externalOrderId, status: 'unknown' };
    actions.push({ kind: 'order_break', cause: 'UNREADABLE_ITEM', symbol, orderId: id, ours: { status }, theirs });
  }
  return [...actions, leave('UNKNOWN_STATUS')];
}

/**
 * What to do about one order, from our side and the broker's. Pure, and idempotent: once its actions are done, the same
 * question gives none. Executions are facts and booked at once; whatever is concluded from a status or a total waits until
 * the order has settled. A query that failed cannot come here: only what was {@link Answered} can.
 * @param ours null for an order that we lack
 * @param symbolBreaks open breaks of the symbol without an order; only asked for an order that we lack
 */
export function reconcileOrder(
  ours: OurOrder | null,
  side: BrokerSide,
  judgement: Judgement,
  symbolBreaks: readonly BreakCause[] = [],
): OrderAction[] {
  if (ours === null) return side.order.value === null ? [] : foreign(side.order.value, symbolBreaks);
  return known(ours, sinceAdoption(ours, side, answered), judgement);
}

function known(ours: OurOrder, side: BrokerSide, judgement: Judgement): OrderAction[] {
  const order = side.order.value;
  if (order === null) return absent(ours, side, judgement);
  if (order.status === 'UNKNOWN') return unknownStatus(ours, order, side.fills, judgement);
  return compare(ours, order, side, judgement);
}
