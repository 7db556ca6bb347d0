import type { PrismaClient, Signal } from '@/server/adapters/postgres/generated/client';
import { decisionSchema, sideSchema } from '@/server/contracts/console/common';
import type {
  ActivePolicyView,
  DecisionListInput,
  DecisionRow,
  SignalDetail,
  SignalRow,
} from '@/server/contracts/console/policy';
import { iso, jsonRecord, oneOf, ruleHits, text } from './map';
import { readMemo } from './memo';
import { EVALUATION_OMIT, toEvaluationView, toSignalView } from './signal-view';

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

export async function readDecisions(db: PrismaClient, input: DecisionListInput): Promise<DecisionRow[]> {
  const evaluations = await db.policyEvaluation.findMany({
    where: input.decision === null ? {} : { decision: input.decision },
    omit: EVALUATION_OMIT,
    orderBy: { createdAt: 'desc' },
    take: input.limit,
  });
  const signals = await db.signal.findMany({
    where: { id: { in: evaluations.map((evaluation) => evaluation.signalId) } },
  });
  const bySignal = new Map(signals.map((signal) => [signal.id, signal]));
  return evaluations.map((evaluation) => {
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
}

async function toSignalRows(db: PrismaClient, signals: readonly Signal[]): Promise<SignalRow[]> {
  const ids = signals.map((signal) => signal.id);
  const [evaluations, orders, approvals] = await Promise.all([
    db.policyEvaluation.findMany({
      where: { signalId: { in: ids } },
      select: { signalId: true, decision: true, reasons: true },
      orderBy: { createdAt: 'asc' },
    }),
    db.order.findMany({ where: { signalId: { in: ids } }, select: { id: true, signalId: true } }),
    db.approval.findMany({
      where: { signalId: { in: ids } },
      select: { id: true, signalId: true },
      orderBy: { createdAt: 'asc' },
    }),
  ]);
  // Ascending order: the newest evaluation of a signal is the one that stays in the map.
  const decisions = new Map(evaluations.map((evaluation) => [evaluation.signalId, evaluation]));
  const orderIds = new Map(orders.map((order) => [order.signalId, order.id]));
  const approvalIds = new Map(approvals.map((approval) => [approval.signalId, approval.id]));
  return signals.map((signal) => {
    const evaluation = decisions.get(signal.id);
    return {
      signal: toSignalView(signal),
      decision:
        evaluation === undefined ? null : oneOf(decisionSchema, evaluation.decision, 'policy_evaluations.decision'),
      codes: evaluation === undefined ? [] : ruleHits(evaluation.reasons).map((hit) => hit.code),
      orderId: orderIds.get(signal.id) ?? null,
      approvalId: approvalIds.get(signal.id) ?? null,
    };
  });
}

export async function readSignals(db: PrismaClient, limit: number): Promise<SignalRow[]> {
  return await toSignalRows(db, await db.signal.findMany({ orderBy: { createdAt: 'desc' }, take: limit }));
}

export async function readSignal(db: PrismaClient, id: string): Promise<SignalDetail | null> {
  const signal = await db.signal.findUnique({ where: { id } });
  if (signal === null) return null;
  const [[row], evaluations, memo] = await Promise.all([
    toSignalRows(db, [signal]),
    db.policyEvaluation.findMany({
      where: { signalId: id },
      omit: EVALUATION_OMIT,
      orderBy: { createdAt: 'asc' },
      take: 100,
    }),
    readMemo(db, id),
  ]);
  if (row === undefined) return null;
  const [order, approval] = await Promise.all([
    row.orderId === null ? null : db.order.findUnique({ where: { id: row.orderId }, select: { status: true } }),
    row.approvalId === null
      ? null
      : db.approval.findUnique({ where: { id: row.approvalId }, select: { status: true } }),
  ]);
  return {
    row,
    evaluations: evaluations.map(toEvaluationView),
    memo,
    orderStatus: order?.status ?? null,
    approvalStatus: approval?.status ?? null,
  };
}
