import type { DeploymentMode, RolloutStage } from '@/server/kernel/vocabulary';

/** What becomes of a person's approval of an order that they, or a token of theirs, requested. */
export type SelfApproval =
  /** Allowed, and marked SELF_APPROVED. */
  | 'MARKED'
  /** Allowed and marked once the person has confirmed who they are. */
  | 'STEP_UP'
  | 'REFUSED';

const SEPARATED = new Set<RolloutStage>(['M2_SANDBOX', 'M3_LIVE_SMALL']);

/** Separation of duties by stage. The function approval_commit enforces the same. */
export function selfApproval(stage: RolloutStage, mode: DeploymentMode): SelfApproval {
  if (!SEPARATED.has(stage)) return 'MARKED';
  return mode === 'SOLO' ? 'STEP_UP' : 'REFUSED';
}
