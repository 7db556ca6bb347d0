import type { Tone } from '@/components/status/tone';
import type { Order, OrderDetail } from '@/components/trpc/types';

/** A sentence that explains an order's state. */
export interface OrderNote {
  readonly key: string;
  readonly tone: Extract<Tone, 'warn' | 'danger' | 'neutral'>;
  readonly text: string;
}

function cancelNote(order: Order): OrderNote | null {
  if (order.cancelFault === null) return null;
  const sent = order.cancelAttempts === 1 ? 'once' : `${order.cancelAttempts} times`;
  const again = order.status === 'CANCEL_PENDING' ? ' Retrying.' : '';
  return {
    key: 'cancel',
    tone: 'danger',
    text: `Cancel sent ${sent}, but the order is still open: ${order.cancelFault}.${again}`.replace('..', '.'),
  };
}

function externalNote(order: Order): OrderNote | null {
  if (order.kind !== 'EXTERNAL') return null;
  return {
    key: 'external',
    tone: 'warn',
    text: 'Placed directly at the broker, outside Countersign, without a policy decision.',
  };
}

function protectiveNote({ kind, leavesQty }: Order): OrderNote | null {
  if (kind !== 'PROTECTIVE' || leavesQty === '0') return null;
  const text = 'Protects the position: it ends when the position is closed, and cannot be cancelled on its own.';
  return { key: 'protective', tone: 'neutral', text };
}

/** What an operator should know about an order beyond its status. */
export function orderNotes(order: Order): readonly OrderNote[] {
  return [externalNote(order), protectiveNote(order), cancelNote(order)].filter((note) => note !== null);
}

/** Why an order was closed before it was sent, as the sender stated it; null where it was sent or is open. */
export function unsentReason({ order, events }: OrderDetail): string | null {
  if (order.status !== 'CANCELLED' || order.externalOrderId !== null) return null;
  const reason = events.findLast((event) => event.type === 'cancelled')?.data['reason'];
  return typeof reason === 'string' && reason !== '' ? reason : null;
}
