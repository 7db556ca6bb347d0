import type { ShownFigures } from '@/server/application/commands';
import type { Actor } from '@/server/kernel/actor';

/** Adopts the broker's figures; where `shown` is given, only while the break still has the figures that were shown. */
export interface Acceptance {
  readonly shown: ShownFigures | null;
}

export type BreakResolution =
  | 'RESOLVED'
  /** There is no such open break. */
  | 'NOT_FOUND'
  /** Its position or cash still differs, and nobody accepted the broker's figures. */
  | 'DIFFERS'
  /** Only a difference of position or cash has figures to accept. */
  | 'NOT_ACCEPTABLE'
  /** The figures are not those that were shown, or our side is not what the break shows any more. */
  | 'MOVED'
  /** The broker's figures were last read too long ago. */
  | 'STALE';

export type SignResult = 'SIGNED' | 'NOT_FOUND' | 'CHANGED' | 'ALREADY_SIGNED';

export type OrderClosure =
  | 'CLOSED'
  | 'NOT_FOUND'
  /** It has ended already. */
  | 'NOT_LIVE'
  /** No open break says that the broker does not know it. */
  | 'NOT_MISSING'
  /** No good round has begun since that break was opened, or not lately. */
  | 'NOT_LOOKED_UP';

/** What a person does to the account's books. Each act is one transaction and is audited. */
export interface BooksStore {
  /** @param accept books the broker's figures as last read, where the break is of a position or of cash; null books nothing */
  resolveBreak(breakId: string, actor: Actor, reason: string, accept: Acceptance | null): Promise<BreakResolution>;
  /** Ends a live order that the broker does not know, and its break, with the look-ups as evidence. */
  closeUnknownOrder(orderId: string, actor: Actor, reason: string): Promise<OrderClosure>;
  signInitialBalances(openingId: string, shownHash: string, actor: Actor): Promise<SignResult>;
  /** @returns id of the tie-out that waits */
  requestTieOut(actor: Actor): Promise<string>;
}
