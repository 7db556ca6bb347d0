import { z } from 'zod';
import type { PolicyEvaluation, Signal } from '@/server/adapters/postgres/generated/client';
import { iso, oneOf, ruleHits, text, textOrNull } from '@/server/adapters/postgres/market/read-map';
import { type VerdictWithoutMemo, verdictWithoutMemoSchema } from '@/server/contracts/console/memo';
import type { EvaluationView, SignalView } from '@/server/contracts/order';
import { decisionSchema, sideSchema } from '@/server/kernel/vocabulary';

const reasoningSchema = z.object({ status: z.string(), recommendation: z.string().nullish() });

export function toSignalView(record: Signal): SignalView {
  const reasoning = reasoningSchema.safeParse(record.reasoning);
  return {
    id: record.id,
    source: record.source,
    strategy: record.strategy,
    modelVersion: record.modelVersion,
    symbol: record.symbol,
    action: oneOf(sideSchema, record.action, 'signals.action'),
    confidence: textOrNull(record.confidence),
    sizePct: text(record.sizePct),
    stopDistancePct: textOrNull(record.stopDistancePct),
    reasoning: reasoning.success
      ? { status: reasoning.data.status, recommendation: reasoning.data.recommendation ?? null }
      : null,
    createdAt: iso(record.createdAt),
    expiresAt: iso(record.expiresAt),
  };
}

/** @throws Error when what is stored is no verdict */
export function toVerdictWithoutMemo(value: unknown): VerdictWithoutMemo | null {
  return value === null ? null : oneOf(verdictWithoutMemoSchema, value, 'policy_evaluations.blind');
}

export type EvaluationRecord = Omit<PolicyEvaluation, 'input' | 'codeVersion'>;

export function toEvaluationView(record: EvaluationRecord): EvaluationView {
  return {
    id: record.id,
    kind: record.kind,
    decision: oneOf(decisionSchema, record.decision, 'policy_evaluations.decision'),
    approvedSizePct: text(record.approvedSizePct),
    policyVersion: record.policyVersion,
    stage: record.stage,
    inputHash: record.inputHash,
    reasons: ruleHits(record.reasons),
    withoutMemo: toVerdictWithoutMemo(record.blind),
    createdAt: iso(record.createdAt),
  };
}

/** The stored input and code version stay in the database: only replay needs them. */
export const EVALUATION_OMIT = { input: true, codeVersion: true } as const;
