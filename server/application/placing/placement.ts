import type { PlacementOutcome } from '@/server/contracts/placement';

/**
 * The result of a request to place an order.
 * - PLACED, REVIEW and REJECTED are stored with the key, together with `reply`, the text that repeats it byte for byte.
 * - The others stored nothing. KEY_REUSED: the key was used with another payload. KEY_IN_FLIGHT: its first request is not decided
 *   yet. FOREIGN_SIGNAL: the signal is another principal's to place. UNAVAILABLE: nothing could be decided now.
 */
export type Placement =
  | (PlacementOutcome & {
      readonly reply: string;
      /** Decided by an earlier request with the same key and payload. */
      readonly replayed: boolean;
    })
  | { readonly kind: 'KEY_REUSED' | 'KEY_IN_FLIGHT' | 'FOREIGN_SIGNAL' | 'UNAVAILABLE' };

/** The result of placing a signal: NO_SHARES when the size that the gate allows is less than can be ordered; nothing is stored. */
export type SignalPlacement = Placement | { readonly kind: 'NO_SHARES' };

/** Key under which a signal is placed, once. */
export const signalKey = (signalId: string): string => `signal:${signalId}`;
