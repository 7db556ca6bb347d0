import type { Fence } from '@/server/application/ports/lease';
import type { Units } from '@/server/kernel/money';
import type { RolloutStage } from '@/server/kernel/vocabulary';

export interface CloseoutOrder {
  readonly orderId: string;
  readonly symbol: string;
  /** What the broker holds. */
  readonly qty: Units;
  readonly actor: string;
  readonly principalId: string;
  readonly reason: string;
  /** The stage that wants it: nothing is placed under another one. */
  readonly stage: RolloutStage;
  /** Wall ms since the broker was asked, by a monotonic clock; read as late as possible. */
  readonly ageMs: () => number;
  /** Wall ms from that question until the close. What has not left by then never leaves. */
  readonly closeInMs: number;
}

/** What the automatic close before the bell needs of the database. */
export interface CloseoutStore {
  /** Orders that may still fill and are no close; those whose cancel was asked for are left out. */
  working(): Promise<readonly string[]>;
  /**
   * Places a market sell of what the broker holds, audited, in one transaction.
   * @returns false while a sell of the symbol works, or has changed since shortly before the broker was asked: ask again;
   *   also under another stage, and from the close on
   * @throws SupersededError when the lease has gone
   */
  close(fence: Fence, close: CloseoutOrder): Promise<boolean>;
}
