import type { CloudEvent } from '@/server/contracts/event';
import type { EventHandler, NewEvent } from './bus';
import type { Fence } from './lease';

/** What is known of the stream that published events are copied to. */
export interface StreamRecord {
  /** Names the stream: one a database. */
  readonly deployment: string;
  /** Null before the first one was made. */
  readonly identity: string | null;
  /** Sequence number in the stream of the newest event copied. */
  readonly lastSeq: number;
  /** Outbox position of the newest event copied. */
  readonly forwarded: bigint;
  readonly replaced: number;
  /** Newest position published. Read only. */
  readonly newest: bigint;
}

/** What became of an attempt to handle the next events of a partition. */
export type Handled =
  /** Everything up to the position is handled; `done` when nothing was published after it. */
  | { readonly kind: 'moved'; readonly position: bigint; readonly events: number; readonly done: boolean }
  /** Another process is at it. */
  | { readonly kind: 'busy' };

/** The durable side of the bus: the outbox by position, each consumer's place in it, and its inbox. */
export interface EventLog {
  append(events: readonly NewEvent[]): Promise<void>;
  /** Makes the consumer known. */
  register(consumer: string, from: 'now' | 'start'): Promise<void>;
  /** Partitions with events of the topics after `position` that were published at least `ageMs` ago. */
  waiting(
    topics: readonly string[],
    position: bigint,
    ageMs: number,
  ): Promise<{ readonly parts: readonly number[]; readonly newest: bigint }>;
  /**
   * Handles the next events of the partition, at most `limit`: inbox, work and cursor commit together. Rejects with the
   * handler's error, and then none of them is handled.
   */
  handleNext(
    consumer: string,
    part: number,
    topics: readonly string[],
    handler: EventHandler,
    limit: number,
  ): Promise<Handled>;
  /** Published events after `position`, in order. */
  after(position: bigint, limit: number): Promise<readonly CloudEvent[]>;
  /** The position that the consumer has reached in every partition; null: that every consumer of the last 7 days has. */
  floor(consumer: string | null): Promise<bigint>;
  /** @throws SupersededError when a fence is given and its lease is lost */
  stream(fence: Fence | null): Promise<StreamRecord>;
  /** @throws SupersededError */
  saveStream(fence: Fence, record: Omit<StreamRecord, 'newest' | 'deployment'>): Promise<void>;
}
