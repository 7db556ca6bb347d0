import type { ExecutionContext } from '@/server/application/execution-context';
import type { BrokerOrder } from '@/server/application/ports/broker';
import type { ClaimedOrder } from '@/server/application/ports/execution-store';
import type { OpenBreak, ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import type { OurOrder } from '@/server/domain/reconciliation';
import { isUuid } from '@/server/kernel/ids';
import type { Units } from '@/server/kernel/money';
import type { BreakCause } from '@/server/kernel/vocabulary';

/** What we hold against the broker's answers: two statements, however many orders there are. */
export interface OurSide {
  readonly orders: readonly OurOrder[];
  readonly breaks: readonly OpenBreak[];
  /** Causes of open breaks that are of no order, by symbol. */
  readonly symbolBreaks: ReadonlyMap<string, readonly BreakCause[]>;
  /** By the broker's order id. */
  readonly referencePrices: ReadonlyMap<string, Units>;
}

function grouped(breaks: readonly OpenBreak[], key: (each: OpenBreak) => string | null): Map<string, BreakCause[]> {
  const found = new Map<string, BreakCause[]>();
  for (const each of breaks) {
    const name = key(each);
    if (name !== null) found.set(name, [...(found.get(name) ?? []), each.cause]);
  }
  return found;
}

const ourOrder = (breaks: ReadonlyMap<string, readonly BreakCause[]>) => (order: ClaimedOrder) => ({
  state: order.state,
  kind: order.kind,
  changedMsAgo: order.changedMsAgo,
  breaks: breaks.get(order.state.id) ?? [],
});

const clientIds = (orders: readonly BrokerOrder[]) =>
  orders.map(({ clientOrderId }) => clientOrderId).filter((id) => isUuid(id));

/**
 * Our live orders, those that the broker names, and those with an open break. Read after the broker was asked: an order of
 * ours is committed before the broker hears of it, so what is not here by then is not ours.
 * @param statementIds the broker's order ids in its statement
 */
export async function readOurSide(
  { store, persist }: ExecutionContext,
  books: Pick<ReconciliationStore, 'openBreaks'>,
  open: readonly BrokerOrder[],
  statementIds: readonly string[],
): Promise<OurSide> {
  const breaks = await persist(() => books.openBreaks());
  const ofOrders = breaks.flatMap(({ orderId }) => (orderId === null ? [] : [orderId]));
  const orders = await persist(() =>
    store.named({
      externalOrderIds: [...new Set([...open.map(({ externalOrderId }) => externalOrderId), ...statementIds])],
      orderIds: [...new Set([...clientIds(open), ...ofOrders])],
      live: true,
    }),
  );
  return {
    orders: orders.map(ourOrder(grouped(breaks, ({ orderId }) => orderId))),
    breaks,
    symbolBreaks: grouped(breaks, ({ orderId, symbol }) => (orderId === null ? symbol : null)),
    referencePrices: new Map(
      orders.map(({ state, referencePrice }) => [state.externalOrderId ?? state.id, referencePrice]),
    ),
  };
}

/** The same orders and those that a look-up brought, as they are now: one statement. */
export async function readAgain(
  { store, persist }: ExecutionContext,
  breaks: readonly OpenBreak[],
  externalOrderIds: readonly string[],
  found: readonly BrokerOrder[],
): Promise<readonly OurOrder[]> {
  const orders = await persist(() => store.named({ externalOrderIds, orderIds: clientIds(found), live: false }));
  return orders.map(ourOrder(grouped(breaks, ({ orderId }) => orderId)));
}
