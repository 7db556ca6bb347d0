import type { BreakCause } from '@/server/kernel/vocabulary';
import { type Answered, answered } from './answered';
import { reconcileOrder } from './reconcile-order';
import type { BrokerOrderView, BrokerSide, Judgement, OrderAction, OurOrder, StatementFill } from './types';

/** Both sides of a round: what the broker answered, and our orders that are live, named by it, or with a break. */
export interface OrdersView {
  readonly ours: readonly OurOrder[];
  /** Every open order of the broker's. */
  readonly open: Answered<readonly BrokerOrderView[]>;
  /** Executions of the account's statement. */
  readonly statement: Answered<readonly StatementFill[]>;
  /** Open breaks that are of no order, by symbol. */
  readonly symbolBreaks: ReadonlyMap<string, readonly BreakCause[]>;
}

/** What to do about one order, with what it follows from. */
export interface OrderPlan {
  readonly ours: OurOrder | null;
  readonly side: BrokerSide;
  readonly actions: readonly OrderAction[];
}

function grouped(fills: readonly StatementFill[]): Map<string, StatementFill[]> {
  const byOrder = new Map<string, StatementFill[]>();
  for (const fill of fills) {
    const list = byOrder.get(fill.externalOrderId);
    if (list === undefined) byOrder.set(fill.externalOrderId, [fill]);
    else list.push(fill);
  }
  return byOrder;
}

/** Finds our order of a broker's: by the broker's id, else by ours where we do not know the broker's yet. */
export function findOurs(ours: readonly OurOrder[]): (order: BrokerOrderView) => OurOrder | null {
  const byExternal = new Map(ours.map((each) => [each.state.externalOrderId, each]));
  const unnamed = new Map(
    ours.filter(({ state }) => state.externalOrderId === null).map((each) => [each.state.id, each]),
  );
  return ({ externalOrderId, clientOrderId }) => byExternal.get(externalOrderId) ?? unnamed.get(clientOrderId) ?? null;
}

/**
 * The round's plan for orders: one entry for each order of either side about which something is to do. The union of both
 * sides: what the broker lists, what we have live, and what the statement names though neither does.
 */
export function planOrders(view: OrdersView, judgement: Judgement): readonly OrderPlan[] {
  const find = findOurs(view.ours);
  const fillsOf = grouped(view.statement.value);
  const plans: OrderPlan[] = [];
  const seen = new Set<string>();
  const met = new Set<OurOrder>();
  const plan = (ours: OurOrder | null, order: BrokerOrderView | null, externalOrderId: string) => {
    seen.add(externalOrderId);
    const side = { order: answered(order), fills: fillsOf.get(externalOrderId) ?? [], lookedUp: false };
    const breaks = order === null ? [] : (view.symbolBreaks.get(order.symbol) ?? []);
    const actions = reconcileOrder(ours, side, judgement, breaks);
    if (actions.length > 0) plans.push({ ours, side, actions });
  };
  for (const order of view.open.value) {
    if (seen.has(order.externalOrderId)) continue;
    const ours = find(order);
    if (ours !== null) met.add(ours);
    plan(ours, order, order.externalOrderId);
  }
  for (const ours of view.ours) {
    const { externalOrderId } = ours.state;
    if (!met.has(ours) && externalOrderId !== null) plan(ours, null, externalOrderId);
  }
  for (const [externalOrderId, fills] of fillsOf) {
    if (seen.has(externalOrderId)) continue;
    // Of an order that we do not know by this name: whose it is only the broker can say.
    const side = { order: answered(null), fills, lookedUp: false };
    plans.push({ ours: null, side, actions: [{ kind: 'look_up', orderId: null, externalOrderId }] });
  }
  return plans;
}
