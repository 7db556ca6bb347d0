import type { OrderRow } from './orders';

/** An event of the outbox as the console's stream carries it. Orders bring their row, so that no second request is needed. */
export interface OutboxMessage {
  readonly seq: string;
  readonly id: string;
  readonly topic: string;
  readonly subject: string;
  readonly order?: OrderRow;
}

/** The newest quote of a symbol. */
export interface QuoteMessage {
  readonly symbol: string;
  readonly bid: string;
  readonly ask: string;
  readonly quotedAt: string;
  readonly receivedAt: string;
}

/** The wall clock of the server, every 10 s: by it the console corrects its own. */
export interface BeatMessage {
  readonly serverTime: string;
}
