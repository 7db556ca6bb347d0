import type { TradingStateView } from '@/server/application/commands';
import type { Actor } from '@/server/kernel/actor';

export interface HaltAcknowledgement {
  /** False when the send lock was not had within the wait; the worker goes on trying. */
  readonly acknowledged: boolean;
  /** Connections that held the send lock past their time and were ended. */
  readonly endedHolders: number;
}

export type ReleaseResult =
  | { readonly released: true }
  /** What stands in the way, in words for the operator. */
  | { readonly released: false; readonly obstacles: readonly string[] };

/** The trading state row, halts and their locks. */
export interface TradingStore {
  view(): Promise<TradingStateView>;
  /** Commits HALTED at once, waiting for nobody. @returns id of the halt in force */
  requestHalt(haltId: string, actor: string, reason: string): Promise<string>;
  /** Takes the send lock exclusively, ending holders past `holderLimitMs`, and marks the halt acknowledged. */
  acknowledgeHalt(haltId: string, waitMs: number): Promise<HaltAcknowledgement>;
  /** Appends the halt to the audit chain once. */
  auditHalt(haltId: string): Promise<void>;
  /** ACTIVE becomes REDUCING; a stricter state stays. */
  reduce(actor: string, reason: string, correlationId: string): Promise<void>;
  /** Requests the cancel of our orders that open risk while trading is not ACTIVE. The worker's rounds repeat it. */
  cancelOpening(actor: Actor): Promise<void>;
  /** Back to ACTIVE when halted trading is verified, reconciliation is good and no break is open. */
  release(actor: string, reason: string, correlationId: string, portfolioMaxAgeMs: number): Promise<ReleaseResult>;
}
