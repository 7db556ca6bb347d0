import { Prisma, type PrismaClient, type Signal, type SignalTask } from '@/server/adapters/postgres/generated/client';
import { toFeatureFigures } from '@/server/adapters/postgres/market/read-feature-figures';
import { iso, isoOrNull, oneOf, ruleHits } from '@/server/adapters/postgres/market/read-map';
import { decodeCursor, toPage } from '@/server/adapters/postgres/orders/cursor';
import { readMemo } from '@/server/adapters/postgres/reasoning/read-memo';
import {
  type SignalDetail,
  type SignalList,
  type SignalListInput,
  type SignalRow,
  type SignalTaskView,
  taskStateSchema,
} from '@/server/contracts/console/policy';
import { decisionSchema } from '@/server/kernel/vocabulary';
import { EVALUATION_OMIT, toEvaluationView, toSignalView } from './read-signal-view';

type StoredSignal = Signal & { readonly task: SignalTask | null };

function toTask(task: SignalTask | null): SignalTaskView | null {
  if (task === null) return null;
  return {
    state: oneOf(taskStateSchema, task.state, 'signal_tasks.state'),
    outcome: task.outcome,
    detail: task.detail,
    createdAt: iso(task.createdAt),
    doneAt: isoOrNull(task.doneAt),
  };
}

const isAdvice = ({ kind }: { readonly kind: string }) => kind === 'ADVISORY';

async function toSignalRows(db: PrismaClient, signals: readonly StoredSignal[]): Promise<SignalRow[]> {
  const ids = signals.map((signal) => signal.id);
  const [evaluations, orders, approvals] = await Promise.all([
    db.policyEvaluation.findMany({
      where: { signalId: { in: ids } },
      select: { signalId: true, kind: true, decision: true, reasons: true },
      orderBy: { createdAt: 'asc' },
    }),
    db.order.findMany({ where: { signalId: { in: ids } }, select: { id: true, signalId: true } }),
    db.approval.findMany({
      where: { signalId: { in: ids } },
      select: { id: true, signalId: true },
      orderBy: { createdAt: 'asc' },
    }),
  ]);
  // Ascending order: the newest evaluation of a signal is the one that stays in the map. Advice never stands before the gate's.
  const [advice, verdicts] = [evaluations.filter(isAdvice), evaluations.filter((each) => !isAdvice(each))];
  const decisions = new Map([...advice, ...verdicts].map((evaluation) => [evaluation.signalId, evaluation]));
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
      task: toTask(signal.task),
    };
  });
}

/** Decided is what the newest decision said: that of the gate, where there were several. */
function filterOf({ strategy, symbol, decision, cursor }: SignalListInput): Prisma.Sql {
  const wanted = [Prisma.sql`true`];
  if (strategy !== '') wanted.push(Prisma.sql`s.strategy = ${strategy}`);
  if (symbol !== '') wanted.push(Prisma.sql`s.symbol = ${symbol}`);
  if (decision === 'NONE') wanted.push(Prisma.sql`e.decision IS NULL`);
  else if (decision !== null) wanted.push(Prisma.sql`e.decision = ${decision}`);
  if (cursor !== null) {
    const { createdAt, id } = decodeCursor(cursor);
    wanted.push(Prisma.sql`(s.created_at, s.id) < (${createdAt}, ${id}::uuid)`);
  }
  return Prisma.join(wanted, ' AND ');
}

/** Newest first. @throws CursorError */
export async function readSignals(db: PrismaClient, input: SignalListInput): Promise<SignalList> {
  const found = await db.$queryRaw<{ id: string }[]>`
    SELECT s.id::text FROM signals s
      LEFT JOIN LATERAL (SELECT decision FROM policy_evaluations WHERE signal_id = s.id
        ORDER BY kind = 'ADVISORY', created_at DESC LIMIT 1) AS e ON true
     WHERE ${filterOf(input)} ORDER BY s.created_at DESC, s.id DESC LIMIT ${input.limit + 1}`;
  const signals = await db.signal.findMany({
    where: { id: { in: found.map(({ id }) => id) } },
    include: { task: true },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
  });
  const { rows, nextCursor } = toPage(signals, input.limit);
  return { rows: await toSignalRows(db, rows), nextCursor };
}

export async function readSignal(db: PrismaClient, id: string): Promise<SignalDetail | null> {
  const signal = await db.signal.findUnique({ where: { id }, include: { task: true } });
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
    features: toFeatureFigures(signal.features),
    orderStatus: order?.status ?? null,
    approvalStatus: approval?.status ?? null,
  };
}
