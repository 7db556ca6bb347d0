import type { ExecutionContext } from '@/server/application/execution-context';
import type { BrokerOrder } from '@/server/application/ports/broker';
import type { Topic } from '@/server/contracts/events';
import type { OrderState } from '@/server/domain/order/types';
import {
  answered,
  type BrokerSide,
  type Judgement,
  type OurOrder,
  reconcileOrder,
} from '@/server/domain/reconciliation';
import type { BookingInput, BookingSource } from './booking';
import { isFill, statementFill } from './statement';

/** Activities are stamped by another clock of the broker's than orders. */
const ACTIVITY_OVERLAP_MS = 60_000;

/**
 * What brings an order up to the broker's. Pure; judged again under the order's lock, where it may have moved on.
 * @param ours whose order it is, and how long ago it last changed here
 */
export function newsOf(
  side: BrokerSide,
  judgement: Judgement,
  { kind, changedMsAgo }: Pick<OurOrder, 'kind' | 'changedMsAgo'>,
): (state: OrderState) => readonly BookingInput[] {
  return (state) =>
    reconcileOrder({ state, kind, changedMsAgo, breaks: [] }, side, judgement).flatMap((action): BookingInput[] =>
      action.kind === 'transition' ? [{ input: action.input, cumQty: action.cumQty }] : [],
    );
}

export interface SyncOptions {
  readonly source: BookingSource;
  /** Conclude a residue that no activity explains from the order's own total. Only once the activities have had time to come. */
  readonly infer: boolean;
  readonly extraTopics?: readonly Topic[];
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
  const { store, persist, fence, broker } = context;
  const before = await persist(() => store.load({ orderId }));
  if (before === null) return;
  const activities =
    order.filledQty > before.state.cumQty
      ? await broker.activitiesAfter(Math.max(0, order.submittedAtMs - ACTIVITY_OVERLAP_MS))
      : [];
  const fills = activities.filter(isFill).filter((each) => each.externalOrderId === order.externalOrderId);
  const side = { order: answered(order), fills: fills.map(statementFill), lookedUp: true };
  const request = {
    source: options.source,
    externalOrderId: order.externalOrderId,
    brokerAtMs: order.updatedAtMs,
    inputs: newsOf(
      side,
      { settleMs: 0, infer: options.infer, closedAtMs: null },
      { kind: before.kind, changedMsAgo: Number.POSITIVE_INFINITY },
    ),
    notes: options.notes ?? [],
  };
  await persist(() => store.book(fence, { orderId }, request, options.extraTopics));
}
