import type { ExecutionContext } from '@/server/application/execution-context';
import type { TradeEvent, TradeUpdate } from '@/server/application/ports/broker';
import type { OrderInput } from '@/server/domain/order/types';
import { failpoint } from '@/server/kernel/failpoint';
import { isUuid } from '@/server/kernel/ids';
import type { BookingInput } from './booking';
import { syncOrder } from './sync-order';

function fillOf(update: TradeUpdate): BookingInput | null {
  const { fill } = update;
  if (fill === null || fill.executionId === null) return null;
  const { qty, price, atMs, executionId } = fill;
  if (update.event === 'FILL_CORRECTED') {
    const ref = update.refExecutionId;
    return ref === null ? null : { input: { kind: 'correct', executionId, refExecutionId: ref, qty, price, atMs } };
  }
  return { input: { kind: 'fill', executionId, qty, price, atMs }, cumQty: update.order.filledQty };
}

const BY_EVENT: Readonly<Partial<Record<TradeEvent, OrderInput>>> = {
  REJECTED: { kind: 'rejected', reason: 'rejected by the broker' },
  DONE_FOR_DAY: { kind: 'done_for_day' },
  CANCEL_REJECTED: { kind: 'cancel_rejected', reason: 'too late' },
};

/** The input of an update. Null when the order must be read: an unnamed execution, or an end whose fills come first. */
export function inputOf(update: TradeUpdate): BookingInput | null {
  if (update.event === 'ACCEPTED')
    return { input: { kind: 'accepted', externalOrderId: update.order.externalOrderId } };
  const byEvent = BY_EVENT[update.event];
  if (byEvent !== undefined) return { input: byEvent };
  if (update.event === 'FILL_BUSTED' && update.refExecutionId !== null) {
    return { input: { kind: 'bust', refExecutionId: update.refExecutionId } };
  }
  if ((update.event === 'CANCELLED' || update.event === 'EXPIRED') && update.order.filledQty === 0n)
    return { input: { kind: update.event === 'EXPIRED' ? 'expired' : 'cancelled' } };
  return fillOf(update);
}

/**
 * Books one trade update. @returns whether the order is ours
 * @throws BrokerError when the stream left something open and REST did not answer
 */
export async function bookUpdate(context: ExecutionContext, update: TradeUpdate): Promise<boolean> {
  const { store, persist, fence } = context;
  if (update.fill !== null) failpoint('fill-received');
  const { externalOrderId, clientOrderId } = update.order;
  const known =
    (isUuid(clientOrderId) ? await persist(() => store.load({ orderId: clientOrderId })) : null) ??
    (await persist(() => store.load({ externalOrderId })));
  if (known === null) return false;
  const orderId = known.state.id;
  const item = inputOf(update);
  if (item === null) {
    await syncOrder(context, update.order, orderId, { source: 'STREAM', infer: false });
    return true;
  }
  const alive = item.input.kind === 'accepted';
  // An order that has moved on learns nothing from it, and the transition would be refused.
  if (alive && known.state.status !== 'NEW' && known.state.externalOrderId !== null) return true;
  const request = { source: 'STREAM' as const, externalOrderId, brokerAtMs: update.atMs, inputs: [item] };
  await persist(() => store.book(fence, { orderId }, request));
  if (update.fill !== null) failpoint('fill-booked');
  if (update.event === 'CANCELLED') failpoint('cancel-booked');
  return true;
}
