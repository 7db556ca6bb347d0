import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, jsonRecord, oneOf, ruleHits, text } from '@/server/adapters/postgres/market/read-map';
import { afterCursor, toPage } from '@/server/adapters/postgres/orders/cursor';
import type { ActivePolicyView, DecisionList, DecisionListInput } from '@/server/contracts/console/policy';
import { decisionSchema, sideSchema } from '@/server/kernel/vocabulary';
import { EVALUATION_OMIT } from './read-signal-view';

interface HitRow {
  code: string;
  count: number;
}

export async function readActivePolicy(db: PrismaClient): Promise<ActivePolicyView | null> {
  const settings = await db.settings.findUnique({ where: { id: 1 } });
  if (settings === null) return null;
  const [policy, hits] = await Promise.all([
    db.policyVersion.findUnique({ where: { version: settings.activePolicyVersion } }),
    db.$queryRaw<HitRow[]>`
      SELECT hit.code, count(*)::int AS count
        FROM policy_rule_hits hit JOIN policy_evaluations evaluation ON evaluation.id = hit.evaluation_id
       WHERE evaluation.created_at > now() - interval '24 hours'
       GROUP BY hit.code ORDER BY count DESC`,
  ]);
  if (policy === null) return null;
  return {
    version: policy.version,
    stage: settings.stage,
    createdAt: iso(policy.createdAt),
    createdBy: policy.createdBy,
    comment: policy.comment,
    body: jsonRecord(policy.body),
    hits,
  };
}

/** Newest first. @throws CursorError */
export async function readDecisions(db: PrismaClient, input: DecisionListInput): Promise<DecisionList> {
  const found = await db.policyEvaluation.findMany({
    where: { ...(input.decision === null ? {} : { decision: input.decision }), ...afterCursor(input.cursor) },
    omit: EVALUATION_OMIT,
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: input.limit + 1,
  });
  const { rows: evaluations, nextCursor } = toPage(found, input.limit);
  const signals = await db.signal.findMany({
    where: { id: { in: evaluations.map((evaluation) => evaluation.signalId) } },
  });
  const bySignal = new Map(signals.map((signal) => [signal.id, signal]));
  const rows = evaluations.map((evaluation) => {
    const signal = bySignal.get(evaluation.signalId);
    return {
      id: evaluation.id,
      signalId: evaluation.signalId,
      kind: evaluation.kind,
      decision: oneOf(decisionSchema, evaluation.decision, 'policy_evaluations.decision'),
      symbol: signal?.symbol ?? '',
      action: signal === undefined ? null : oneOf(sideSchema, signal.action, 'signals.action'),
      strategy: signal?.strategy ?? '',
      approvedSizePct: text(evaluation.approvedSizePct),
      policyVersion: evaluation.policyVersion,
      reasons: ruleHits(evaluation.reasons),
      createdAt: iso(evaluation.createdAt),
    };
  });
  return { rows, nextCursor };
}
