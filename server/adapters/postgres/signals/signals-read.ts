import type { Prisma, PrismaClient, Signal, SignalTask } from '@/server/adapters/postgres/generated/client';
import { iso, isoOrNull, jsonRecord, oneOf, text, textOrNull } from '@/server/adapters/postgres/market/read-map';
import { afterCursor, toPage } from '@/server/adapters/postgres/orders/cursor';
import type { Page } from '@/server/application/page';
import type { SignalDetail, SignalListQuery, SignalView } from '@/server/contracts/signals';
import { sideSchema, signalStatusSchema } from '@/server/kernel/vocabulary';
import { EVALUATION_OMIT, toEvaluationView } from './read-signal-view';

type Found = Omit<Signal, 'features' | 'reasoning'> & { readonly task: SignalTask | null };

/** Signals, newest first. @throws CursorError */
export async function listSignals(db: PrismaClient, query: SignalListQuery): Promise<Page<SignalView>> {
  const { symbol, strategy, since } = query;
  const records = await db.signal.findMany({
    where: {
      ...(symbol === undefined ? {} : { symbol }),
      ...(strategy === undefined ? {} : { strategy }),
      ...(since === undefined ? {} : { createdAt: { gte: new Date(since) } }),
      AND: [afterCursor(query.cursor)],
    },
    omit: { features: true, reasoning: true },
    include: { task: true },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: query.limit + 1,
  });
  const { rows, nextCursor } = toPage(records, query.limit);
  return { items: rows.map(toView), nextCursor };
}

/** One signal with what it arose from and what became of it; null when there is none. */
export async function getSignal(db: PrismaClient, id: string): Promise<SignalDetail | null> {
  const signal = await db.signal.findUnique({ where: { id }, include: { task: true } });
  if (signal === null) return null;
  const newest = (kind: Prisma.StringFilter) =>
    db.policyEvaluation.findFirst({
      where: { signalId: id, kind },
      omit: EVALUATION_OMIT,
      orderBy: { createdAt: 'desc' },
    });
  const [verdict, advice, order, approval] = await Promise.all([
    newest({ not: 'ADVISORY' }),
    newest({ equals: 'ADVISORY' }),
    db.order.findFirst({ where: { signalId: id }, select: { id: true }, orderBy: { createdAt: 'desc' } }),
    db.approval.findFirst({ where: { signalId: id }, select: { id: true }, orderBy: { createdAt: 'desc' } }),
  ]);
  const evaluation = verdict ?? advice;
  return {
    ...toView(signal),
    features: signal.features === null ? null : jsonRecord(signal.features),
    reasoning: signal.reasoning === null ? null : jsonRecord(signal.reasoning),
    decision: evaluation === null ? null : toDecision(toEvaluationView(evaluation)),
    order_id: order?.id ?? null,
    approval_id: approval?.id ?? null,
  };
}

function toDecision(evaluation: ReturnType<typeof toEvaluationView>): SignalDetail['decision'] {
  return {
    evaluation_id: evaluation.id,
    kind: evaluation.kind,
    decision: evaluation.decision,
    approved_size_pct: evaluation.approvedSizePct,
    policy_version: evaluation.policyVersion,
    stage: evaluation.stage,
    input_hash: evaluation.inputHash,
    reasons: evaluation.reasons,
    created_at: evaluation.createdAt,
  };
}

function statusOf(task: SignalTask | null): SignalView['status'] {
  if (task === null) return 'REGISTERED';
  return task.state === 'QUEUED' ? 'QUEUED' : oneOf(signalStatusSchema, task.outcome, 'signal_tasks.outcome');
}

function toView(signal: Found): SignalView {
  return {
    signal_id: signal.id,
    source: signal.source,
    strategy: signal.strategy,
    model_version: signal.modelVersion,
    symbol: signal.symbol,
    candidate_action: oneOf(sideSchema, signal.action, 'signals.action'),
    confidence: textOrNull(signal.confidence),
    size_pct: text(signal.sizePct),
    stop_distance_pct: textOrNull(signal.stopDistancePct),
    status: statusOf(signal.task),
    detail: signal.task?.detail ?? null,
    market_at: isoOrNull(signal.marketAt),
    created_at: iso(signal.createdAt),
    expires_at: iso(signal.expiresAt),
  };
}
