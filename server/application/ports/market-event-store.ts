import type { NewMarketEvent } from '@/server/contracts/console/market-events';
import type { Actor } from '@/server/kernel/actor';
import type { MarketEventSource } from '@/server/kernel/vocabulary';

export interface EventsAdded {
  /** Ids of those that were not there, in their order. */
  readonly ids: readonly string[];
  /** How many were in effect already. */
  readonly same: number;
}

export type EventRemoval = 'REMOVED' | 'NOT_FOUND' | 'ALREADY_REMOVED';
/** EXISTS: an equal one was added meanwhile. */
export type EventRestoration = 'RESTORED' | 'NOT_FOUND' | 'NOT_REMOVED' | 'EXISTS';

/** Event blackout windows. Each change is one transaction with its audit. */
export interface MarketEventStore {
  /** All or none. What is in effect already, equal in every figure, is left alone. */
  add(actor: Actor, source: MarketEventSource, events: readonly NewMarketEvent[]): Promise<EventsAdded>;
  /** How many of these are in effect already. */
  countSame(events: readonly NewMarketEvent[]): Promise<number>;
  /** Takes an event out of effect; its row stays. */
  remove(actor: Actor, id: string, reason: string): Promise<EventRemoval>;
  /** Puts it back. */
  restore(actor: Actor, id: string): Promise<EventRestoration>;
}
