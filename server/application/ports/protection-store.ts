import type { Fence } from '@/server/application/ports/lease';
import type { ProtectionView, StopPlacement } from '@/server/domain/protection/next-step';

/** The worker's side of protective stops. Writes carry the lease and throw SupersededError when it is lost. */
export interface ProtectionStore {
  /** Symbols that hold, or may come to hold, shares which are owed a stop. All of one moment. */
  read(): Promise<readonly ProtectionView[]>;
  /** Announces that the protection of a symbol has changed: what is shown of its position is out of date. */
  changed(symbol: string): Promise<void>;
  /**
   * Stores the next stop of an entry, kind PROTECTIVE, audited: the sender finds it as it finds any new order.
   * @param orderId also the client order id at the broker
   * @returns false where a stop of the entry has not ended, or an exit of the symbol is open
   */
  place(fence: Fence, symbol: string, orderId: string, stop: StopPlacement): Promise<boolean>;
}
