import { type ConsumerParts, OutboxConsumer } from '@/server/application/bus/outbox-consumer';
import type { EventBus } from '@/server/application/ports/bus';

/** A wake that was lost is made up for after this long. */
const POLL_MS = 1_000;

/** The bus on Postgres alone: the relay's notification wakes, consumers read the outbox. */
export function createOutboxBus(parts: ConsumerParts): EventBus {
  const consumers = new Set<OutboxConsumer>();
  return {
    engine: 'postgres',
    publish: (events) => parts.log.append(events),
    subscribe(durable, topics, handler, options = {}) {
      const consumer = new OutboxConsumer(parts, durable, topics, handler, options);
      consumers.add(consumer);
      consumer.run(() => ({ everyMs: POLL_MS, ageMs: 0 }));
      return {
        async close() {
          consumers.delete(consumer);
          await consumer.close();
        },
      };
    },
    forward: async () => 0,
    wake() {
      for (const consumer of consumers) consumer.wake();
    },
    health: () => ({ state: 'connected', fault: '', behind: null, replaced: 0 }),
    async close() {
      await Promise.all([...consumers].map((consumer) => consumer.close()));
    },
  };
}
