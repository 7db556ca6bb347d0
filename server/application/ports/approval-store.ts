import type { EvaluationRow, GateSnapshot, OrderRow, OutboxRow } from '@/server/application/ports/placement-store';
import type { OrderRequest } from '@/server/contracts/order';
import type { ShownFigures } from '@/server/domain/policy/gate-types';
import type { RuleHit } from '@/server/domain/policy/types';
import type { Actor } from '@/server/kernel/actor';
import type { DeploymentMode } from '@/server/kernel/vocabulary';

export interface StoredApproval {
  readonly id: string;
  readonly signalId: string;
  readonly status: string;
  readonly orderId: string | null;
  readonly decidedBy: string | null;
  readonly expiresAtMs: number;
  /** The exact order that a countersignature releases. */
  readonly request: OrderRequest;
  /** Whose request it is: a person, also where a token of theirs sent it, or the system. */
  readonly principalId: string;
  /** Who is there to approve. */
  readonly mode: DeploymentMode;
  readonly strategy: string;
  /** The figures that its approver is shown. */
  readonly shown: ShownFigures;
  readonly shownHash: string;
  /** Rules that were hit when it was opened. */
  readonly reasons: readonly RuleHit<string>[];
}

export interface CountersignRows {
  readonly approvalId: string;
  readonly shownHash: string;
  /** The order is less than what was shown. */
  readonly reduced: boolean;
  /** The approver has just confirmed who they are. */
  readonly steppedUp: boolean;
  readonly evaluation: EvaluationRow;
  readonly order: OrderRow;
  readonly outbox: readonly OutboxRow[];
}

export type CountersignResult =
  | { readonly status: 'DONE' }
  | { readonly status: 'STALE' }
  | { readonly status: 'EXPIRED' }
  /** It is the approver's own request, which stage and mode leave to another person. */
  | { readonly status: 'OWN_REQUEST' }
  | {
      readonly status: 'DECIDED';
      readonly decision: string;
      readonly orderId: string | null;
      readonly by: string | null;
    };

export interface ApprovalStore {
  find(approvalId: string): Promise<StoredApproval | null>;
  readGate(symbol: string, signalId: string): Promise<GateSnapshot>;
  /** Places the order and decides the approval in one transaction, audited. */
  countersign(snapshot: GateSnapshot, at: Date, actor: Actor, rows: CountersignRows): Promise<CountersignResult>;
  /** Records a countersignature that was refused; the approval stays open until it expires. */
  recordRefusal(
    approvalId: string,
    actor: Actor,
    refusal: { at: string; codes: readonly string[]; message: string },
  ): Promise<void>;
}
