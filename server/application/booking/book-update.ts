import type { ExecutionContext } from '@/server/application/execution-context';
import type { TradeUpdate } from '@/server/application/ports/broker';
import type { OrderInput } from '@/server/domain/order/types';
import { failpoint } from '@/server/kernel/failpoint';
import { isUuid } from '@/server/kernel/ids';
import type { BookingInput } from './booking';
import { syncOrder } from './sync-order';

/** Events that say the broker has the order and nothing more. */
const ALIVE = new Set([
  'accepted',
  'new',
  'pending_new',
  'held',
  'accepted_for_bidding',
  'stopped',
  'calculated',
  'suspended',
]);

function fillOf(update: TradeUpdate): BookingInput | null {
  const { fill } = update;
  if (fill === null || fill.executionId === null) return null;
  const { qty, price, atMs, executionId } = fill;
  if (update.event === 'trade_correct') {
    const ref = update.refExecutionId;
    return ref === null ? null : { input: { kind: 'correct', executionId, refExecutionId: ref, qty, price, atMs } };
  }
  return { input: { kind: 'fill', executionId, qty, price, atMs }, cumQty: update.order.filledQty };
}

const STATUS: Readonly<Record<string, OrderInput>> = {
  rejected: { kind: 'rejected', reason: 'rejected by the broker' },
  done_for_day: { kind: 'done_for_day' },
  order_cancel_rejected: { kind: 'cancel_rejected', reason: 'too late' },
};

/** What a line of the stream says, or null when REST must tell: an unnamed execution, or an end that needs its fills first. */
export function inputOf(update: TradeUpdate): BookingInput | null {
  if (ALIVE.has(update.event)) return { input: { kind: 'accepted', externalOrderId: update.order.externalOrderId } };
  const byStatus = STATUS[update.event];
  if (byStatus !== undefined) return { input: byStatus };
  if (update.event === 'trade_bust' && update.refExecutionId !== null) {
    return { input: { kind: 'bust', refExecutionId: update.refExecutionId } };
  }
  const ended = ['canceled', 'expired'].includes(update.event);
  if (ended && update.order.filledQty === 0n)
    return { input: { kind: update.event === 'expired' ? 'expired' : 'cancelled' } };
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
  // It tells nothing of an order that has moved on: neither news nor a refused transition.
  if (alive && known.state.status !== 'NEW' && known.state.externalOrderId !== null) return true;
  const request = { source: 'STREAM' as const, externalOrderId, brokerAtMs: update.atMs, inputs: [item] };
  await persist(() => store.book(fence, { orderId }, request));
  if (update.fill !== null) failpoint('fill-booked');
  if (update.event === 'canceled') failpoint('cancel-booked');
  return true;
}
