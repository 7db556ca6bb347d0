import type { NewOrder } from '@/server/domain/order/new-order';
import type { OrderState } from '@/server/domain/order/types';
import type { Units } from '@/server/kernel/money';
import type { PositionEffect } from '@/server/kernel/vocabulary';

/** What goes with an order beside its terms. */
export interface Placement {
  readonly signalId: string | null;
  /** Whose signal it is; empty where there is none. */
  readonly strategy: string;
  /** Epoch ms when it expires; `null` for orders that stay. */
  readonly expiryMs: number | null;
  /** Price the order was sized or judged with; reserves buying power while it works. `null` where unknown. */
  readonly referencePrice: Units | null;
  readonly positionEffect: PositionEffect;
  /** Whether it is cancelled rather than expired when its time is up: an entry that is good till cancelled, with legs (S-1). */
  readonly cancelledAtExpiry?: boolean;
  /** Of an order that protects what another has brought: what it is for, and whether the broker placed it with its parent. */
  readonly protective?: { readonly purpose: 'STOP' | 'PROFIT'; readonly leg: boolean };
}

export interface WorkingOrder {
  state: OrderState;
  readonly terms: NewOrder;
  readonly placement: Placement;
  /** When it expires, epoch ms; null for orders that stay, and once it was asked to end. */
  expiryMs: number | null;
  /** The order that was sent to take its place. */
  replacedBy: string | null;
}

/** Why a line was refused. */
export interface RefusedLine {
  readonly codes: readonly string[];
  readonly message: string;
}
