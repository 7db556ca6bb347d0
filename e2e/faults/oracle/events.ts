import type { OurOrder, OurSide } from './our-side';
import type { Replayed } from './replay-timeline';

/** The event that tells of each status. */
const TOPICS: Readonly<Record<OurOrder['status'], string>> = {
  NEW: 'order.created',
  ACCEPTED: 'order.accepted',
  PARTIALLY_FILLED: 'order.partially_filled',
  FILLED: 'order.filled',
  REJECTED: 'order.rejected',
  CANCELLED: 'order.cancelled',
  EXPIRED: 'order.expired',
};
const ENDS: readonly OurOrder['status'][] = ['FILLED', 'REJECTED', 'CANCELLED', 'EXPIRED'];

function orderEvents(order: OurOrder, { statuses, fills, amended }: Replayed, topics: readonly string[]): string[] {
  const found: string[] = [];
  const count = (topic: string) => topics.filter((each) => each === topic).length;
  const created = order.kind === 'EXTERNAL' ? 'order.adopted' : TOPICS.NEW;
  if (count(created) !== 1) found.push(`${order.id} has ${count(created)} events ${created}`);
  for (const status of new Set(statuses)) {
    if (count(TOPICS[status]) === 0) found.push(`${order.id} became ${status} and no event tells it`);
  }
  for (const status of amended ? [] : ENDS) {
    if (count(TOPICS[status]) > 1) found.push(`${order.id} has ${count(TOPICS[status])} events ${TOPICS[status]}`);
  }
  const published = count('order.partially_filled') + count('order.filled');
  if (!amended && published !== fills) found.push(`${order.id} has ${published} events for ${fills} fills`);
  return found;
}

/** Positions have no hole, and the durable consumer has handled each event once, in order within its partition. */
function delivered({ outbox, effects }: OurSide): string[] {
  const found: string[] = [];
  const waiting = outbox.filter(({ position }) => position === null);
  const overdue = waiting.filter(({ young }) => !young);
  if (overdue.length > 0) found.push(`${overdue.length} events are not published, the first is ${overdue[0]?.topic}`);
  const positions = new Set(outbox.map(({ position }) => position));
  for (let n = 1; n <= outbox.length - waiting.length; n += 1) {
    if (!positions.has(n)) found.push(`no event has position ${n}`);
  }
  const stored = new Map(outbox.map(({ id, position }) => [id, position]));
  const handled = new Set<string>();
  const reached = new Map<number, number>();
  for (const { event_id: id, topic, position, partition } of effects) {
    if (stored.get(id) !== position) found.push(`${topic} ${id} was handled, but what it tells was never committed`);
    if (handled.has(id)) found.push(`${topic} ${id} was handled twice`);
    if (position < (reached.get(partition) ?? 0)) found.push(`${topic} ${id} was handled out of order`);
    handled.add(id);
    reached.set(partition, position);
  }
  const missed = outbox.filter(({ id, position, young }) => position !== null && !young && !handled.has(id));
  return [...found, ...missed.map(({ topic, position }) => `${topic} (${position}) never came to the consumer`)];
}

/** I6: every change of an order's state has its event, and each event had its effect at the consumer once. */
export function outboxComplete(ours: OurSide, replayed: ReadonlyMap<string, Replayed>): string[] {
  const topics = new Map<string, string[]>();
  for (const { subject, topic } of ours.outbox) topics.set(subject, [...(topics.get(subject) ?? []), topic]);
  const perOrder = ours.orders.flatMap((order) => {
    const life = replayed.get(order.id);
    return life === undefined ? [] : orderEvents(order, life, topics.get(order.id) ?? []);
  });
  return [...perOrder, ...delivered(ours)];
}
