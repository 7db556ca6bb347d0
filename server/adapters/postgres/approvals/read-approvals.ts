import { z } from 'zod';
import type { Approval, PrismaClient, Quote } from '@/server/adapters/postgres/generated/client';
import { iso, isoOrNull, oneOf, ruleHits, text, textOrNull } from '@/server/adapters/postgres/market/read-map';
import { readMemo } from '@/server/adapters/postgres/reasoning/read-memo';
import { toSignalView, toVerdictWithoutMemo } from '@/server/adapters/postgres/signals/read-signal-view';
import type { ApprovalDetail, ApprovalList, ApprovalRow, QuoteView } from '@/server/contracts/console/approvals';
import { approvalStatusSchema, orderTypeSchema, sideSchema, timeInForceSchema } from '@/server/kernel/vocabulary';

const DECIDED_SHOWN = 50;

interface Context {
  readonly strategy: string;
  readonly codes: readonly string[];
}

/** Run out means rejected, also before the worker has written it down. */
function statusNow(record: Approval): ApprovalRow['status'] {
  const status = oneOf(approvalStatusSchema, record.status, 'approvals.status');
  return status === 'PENDING' && record.expiresAt.getTime() <= Date.now() ? 'EXPIRED' : status;
}

function toApprovalRow(record: Approval, context: Context): ApprovalRow {
  return {
    id: record.id,
    status: statusNow(record),
    symbol: record.symbol,
    side: oneOf(sideSchema, record.side, 'approvals.side'),
    qty: text(record.qty),
    orderType: oneOf(orderTypeSchema, record.orderType, 'approvals.order_type'),
    limitPrice: textOrNull(record.limitPrice),
    stopPrice: textOrNull(record.stopPrice),
    protectiveStopPrice: textOrNull(record.protectiveStopPrice),
    timeInForce: oneOf(timeInForceSchema, record.timeInForce, 'approvals.time_in_force'),
    notional: text(record.notional),
    strategy: context.strategy,
    codes: [...context.codes],
    createdAt: iso(record.createdAt),
    expiresAt: iso(record.expiresAt),
    decidedAt: isoOrNull(record.decidedAt),
    decidedBy: record.decidedBy,
    orderId: record.orderId,
    approvedQty: textOrNull(record.approvedQty),
    approvedLimitPrice: textOrNull(record.approvedLimitPrice),
  };
}

async function withContext(db: PrismaClient, records: readonly Approval[]): Promise<ApprovalRow[]> {
  const [signals, evaluations] = await Promise.all([
    db.signal.findMany({
      where: { id: { in: records.map((record) => record.signalId) } },
      select: { id: true, strategy: true },
    }),
    db.policyEvaluation.findMany({
      where: { id: { in: records.map((record) => record.evaluationId) } },
      select: { id: true, reasons: true },
    }),
  ]);
  const strategies = new Map(signals.map((signal) => [signal.id, signal.strategy]));
  const codes = new Map(
    evaluations.map((evaluation) => [evaluation.id, ruleHits(evaluation.reasons).map((hit) => hit.code)]),
  );
  return records.map((record) =>
    toApprovalRow(record, {
      strategy: strategies.get(record.signalId) ?? '',
      codes: codes.get(record.evaluationId) ?? [],
    }),
  );
}

export async function readPendingApprovals(db: PrismaClient): Promise<ApprovalRow[]> {
  const records = await db.approval.findMany({
    where: { status: 'PENDING', expiresAt: { gt: new Date() } },
    orderBy: { expiresAt: 'asc' },
    take: 200,
  });
  return await withContext(db, records);
}

/** Pending by what runs out first, and the newest decided. */
export async function readApprovals(db: PrismaClient): Promise<ApprovalList> {
  const [pending, decided] = await Promise.all([
    readPendingApprovals(db),
    db.approval.findMany({
      where: { OR: [{ status: { not: 'PENDING' } }, { expiresAt: { lte: new Date() } }] },
      orderBy: { createdAt: 'desc' },
      take: DECIDED_SHOWN,
    }),
  ]);
  return { pending, decided: await withContext(db, decided) };
}

export function toQuoteView(quote: Quote): QuoteView {
  return {
    symbol: quote.symbol,
    bid: text(quote.bid),
    ask: text(quote.ask),
    quotedAt: iso(quote.quotedAt),
    receivedAt: iso(quote.receivedAt),
  };
}

const refusalsSchema = z.array(
  z.object({ at: z.string(), by: z.string(), codes: z.array(z.string()).default([]), message: z.string().default('') }),
);

export async function readApproval(db: PrismaClient, id: string): Promise<ApprovalDetail | null> {
  const record = await db.approval.findUnique({ where: { id } });
  if (record === null) return null;
  const [signal, evaluation, quote, position, memo] = await Promise.all([
    db.signal.findUnique({ where: { id: record.signalId } }),
    db.policyEvaluation.findUnique({ where: { id: record.evaluationId } }),
    db.quote.findUnique({ where: { symbol: record.symbol } }),
    db.position.findUnique({ where: { symbol: record.symbol } }),
    readMemo(db, record.signalId),
  ]);
  const reasons = evaluation === null ? [] : ruleHits(evaluation.reasons);
  const refusals = refusalsSchema.safeParse(record.refusals);
  return {
    approval: toApprovalRow(record, { strategy: signal?.strategy ?? '', codes: reasons.map((hit) => hit.code) }),
    shownHash: record.shownHash,
    referencePrice: text(record.referencePrice),
    exposureAfter: text(record.exposureAfter),
    goodTill: record.goodTill,
    reason: record.reason,
    signal: signal === null ? null : toSignalView(signal),
    evaluationId: record.evaluationId,
    policyVersion: evaluation?.policyVersion ?? null,
    approvedSizePct: evaluation === null ? null : text(evaluation.approvedSizePct),
    reasons,
    memo,
    withoutMemo: toVerdictWithoutMemo(evaluation?.blind ?? null),
    quote: quote === null ? null : toQuoteView(quote),
    position: position === null ? null : { qty: text(position.qty) },
    refusals: refusals.success ? refusals.data : [],
  };
}
