import type { BrokerActivity, BrokerOrder } from '@/server/application/ports/broker';
import type { WorkOrder } from '@/server/application/ports/execution-store';
import type { ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { formatUnits } from '@/server/domain/money/decimal';
import { adoptOrder } from '@/server/domain/order/new-order';
import { isClosed } from '@/server/domain/order/view';
import { isUuid } from './book-update';
import type { ExecutionContext } from './dependencies';
import { brokerIsAhead, fillInput, syncOrder } from './sync-order';

export interface OrderRound {
  /** The broker's open orders as the round began. */
  readonly open: readonly BrokerOrder[];
  readonly activities: readonly BrokerActivity[];
  /** Orders changed so lately that they were left for the next round. */
  readonly left: number;
  /** Newest activity seen, market time; the cursor given when there was none. */
  readonly cursorMs: number;
}

export interface OrderRoundOptions {
  /** Orders changed within this time are left alone: their news is under way. 0 looks at all. */
  readonly settleMs: number;
  /** Activities after this market time are read. */
  readonly cursorMs: number;
  /** How far before the cursor to read again: activities may come late. */
  readonly overlapMs: number;
}

/** Finds our order of a broker's: by the broker's id, else by ours. */
async function ourOrder(context: ExecutionContext, theirs: Pick<BrokerOrder, 'externalOrderId' | 'clientOrderId'>) {
  const { store, persist } = context;
  const byId = await persist(() => store.load({ externalOrderId: theirs.externalOrderId }));
  if (byId !== null || !isUuid(theirs.clientOrderId)) return byId;
  return persist(() => store.load({ orderId: theirs.clientOrderId }));
}

/** An order that nobody here placed becomes an EXTERNAL order with a break. Returns null for one we cannot describe. */
async function adopt(context: ExecutionContext, theirs: BrokerOrder): Promise<WorkOrder | null> {
  const { store, persist, fence, clock, log } = context;
  const { symbol, side, timeInForce, limitPrice, stopPrice } = theirs;
  if (theirs.qty === null) {
    log.warn(
      { externalOrderId: theirs.externalOrderId },
      'an order by amount was found at the broker and cannot be adopted',
    );
    return null;
  }
  const orderType = theirs.orderType ?? (limitPrice !== null ? 'LIMIT' : 'MARKET');
  const prices = {
    limitPrice: orderType === 'LIMIT' ? limitPrice : null,
    stopPrice: orderType === 'STOP' ? stopPrice : null,
  };
  const order = adoptOrder(
    { id: clock.newId(), symbol, side, qty: theirs.qty, orderType, timeInForce, ...prices },
    theirs.externalOrderId,
  );
  const reference = limitPrice ?? stopPrice ?? theirs.filledAvgPrice ?? 0n;
  await persist(() => store.adopt(fence, order, reference, theirs.submittedAtMs));
  log.warn(
    { externalOrderId: theirs.externalOrderId, symbol },
    'an order that nobody here placed was found at the broker',
  );
  return persist(() => store.load({ externalOrderId: theirs.externalOrderId }));
}

/** Books the executions of the statement that we lack, whoever's order they are of, and its fees and other cash. */
export async function bookActivities(
  context: ExecutionContext,
  books: ReconciliationStore,
  activities: readonly BrokerActivity[],
): Promise<void> {
  const { store, persist, fence, broker } = context;
  await persist(() =>
    books.bookCash(
      fence,
      activities.filter((each) => each.kind === 'CASH'),
    ),
  );
  const fills = activities.filter((each) => each.kind === 'FILL');
  const booked = await persist(() => books.bookedExecutions(fills.map((fill) => fill.executionId)));
  for (const fill of fills) {
    if (booked.has(fill.executionId)) continue;
    const { externalOrderId } = fill;
    let ours = await persist(() => store.load({ externalOrderId }));
    if (ours === null) {
      const theirs = await broker.orderById(externalOrderId);
      if (theirs === null) continue;
      ours = (await ourOrder(context, theirs)) ?? (await adopt(context, theirs));
    }
    if (ours === null) continue;
    const orderId = ours.state.id;
    const request = {
      source: 'RECONCILIATION' as const,
      externalOrderId,
      brokerAtMs: fill.atMs,
      inputs: [fillInput(fill)],
    };
    await persist(() => store.book(fence, { orderId }, request));
  }
}

/** An order of ours that the broker's list of open ones lacks: asked for singly before any conclusion. */
async function lookUpMissing(
  context: ExecutionContext,
  books: ReconciliationStore,
  ours: WorkOrder,
  infer: boolean,
): Promise<void> {
  const { broker, persist } = context;
  const { id, symbol, externalOrderId, qty, status } = ours.state;
  if (externalOrderId === null) return;
  const theirs = await broker.orderById(externalOrderId);
  if (theirs !== null) {
    if (brokerIsAhead(theirs, ours.state)) await syncOrder(context, theirs, id, { source: 'RECONCILIATION', infer });
    return;
  }
  const news = {
    symbol,
    orderId: id,
    cause: 'MISSING_AT_BROKER',
    ours: { status, qty: formatUnits(qty) },
    theirs: {},
  } as const;
  await persist(() => books.openBreak(news));
}

/** The broker works an order that is closed here: it may trade, so it is cancelled, and somebody must know. */
async function cancelGhost(
  context: ExecutionContext,
  books: ReconciliationStore,
  ours: WorkOrder,
  theirs: BrokerOrder,
): Promise<void> {
  const { broker, persist, store, fence, log } = context;
  const { id, symbol, status } = ours.state;
  log.error({ orderId: id, status }, 'the broker works an order that is closed here: cancelling it');
  const request = { source: 'RECONCILIATION' as const, externalOrderId: theirs.externalOrderId, inputs: [] };
  await persist(() => store.book(fence, { orderId: id }, request));
  const found = { external_order_id: theirs.externalOrderId, status: theirs.rawStatus };
  await persist(() =>
    books.openBreak({ symbol, orderId: id, cause: 'EXTERNAL_ORDER', ours: { status }, theirs: found }),
  );
  await broker.cancel(theirs.externalOrderId);
}

async function compareOpen(
  context: ExecutionContext,
  books: ReconciliationStore,
  theirs: BrokerOrder,
  settledBefore: number,
  infer: boolean,
) {
  const ours = await ourOrder(context, theirs);
  if (ours === null) {
    const adopted = await adopt(context, theirs);
    if (adopted !== null && brokerIsAhead(theirs, adopted.state)) {
      await syncOrder(context, theirs, adopted.state.id, { source: 'RECONCILIATION', infer: false });
    }
    return true;
  }
  if (ours.updatedAtMs > settledBefore) return false;
  if (isClosed(ours.state.status) && ours.state.status !== 'FILLED') await cancelGhost(context, books, ours, theirs);
  else if (brokerIsAhead(theirs, ours.state)) {
    await syncOrder(context, theirs, ours.state.id, { source: 'RECONCILIATION', infer });
  }
  return true;
}

/**
 * Brings our orders up to what the broker says: executions of the statement first, then every open order, then every live
 * order of ours that the broker no longer lists. A query that fails throws BrokerError and the round counts as failed.
 */
export async function reconcileOrders(
  context: ExecutionContext,
  books: ReconciliationStore,
  options: OrderRoundOptions,
): Promise<OrderRound> {
  const { broker, store, persist, clock } = context;
  const settledBefore = clock.nowMs() - options.settleMs;
  const live = await persist(() => store.live());
  const open = await broker.openOrders();
  const activities = await broker.activitiesAfter(Math.max(0, options.cursorMs - options.overlapMs));
  await bookActivities(context, books, activities);
  // A residue is inferred only for orders that had the time to hear of their executions.
  const infer = options.settleMs > 0;
  let left = 0;
  const listed = new Set<string>();
  for (const theirs of open) {
    listed.add(theirs.externalOrderId);
    if (!(await compareOpen(context, books, theirs, settledBefore, infer))) left += 1;
  }
  for (const ours of live) {
    const { externalOrderId } = ours.state;
    if (externalOrderId === null || listed.has(externalOrderId)) continue;
    if (ours.updatedAtMs > settledBefore) left += 1;
    else await lookUpMissing(context, books, ours, infer);
  }
  const cursorMs = activities.reduce((newest, each) => Math.max(newest, each.atMs), options.cursorMs);
  return { open, activities, left, cursorMs };
}
