import type { ProposedSignal } from '@/server/application/ports/signal-tasks';
import type { FeatureSnapshot } from '@/server/domain/features';
import type { SignalCandidate } from '@/server/domain/strategy';
import { SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';

/** A signal that is not an order or an approval by then never becomes one. */
const SIGNAL_TTL_MS = 60_000;

/** A strategy's candidate as it is stored. @param features that it arose from; null: the newest of the symbol */
export function proposed(candidate: SignalCandidate, features: FeatureSnapshot | null): ProposedSignal {
  return {
    id: candidate.signalId,
    source: 'STRATEGY',
    strategy: candidate.strategy,
    modelVersion: candidate.strategyVersion,
    symbol: candidate.symbol,
    action: candidate.action,
    confidence: candidate.confidence,
    sizePct: candidate.sizePct,
    stopDistancePct: candidate.stopDistancePct ?? null,
    principalId: SYSTEM_PRINCIPAL_ID,
    features,
    atMs: candidate.atMs,
    ttlMs: SIGNAL_TTL_MS,
    requestHash: null,
  };
}
