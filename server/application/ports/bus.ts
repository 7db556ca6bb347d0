import type { CloudEvent } from '@/server/contracts/event';
import type { Fence } from './lease';

/** An event that nobody has published yet. */
export interface NewEvent {
  readonly id: string;
  readonly topic: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The transaction in which an event counts as handled: what is written through it is undone when the handler fails. */
export interface EventTransaction {
  query<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/**
 * Handles one event. It may be called again for an event that it did not finish, never for one that it did. It must end
 * within 4 s. An error leaves the event unhandled: it comes again, and its partition waits for it.
 */
export type EventHandler = (event: CloudEvent, transaction: EventTransaction) => Promise<void>;

export interface SubscribeOptions {
  /** Partitions handled at once in this process. Default: all of them. */
  readonly maxInFlight?: number;
  /** Where a consumer that was never seen before begins. Default: with what is published from now on. */
  readonly from?: 'now' | 'start';
}

export interface Subscription {
  /** Takes no more events and waits for those being handled. */
  close(): Promise<void>;
}

export interface BusHealth {
  /** `away`: NATS does not answer, and consumers read the outbox meanwhile. */
  readonly state: 'connected' | 'away';
  /** Why NATS is away; empty while it is connected. */
  readonly fault: string;
  /** Published events that NATS has not got yet; null without NATS, or before it was asked. */
  readonly behind: number | null;
  /** How often a lost stream was created again. */
  readonly replaced: number;
}

/** Carries events from the outbox to durable consumers, at least once, in order within a partition. */
export interface EventBus {
  readonly engine: 'postgres' | 'nats';
  /** Appends events to the outbox in a transaction of their own. A known id is left as it is. */
  publish(events: readonly NewEvent[]): Promise<void>;
  /**
   * Delivers events of the topics to the durable consumer of that name. All processes that subscribe under one name share
   * its events; each partition is handled by one of them at a time.
   * @param durable letters, digits and dashes
   * @param topics `order.filled`, or `order.*` for all that begin so, or `*`
   */
  subscribe(
    durable: string,
    topics: readonly string[],
    handler: EventHandler,
    options?: SubscribeOptions,
  ): Subscription;
  /** Hands published events to the engine, if it keeps a copy. @returns how many. @throws SupersededError */
  forward(fence: Fence): Promise<number>;
  /** Something was published. */
  wake(): void;
  health(): BusHealth;
  close(): Promise<void>;
}
