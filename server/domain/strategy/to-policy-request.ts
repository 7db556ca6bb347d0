import type { PolicyRequest } from '@/server/contracts/policy';
import type { SignalCandidate } from './types';

/** A candidate with the context it arose in, as policy takes it. */
export function toPolicyRequest(
  candidate: SignalCandidate,
  context: Pick<PolicyRequest, 'market_context' | 'portfolio_context'>,
): PolicyRequest {
  return {
    signal_id: candidate.signalId,
    symbol: candidate.symbol,
    candidate_action: candidate.action,
    confidence: candidate.confidence,
    size_pct: candidate.sizePct,
    market_context: context.market_context,
    portfolio_context: context.portfolio_context,
  };
}
