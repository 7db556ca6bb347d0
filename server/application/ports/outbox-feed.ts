import type { OutboxMessage } from '@/server/contracts/console/stream';

export interface FeedListener {
  outbox(messages: readonly OutboxMessage[]): void;
  /** Text as it was notified, already JSON. */
  quote(payload: string): void;
  /** False while there is no connection to the database. */
  connected(up: boolean): void;
}

/** Events of the outbox as they are committed, from one LISTEN connection. */
export interface OutboxFeed {
  /** Begins listening at the first subscriber. Returns the end of the subscription. */
  subscribe(listener: FeedListener): () => void;
  /** Events after `seq`, with the overlap, oldest first; null when there are too many to send. */
  since(seq: bigint): Promise<readonly OutboxMessage[] | null>;
}
