import { type ConsumerParts, OutboxConsumer } from '@/server/application/bus/outbox-consumer';
import type { EventBus } from '@/server/application/ports/bus';
import { Forwarder } from './forwarder';
import { NatsLink } from './link';
import { natsOptions } from './settings';
import { pullPartitions } from './subscription';

/** While NATS is there it delivers; the outbox is looked at now and then for what it has not delivered after so long. */
const SWEEP = { everyMs: 5_000, ageMs: 5_000 };
/** While it is away, the outbox is read as without it. */
const ALONE = { everyMs: 1_000, ageMs: 0 };

export interface NatsBusOptions extends ConsumerParts {
  readonly url: string;
  /** Shown in the server's list of connections. */
  readonly name: string;
  /** A connection that was made or lost, a stream that was replaced. */
  readonly onState: (what: string) => void;
}

/** The bus on NATS JetStream, with the outbox behind it. */
export function createNatsBus(options: NatsBusOptions): EventBus {
  const { log, clock, onFault, onState } = options;
  const consumers = new Set<OutboxConsumer>();
  const wakeAll = () => {
    for (const consumer of consumers) consumer.wake();
  };
  const forwarder = new Forwarder(log, ({ forwarded }) =>
    onState(`the stream was lost: made again and filled from position ${forwarded + 1n}`),
  );
  const link = new NatsLink(natsOptions(options.url, options.name), clock, {
    connected() {
      forwarder.forget();
      onState('connected to NATS');
      wakeAll();
    },
    disconnected() {
      onState('NATS is away: events are read from the outbox');
      wakeAll();
    },
  });
  let deployment: Promise<string> | null = null;
  const deploymentName = () => {
    deployment ??= log.stream(null).then(
      (record) => record.deployment,
      (error: unknown) => {
        deployment = null;
        throw error;
      },
    );
    return deployment;
  };

  return {
    engine: 'nats',
    publish: (events) => log.append(events),
    subscribe(durable, topics, handler, subscribeOptions = {}) {
      const consumer = new OutboxConsumer(options, durable, topics, handler, subscribeOptions);
      consumers.add(consumer);
      consumer.run(() => (link.up === null ? ALONE : SWEEP));
      const pulls = pullPartitions(consumer, topics, { up: () => link.up, deployment: deploymentName, clock, onFault });
      return {
        async close() {
          consumers.delete(consumer);
          await consumer.close();
          // A pull under way ends within its time, or with the connection.
          pulls.catch((error: unknown) => onFault(`pulling for ${durable} ended`, error));
        },
      };
    },
    async forward(fence) {
      const { up } = link;
      return up === null ? 0 : forwarder.forward(up, fence);
    },
    wake() {
      if (link.up === null) wakeAll();
    },
    health: () => ({
      state: link.up === null ? 'away' : 'connected',
      fault: link.fault,
      behind: forwarder.behind,
      replaced: forwarder.replaced,
    }),
    async close() {
      await Promise.all([...consumers].map((consumer) => consumer.close()));
      await link.close();
    },
  };
}
