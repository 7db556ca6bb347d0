import type { Fence } from '@/server/application/ports/lease';
import type { Units } from '@/server/domain/money/decimal';

export interface BellClose {
  readonly orderId: string;
  readonly symbol: string;
  /** What the broker holds. */
  readonly qty: Units;
  readonly actor: string;
  readonly principalId: string;
  readonly reason: string;
}

/** What the automatic close before the bell needs of the database. */
export interface BellStore {
  /** Orders that may still fill and are no close; those whose cancel was asked for are left out. */
  working(): Promise<readonly string[]>;
  /**
   * Places a market sell of what the broker holds, audited, in one transaction.
   * @returns false while a sell of the symbol works or has just changed: ask the broker again
   * @throws SupersededError when the lease has gone
   */
  close(fence: Fence, close: BellClose): Promise<boolean>;
}
