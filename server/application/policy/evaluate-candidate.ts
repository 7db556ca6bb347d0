import type { Commands } from '@/server/application/commands';
import type { DecidingTools } from '@/server/application/placing/decide-placement';
import type { EvaluationStore } from '@/server/application/ports/evaluation-store';
import { RESERVED_SIGNAL_ID } from '@/server/application/signals/reserved-id';
import type { PolicyRequest, PolicyResponse } from '@/server/contracts/policy';
import { evaluatePolicy, policyInputRecord, toPolicyResponse } from '@/server/domain/policy';
import { isStrategySignalId } from '@/server/domain/strategy';
import type { Actor } from '@/server/kernel/actor';
import { canonicalJson } from '@/server/kernel/canonical-json';
import type { Outcome } from '@/server/kernel/outcome';

/** How long a candidate registered over REST may become an order. */
const SIGNAL_TTL_MS = 15 * 60_000;

/** `POST /v1/policy/evaluate`: judges what the caller states and registers the candidate. Advisory: the gate judges again. */
export function createEvaluateCandidate(
  store: EvaluationStore,
  tools: DecidingTools,
): Pick<Commands, 'evaluateCandidate'> {
  async function evaluateCandidate(
    actor: Actor,
    request: PolicyRequest,
  ): Promise<Outcome<{ response: PolicyResponse }>> {
    const { signal_id: id } = request;
    if (isStrategySignalId(id) && !(await store.hasSignal(id))) return RESERVED_SIGNAL_ID;
    const { nowMs, policy, stage, tradingState } = await store.context();
    const decision = evaluatePolicy(request, policy, { stage }, tradingState, nowMs);
    const input = canonicalJson(policyInputRecord(request, policy, { stage }, tradingState, nowMs));
    const response = toPolicyResponse(decision, {
      evaluationId: tools.newId(),
      policyVersion: policy.version,
      inputHash: tools.sha256(input),
    });
    const stored = await store.store({
      eventId: tools.newId(),
      at: new Date(nowMs),
      signal: {
        id: request.signal_id,
        strategy: actor.name,
        symbol: request.symbol,
        action: request.candidate_action,
        confidence: request.confidence,
        sizePct: request.size_pct,
        stopDistancePct: request.stop_distance_pct ?? null,
        reasoning: request.reasoning ?? null,
        principalId: actor.principalId,
        expiresAt: new Date(nowMs + SIGNAL_TTL_MS),
      },
      response,
      stage,
      input,
    });
    if (stored) return { ok: true, response };
    return {
      ok: false,
      code: 'CONFLICT',
      message:
        'This signal_id belongs to another candidate already (or was consumed). Use a new signal_id for a new candidate.',
    };
  }
  return { evaluateCandidate };
}
