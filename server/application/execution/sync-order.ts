import type { BrokerActivity, BrokerOrder } from '@/server/application/ports/broker';
import type { OrderState } from '@/server/domain/order/types';
import { reconcileOrder } from '@/server/domain/reconciliation';
import type { BookingInput, BookingSource } from './booking';
import type { ExecutionContext } from './dependencies';

type FillActivity = Extract<BrokerActivity, { kind: 'FILL' }>;

/** Activities are stamped by another clock of the broker's than orders. */
const ACTIVITY_OVERLAP_MS = 60_000;
/** Reconciliation leaves alone what changed lately; whoever asks here has waited, or must know at once. */
const LONG_AGO_MS = 0;

export const fillInput = (fill: FillActivity): BookingInput => ({
  input: { kind: 'fill', executionId: fill.executionId, qty: fill.qty, price: fill.price, atMs: fill.atMs },
  cumQty: fill.cumQty,
});

/** The broker's order as far as its listed executions explain it: what is beyond them waits for the next round. */
function explained(order: BrokerOrder, state: OrderState, fills: readonly FillActivity[]): BrokerOrder {
  const named = new Set(state.fills.map(({ executionId }) => executionId));
  let cum = state.cumQty;
  for (const { executionId, qty } of fills) if (!named.has(executionId)) cum += qty;
  return cum >= order.filledQty
    ? order
    : { ...order, filledQty: cum, status: cum > 0n ? 'PARTIALLY_FILLED' : 'ACCEPTED' };
}

/** What brings our order up to the broker's. Pure; judged again under the order's lock. */
export function newsOf(
  order: BrokerOrder,
  state: OrderState,
  fills: readonly FillActivity[],
  infer: boolean,
): readonly BookingInput[] {
  const view = infer ? order : explained(order, state, fills);
  const ours = { state, changedAtMs: LONG_AGO_MS };
  const actions = reconcileOrder(ours, { order: view, fills, lookedUp: true }, Number.MAX_SAFE_INTEGER);
  return actions.flatMap((action): BookingInput[] => {
    if (action.kind !== 'transition') return [];
    const { input } = action;
    const fill = input.kind === 'fill' ? fills.find(({ executionId }) => executionId === input.executionId) : undefined;
    return [{ input, ...(fill === undefined ? {} : { cumQty: fill.cumQty }) }];
  });
}

/** Whether the broker tells of anything that we do not have. */
export function brokerIsAhead(order: BrokerOrder, state: OrderState): boolean {
  return state.externalOrderId === null || order.filledQty > state.cumQty || newsOf(order, state, [], true).length > 0;
}

async function fillsOf(context: ExecutionContext, order: BrokerOrder): Promise<readonly FillActivity[]> {
  const activities = await context.broker.activitiesAfter(Math.max(0, order.submittedAtMs - ACTIVITY_OVERLAP_MS));
  return activities.filter(
    (each): each is FillActivity => each.kind === 'FILL' && each.externalOrderId === order.externalOrderId,
  );
}

export interface SyncOptions {
  readonly source: BookingSource;
  /** Conclude a residue that no activity explains from the order's own total. Only once the activities have had time to come. */
  readonly infer: boolean;
  readonly extraTopics?: readonly string[];
  readonly notes?: readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[];
}

/**
 * Books all that the broker's order tells beyond what we know, its executions first, then its status: one transaction.
 * @throws BrokerError when the executions could not be asked for
 */
export async function syncOrder(
  context: ExecutionContext,
  order: BrokerOrder,
  orderId: string,
  options: SyncOptions,
): Promise<void> {
  const { store, persist, fence } = context;
  const before = await persist(() => store.load({ orderId }));
  if (before === null) return;
  const fills = order.filledQty > before.state.cumQty ? await fillsOf(context, order) : [];
  const request = {
    source: options.source,
    externalOrderId: order.externalOrderId,
    brokerAtMs: order.updatedAtMs,
    inputs: (state: OrderState) => newsOf(order, state, fills, options.infer),
    notes: options.notes ?? [],
  };
  await persist(() => store.book(fence, { orderId }, request, options.extraTopics));
}
