import { bookNonTrades } from '@/server/application/booking/book-non-trades';
import { isFill, isNonTrade, statementFill } from '@/server/application/booking/statement';
import type { ExecutionContext } from '@/server/application/execution-context';
import {
  type BrokerActivity,
  BrokerError,
  type BrokerOrder,
  type UnreadableItem,
} from '@/server/application/ports/broker';
import type { ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { type LookUp, lookUp } from '@/server/application/sending/look-up';
import {
  answered,
  findOurs,
  isInferred,
  type OrderPlan,
  type OurOrder,
  planOrders,
  reconcileOrder,
} from '@/server/domain/reconciliation';
import type { Units } from '@/server/kernel/money';
import { type Acting, actOnOrder, openBreak } from './act-on-order';
import { readAgain, readOurSide } from './our-side';

export interface OrderRound {
  /** The broker's open orders as the round began. */
  readonly open: readonly BrokerOrder[];
  /** Orders and activities that could not be read, but for orders of ours: those have breaks of their own. */
  readonly unreadable: readonly UnreadableItem[];
  /** Every open order that could not be read: it works at the broker. */
  readonly unreadableOrders: readonly UnreadableItem[];
  /** Orders changed so lately that they were left for the next round. */
  readonly left: number;
  /** Newest activity seen, market time; the cursor given when there was none. */
  readonly cursorMs: number;
  /** What our orders were measured against when they were placed, by the broker's order id. */
  readonly referencePrices: ReadonlyMap<string, Units>;
}

export interface OrderRoundOptions {
  /** Orders changed within this time are left alone: their news is under way. 0 looks at all. */
  readonly settleMs: number;
  /** Activities after this market time are read. */
  readonly cursorMs: number;
  /** How far before the cursor to read again: activities may come late. */
  readonly overlapMs: number;
  /** Market time of the opening balances, epoch ms. */
  readonly openedAtMs: number;
  /** When the last session closed, market time, epoch ms; null while the market is open or where the clock was not read. */
  readonly closedAtMs: number | null;
}

type OrderBooks = Pick<
  ReconciliationStore,
  'openBreak' | 'openBreaks' | 'resolveBreak' | 'bookNonTrades' | 'cancelLate'
>;

/** Activities are stamped by another clock of the broker's than orders. */
const ACTIVITY_OVERLAP_MS = 60_000;
/** Executions older than this before an order's last change are not asked for again: what they make is inferred. */
const EXECUTIONS_BACK_MS = 24 * 3_600_000;

const infers = ({ actions }: OrderPlan): boolean =>
  actions.some(
    (action) => action.kind === 'transition' && action.input.kind === 'fill' && isInferred(action.input.executionId),
  );

/**
 * Before a residue is believed, the statement is asked once more, from where its orders began: one question for all of them.
 * @throws BrokerError when it was not answered
 */
async function withOlderExecutions(
  { context, judgement, openedAtMs }: Acting,
  plans: readonly OrderPlan[],
): Promise<readonly OrderPlan[]> {
  const orders = plans.filter(infers).flatMap(({ side }) => side.order.value ?? []);
  if (orders.length === 0) return plans;
  const begun = Math.min(...orders.map(({ submittedAtMs }) => submittedAtMs)) - ACTIVITY_OVERLAP_MS;
  const bound = Math.min(...orders.map(({ updatedAtMs }) => updatedAtMs)) - EXECUTIONS_BACK_MS;
  const statement = await context.broker.activitiesAfter(Math.max(0, begun, bound));
  const fills = statement
    .filter(isFill)
    .filter(({ atMs }) => atMs > openedAtMs)
    .map(statementFill);
  return plans.map((plan) => {
    const order = plan.side.order.value;
    if (!infers(plan) || order === null) return plan;
    const listed = fills.filter(({ externalOrderId }) => externalOrderId === order.externalOrderId);
    const side = { ...plan.side, fills: [...listed, ...plan.side.fills] };
    return { ours: plan.ours, side, actions: reconcileOrder(plan.ours, side, judgement) };
  });
}

async function actOnAll(acting: Acting, plans: readonly OrderPlan[]): Promise<void> {
  const complete = await withOlderExecutions(acting, plans);
  for (const plan of complete) await actOnOrder(acting, plan);
}

function lookUpsOf(plans: readonly OrderPlan[]): readonly LookUp[] {
  return plans.flatMap(({ ours, actions }) =>
    actions.flatMap((action) =>
      action.kind === 'look_up'
        ? [{ externalOrderId: action.externalOrderId, concluded: (ours?.breaks.length ?? 0) > 0 }]
        : [],
    ),
  );
}

/** An order of ours that the broker has and that cannot be read: a break of it, opened once. */
async function reportUnreadable(acting: Acting, ours: readonly OurOrder[], items: ReadonlyMap<string, UnreadableItem>) {
  for (const [externalOrderId, { why }] of items) {
    const our = ours.find(({ state }) => state.externalOrderId === externalOrderId);
    if (our === undefined || our.breaks.includes('UNREADABLE_ITEM')) continue;
    const { id: orderId, symbol, status } = our.state;
    const theirs = { external_order_id: externalOrderId, why };
    await openBreak(acting, { cause: 'UNREADABLE_ITEM', symbol, orderId, ours: { status }, theirs });
  }
}

interface Answers {
  /** Orders that are still to be asked for. */
  readonly unasked: number;
  /** By the broker's order id. */
  readonly unreadable: ReadonlyMap<string, UnreadableItem>;
}

/** Asks for what the broker was expected to list, and does what follows from the answers. */
async function lookUpAndAct(acting: Acting, plans: readonly OrderPlan[]): Promise<Answers> {
  const { context, breaks, judgement } = acting;
  const wanted = lookUpsOf(plans);
  if (wanted.length === 0) return { unasked: 0, unreadable: new Map() };
  const { found, unreadable, unasked } = await lookUp(context, wanted);
  const orders = [...found.values()].filter((order) => order !== null);
  const ours = await readAgain(context, breaks, [...found.keys()], orders);
  const find = findOurs(ours);
  const fillsOf = (id: string) =>
    plans.flatMap(({ side, actions }) =>
      actions.some((action) => action.kind === 'look_up' && action.externalOrderId === id) ? side.fills : [],
    );
  const answers = [...found].map(([externalOrderId, order]): OrderPlan => {
    const byName = ours.find(({ state }) => state.externalOrderId === externalOrderId) ?? null;
    const our = order === null ? byName : find(order);
    const side = { order: answered(order), fills: fillsOf(externalOrderId), lookedUp: true };
    return { ours: our, side, actions: reconcileOrder(our, side, judgement) };
  });
  await actOnAll(acting, answers);
  return { unasked, unreadable };
}

const newest = (activities: readonly BrokerActivity[], cursorMs: number) =>
  activities.reduce((latest, { atMs }) => Math.max(latest, atMs), cursorMs);

/**
 * Brings our orders up to what the broker says: the executions of its statement, every open order, and every live order of
 * ours that it no longer lists. Asks in a constant number of requests (and one more for each 500 open orders) and statements
 * when nothing has changed; what has changed costs a booking an order.
 * @throws BrokerError when a query was not answered, or when so many orders must be looked up that it takes more rounds:
 * nothing is concluded of those
 */
export async function reconcileOrders(
  context: ExecutionContext,
  books: OrderBooks,
  options: OrderRoundOptions,
): Promise<OrderRound> {
  const { broker } = context;
  const unreadableOrders: UnreadableItem[] = [];
  const open = await broker.openOrders((item) => unreadableOrders.push(item));
  const unreadableActivities: UnreadableItem[] = [];
  const fromMs = Math.max(0, options.cursorMs - options.overlapMs);
  const activities = await broker.activitiesAfter(fromMs, (item) => unreadableActivities.push(item));
  const others = activities.filter(isNonTrade);
  await bookNonTrades(context, books, others);
  // What traded before the account was opened is in its opening balances.
  const fills = activities
    .filter(isFill)
    .filter(({ atMs }) => atMs > options.openedAtMs)
    .map(statementFill);
  const statementIds = fills.map(({ externalOrderId }) => externalOrderId);
  const ours = await readOurSide(context, books, open, statementIds);
  const { settleMs, closedAtMs } = options;
  const judgement = { settleMs, infer: settleMs > 0, closedAtMs };
  const view = {
    ours: ours.orders,
    open: answered(open),
    statement: answered(fills),
    symbolBreaks: ours.symbolBreaks,
  };
  const plans = planOrders(view, judgement);
  const { openedAtMs } = options;
  const acting = { context, books, breaks: ours.breaks, judgement, openedAtMs };
  await actOnAll(acting, plans);
  const { unasked, unreadable } = await lookUpAndAct(acting, plans);
  await reportUnreadable(acting, ours.orders, unreadable);
  if (unasked > 0) {
    const message = `the broker no longer lists ${unasked} more order(s) of ours: they are looked up in the next rounds`;
    throw new BrokerError('uncertain', message);
  }
  const left = plans.filter(({ actions }) => actions.some(({ kind }) => kind === 'leave')).length;
  const isOurs = new Set(ours.orders.map(({ state }) => state.externalOrderId));
  const items = [
    ...new Map([...unreadableOrders, ...unreadable.values()].map((each) => [`${each.id} ${each.why}`, each])).values(),
  ];
  return {
    open,
    unreadable: [...items.filter(({ id }) => id === null || !isOurs.has(id)), ...unreadableActivities],
    unreadableOrders,
    left,
    cursorMs: newest(activities, options.cursorMs),
    referencePrices: ours.referencePrices,
  };
}
