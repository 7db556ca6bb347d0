import type { SignalPlacement } from '@/server/application/placing/placement';
import type { RefusalReason } from '@/server/kernel/outcome';

/** A placement as tests read it, without narrowing it by its kind: what it does not have is empty. */
export interface PlacementFacts {
  readonly kind: SignalPlacement['kind'];
  readonly orderId: string;
  readonly approvalId: string;
  /** The first rule that rejected. */
  readonly code: string;
  /** Every rule that was hit. */
  readonly codes: readonly string[];
  readonly reasons: readonly RefusalReason[];
  readonly reply: string;
  readonly replayed: boolean;
}

export function factsOf(placement: SignalPlacement): PlacementFacts {
  const stored = 'reply' in placement;
  return {
    kind: placement.kind,
    orderId: placement.kind === 'PLACED' ? placement.orderId : '',
    approvalId: placement.kind === 'REVIEW' ? placement.approvalId : '',
    code: placement.kind === 'REJECTED' ? placement.code : '',
    codes: stored ? placement.reasons.map((reason) => reason.code) : [],
    reasons: stored ? placement.reasons : [],
    reply: stored ? placement.reply : '',
    replayed: stored && placement.replayed,
  };
}
