import type { StaleQuery } from '@/server/contracts/events';
import type { OrderRow } from '@/server/contracts/order';

/** An event of the outbox for consoles. An order's event brings its row, so that no second request is needed. */
export interface OutboxMessage {
  readonly seq: string;
  readonly id: string;
  readonly topic: string;
  readonly subject: string;
  readonly order?: OrderRow;
}

/** An event as the stream sends it, with the queries that it makes stale. */
export interface StreamedEvent extends OutboxMessage {
  readonly stale: readonly StaleQuery[];
}

/** The newest quote of a symbol. */
export interface QuoteMessage {
  readonly symbol: string;
  readonly bid: string;
  readonly ask: string;
  readonly quotedAt: string;
  readonly receivedAt: string;
}

/** The server's wall clock, every 10 s: the console corrects its own by it. */
export interface BeatMessage {
  readonly serverTime: string;
}
