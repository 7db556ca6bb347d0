import type { Actor } from '@/server/kernel/actor';

export interface CancelAsked {
  /** Status shown after the request, or the final status of an order that is closed. */
  readonly status: string;
  /** False when the order was closed already, or protects a position and is not this actor's to cancel. */
  readonly asked: boolean;
  /** It is a protective stop that works: only the system ends one (S-7). */
  readonly protects?: true;
}

/** Commands on orders and approvals that need no decision of the gate. Each is one transaction and is audited. */
export interface OrderStore {
  /** @returns null when there is no such order */
  requestCancel(orderId: string, actor: Actor, reason: string): Promise<CancelAsked | null>;
  /** @returns DONE, NOT_FOUND or the status decided before */
  rejectApproval(approvalId: string, actor: Actor, reason: string): Promise<string>;
}
