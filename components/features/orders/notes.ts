import type { Tone } from '@/components/status/tone';
import type { Order, OrderDetail } from '@/components/trpc/types';

/** A sentence on why an order stands as it does. */
export interface OrderNote {
  readonly key: string;
  readonly tone: Extract<Tone, 'warn' | 'danger' | 'neutral'>;
  readonly text: string;
}

const WAITS: Record<NonNullable<Order['waitsFor']>, string> = {
  OTHER_SELL: 'It waits until other sells of the symbol have ended: two of them together could sell more than is held.',
  UNCERTAIN_ORDER: 'It waits until it is known whether the broker took another order of the symbol.',
};

function cancelNote(order: Order): OrderNote | null {
  if (order.cancelFault === null) return null;
  const sent = order.cancelAttempts === 1 ? 'once' : `${order.cancelAttempts} times`;
  const again = order.status === 'CANCEL_PENDING' ? ' Trying again.' : '';
  return {
    key: 'cancel',
    tone: 'danger',
    text: `The cancel, sent ${sent}, did not end it: ${order.cancelFault}.${again}`.replace('..', '.'),
  };
}

function waitNote(order: Order): OrderNote | null {
  if (order.waitsFor === null) return null;
  return { key: 'waits', tone: 'warn', text: WAITS[order.waitsFor] };
}

function externalNote(order: Order): OrderNote | null {
  if (order.kind !== 'EXTERNAL') return null;
  return {
    key: 'external',
    tone: 'warn',
    text: 'It was placed outside Countersign, straight at the broker. No decision stands behind it.',
  };
}

/** What a person should know of an order beside its status. */
export function orderNotes(order: Order): readonly OrderNote[] {
  return [externalNote(order), waitNote(order), cancelNote(order)].filter((note) => note !== null);
}

/** Why an order was closed before it was sent, in the sender's words; null where it was sent or is open. */
export function unsentReason({ order, externalOrderId, events }: OrderDetail): string | null {
  if (order.status !== 'CANCELLED' || externalOrderId !== null) return null;
  const reason = events.findLast((event) => event.type === 'cancelled')?.data['reason'];
  return typeof reason === 'string' && reason !== '' ? reason : null;
}
