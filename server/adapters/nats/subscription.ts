import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { z } from 'zod';
import type { OutboxConsumer } from '@/server/application/bus/outbox-consumer';
import { PARTITIONS } from '@/server/contracts/event';
import type { Clock } from '@/server/kernel/clock';
import type { Up } from './link';
import { filterOf, streamName } from './stream';

/** An event that is not acknowledged within it is delivered again, perhaps to another process. */
const ACK_WAIT_MS = 30_000;
/** A pull that a restart of the server swallowed is given up after it. */
const PULL_MS = 2_000;
const RETRY_MS = 500;
const BUSY_MS = 100;

/** All that is taken from a message: the event itself is read from the outbox, which nobody can write through NATS. */
const hintSchema = z.object({ position: z.string().regex(/^\d{1,19}$/) });

export interface PullParts {
  readonly up: () => Up | null;
  readonly deployment: () => Promise<string>;
  readonly clock: Clock;
  readonly onFault: (what: string, error: unknown) => void;
}

/**
 * Pulls each partition's events for one durable consumer. The server keeps one event a partition in flight among all
 * processes, so that order is kept whichever process pulls; the acknowledgement leaves after the handler's transaction committed.
 */
export function pullPartitions(consumer: OutboxConsumer, topics: readonly string[], parts: PullParts): Promise<void> {
  const loops = Array.from({ length: PARTITIONS }, (_, part) => pullLoop(consumer, topics, part, parts));
  return Promise.all(loops).then(() => undefined);
}

async function pullLoop(
  consumer: OutboxConsumer,
  topics: readonly string[],
  part: number,
  { up, deployment, clock, onFault }: PullParts,
): Promise<void> {
  let faulty = false;
  while (!consumer.signal.aborted) {
    const link = up();
    try {
      if (link !== null) {
        const source = await open(link, await deployment(), consumer, topics, part);
        faulty = false;
        while (up() === link && !consumer.signal.aborted) await pullOne(source, consumer, part);
      }
    } catch (error) {
      // The stream is made by the relay; the link reports a connection that ended.
      if (!faulty && up() === link) onFault(`events of partition ${part} cannot be pulled for ${consumer.name}`, error);
      faulty = true;
    }
    await clock.sleep(RETRY_MS, consumer.signal);
  }
}

async function open(
  { js, jsm }: Up,
  deployment: string,
  consumer: OutboxConsumer,
  topics: readonly string[],
  part: number,
): Promise<Consumer> {
  await consumer.register();
  const durable = `${consumer.name}-${part}`;
  await jsm.consumers.add(streamName(deployment), {
    durable_name: durable,
    filter_subject: filterOf(deployment, part, topics),
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ACK_WAIT_MS),
    max_ack_pending: 1,
    max_deliver: -1,
    // What was handled before is known by its position; nothing may be left out.
    deliver_policy: DeliverPolicy.All,
  });
  return js.consumers.get(streamName(deployment), durable);
}

async function pullOne(source: Consumer, consumer: OutboxConsumer, part: number): Promise<void> {
  const message = await source.next({ expires: PULL_MS });
  if (message !== null) await handle(message, consumer, part);
}

async function handle(message: JsMsg, consumer: OutboxConsumer, part: number): Promise<void> {
  const position = positionOf(message);
  // Without a reason: servers before 2.10 do not know one, and would take it for no answer at all.
  if (position === null) return message.term();
  const progress = await consumer.bring(part, position);
  if (progress === 'there') message.ack();
  else if (progress === 'busy') message.nak(BUSY_MS);
  else message.nak(consumer.pauseMs(part));
}

function positionOf(message: JsMsg): bigint | null {
  try {
    return BigInt(hintSchema.parse(message.json()).position);
  } catch {
    return null;
  }
}
