import type { BrokerActivity, BrokerOrder } from '@/server/application/ports/broker';
import type { WorkOrder } from '@/server/application/ports/execution-store';
import { isClosed } from '@/server/domain/order/view';
import type { BookingInput, BookingSource } from './booking';
import type { ExecutionContext } from './dependencies';
import { inferredFill } from './infer-fill';

type FillActivity = Extract<BrokerActivity, { kind: 'FILL' }>;

/** Activities are stamped by another clock of the broker's than orders. */
const ACTIVITY_OVERLAP_MS = 60_000;

export const fillInput = (fill: FillActivity): BookingInput => ({
  input: { kind: 'fill', executionId: fill.executionId, qty: fill.qty, price: fill.price, atMs: fill.atMs },
  cumQty: fill.cumQty,
});

/** What the broker's status adds to what its fills said. A close waits until all that was filled is known. */
export function statusInputs(order: BrokerOrder, ours: WorkOrder['state'], filledAfter: bigint): BookingInput[] {
  if (isClosed(ours.status)) {
    const answered = ours.cancelRequested && (order.status === 'FILLED' || order.status === 'CANCELLED');
    return answered ? [{ input: order.status === 'FILLED' ? { kind: 'cancel_rejected' } : { kind: 'cancelled' } }] : [];
  }
  if (filledAfter < order.filledQty) return [];
  switch (order.status) {
    case 'CANCELLED':
      return [{ input: { kind: 'cancelled' } }];
    case 'REPLACED':
      return [{ input: { kind: 'cancelled', reason: 'replaced at the broker' } }];
    case 'EXPIRED':
      return [{ input: { kind: 'expired' } }];
    case 'REJECTED':
      return [{ input: { kind: 'rejected', reason: `the broker's status is ${order.rawStatus}` } }];
    case 'FILLED':
      return ours.cancelRequested ? [{ input: { kind: 'cancel_rejected', reason: 'filled' } }] : [];
    default:
      return [];
  }
}

/** Whether the broker tells of anything that we do not have. */
export function brokerIsAhead(order: BrokerOrder, ours: WorkOrder['state']): boolean {
  if (order.filledQty > ours.cumQty || ours.externalOrderId === null) return true;
  return statusInputs(order, ours, order.filledQty).length > 0;
}

async function fillsOf(context: ExecutionContext, order: BrokerOrder): Promise<readonly FillActivity[]> {
  const activities = await context.broker.activitiesAfter(order.submittedAtMs - ACTIVITY_OVERLAP_MS);
  return activities.filter(
    (each): each is FillActivity => each.kind === 'FILL' && each.externalOrderId === order.externalOrderId,
  );
}

export interface SyncOptions {
  readonly source: BookingSource;
  /** Conclude a residue that no activity explains from the order's own total. Only once the activities have had time to come. */
  readonly infer: boolean;
  readonly extraTopics?: readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * Books all that the broker's order tells beyond what we know: its executions first, then its status.
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
  const request = { source: options.source, externalOrderId: order.externalOrderId, brokerAtMs: order.updatedAtMs };
  const accepted: BookingInput[] =
    before.state.status === 'NEW'
      ? [
          {
            input: { kind: 'accepted', externalOrderId: order.externalOrderId },
            ...(options.data ? { data: options.data } : {}),
          },
        ]
      : [];
  const first = [...accepted, ...fills.map(fillInput)];
  const booked = await persist(() =>
    store.book(fence, { orderId }, { ...request, inputs: first }, options.extraTopics),
  );
  let state = booked.decision?.state ?? before.state;
  if (options.infer && state.cumQty < order.filledQty) {
    const residue = inferredFill(order, state);
    if (residue !== null) {
      const inferred = await persist(() => store.book(fence, { orderId }, { ...request, inputs: [residue] }));
      state = inferred.decision?.state ?? state;
    }
  }
  const last = statusInputs(order, state, state.cumQty);
  if (last.length > 0) await persist(() => store.book(fence, { orderId }, { ...request, inputs: last }));
}
