import type {
  ApprovalRow,
  EvaluationRow,
  OrderRow,
  OutboxRow,
  PlacementRows,
} from '@/server/application/ports/placement-store';
import { PLACEMENT_STATUS } from '@/server/contracts/placement';
import { formatUnits, type Units } from '@/server/kernel/money';

const optionalText = (value: Units | null) => (value === null ? null : formatUnits(value));

/** JSON columns as the SQL functions read them; `n` is the place in the batch. */
export const evaluationJson = (row: EvaluationRow, codeVersion: string, n: number) => ({
  n,
  id: row.id,
  signal_id: row.signalId,
  kind: row.kind,
  decision: row.decision,
  approved_size_pct: row.approvedSizePct,
  policy_version: row.policyVersion,
  stage: row.stage,
  input: row.input,
  input_hash: row.inputHash,
  reasons: row.reasons,
  blind: row.withoutMemo,
  code_version: codeVersion,
  expires_at: row.expiresAt,
});

export const hitsJson = (row: EvaluationRow, n: number) =>
  row.reasons.map((reason) => ({ n, evaluation_id: row.id, ...reason }));

const kindOf = ({ exit }: OrderRow) => (exit === null ? 'GATED' : 'FLATTEN');

/** The exit of a closing order, for the same place in the batch. */
const exitJson = ({ exit, order, evaluationId, principalId, strategy }: OrderRow, n: number) =>
  exit === null
    ? []
    : [
        {
          n,
          id: exit.id,
          symbol: order.symbol,
          qty: formatUnits(order.qty),
          strategy,
          evaluation_id: evaluationId,
          principal_id: principalId,
          requested_by: exit.requestedBy,
          correlation_id: exit.correlationId,
          reason: exit.reason,
        },
      ];

export const orderJson = (row: OrderRow, n: number) => ({
  n,
  id: row.id,
  kind: kindOf(row),
  held: row.exit !== null,
  signal_id: row.signalId,
  evaluation_id: row.evaluationId,
  approval_id: row.approvalId,
  principal_id: row.principalId,
  strategy: row.strategy,
  symbol: row.order.symbol,
  side: row.order.side,
  qty: formatUnits(row.order.qty),
  order_type: row.order.orderType,
  limit_price: optionalText(row.order.limitPrice),
  stop_price: optionalText(row.order.stopPrice),
  protective_stop_price: optionalText(row.order.protectiveStopPrice),
  time_in_force: row.timeInForce,
  reference_price: formatUnits(row.order.referencePrice),
  position_effect: row.order.positionEffect,
  expires_at: row.expiresAt,
});

export const createdJson = (row: OrderRow, source: string, n: number) => ({
  n,
  order_id: row.id,
  type: 'created',
  source,
  data: row.created,
});

export const approvalJson = (row: ApprovalRow, n: number) => ({
  n,
  id: row.id,
  signal_id: row.signalId,
  evaluation_id: row.evaluationId,
  principal_id: row.principalId,
  symbol: row.symbol,
  side: row.side,
  qty: row.qty,
  order_type: row.orderType,
  limit_price: row.limitPrice,
  stop_price: row.stopPrice,
  protective_stop_price: row.protectiveStopPrice,
  time_in_force: row.timeInForce,
  reference_price: row.referencePrice,
  notional: row.notional,
  exposure_after: row.exposureAfter,
  shown_hash: row.shownHash,
  expires_at: row.expiresAt,
});

export const outboxJson = (rows: readonly OutboxRow[], n: number) => rows.map((row) => ({ n, ...row }));

/** The whole argument of gate_commit but for the versions. `replies` are those of the rows. */
export function batchJson(rows: readonly PlacementRows[], replies: readonly string[], codeVersion: string) {
  return {
    keys: rows.map(({ key, decided, order, approval }, n) => ({
      n,
      principal_id: key.principalId,
      key: key.key,
      request_hash: key.requestHash,
      status_code: PLACEMENT_STATUS[decided.kind],
      body: replies[n],
      order_id: order?.id ?? null,
      approval_id: approval?.id ?? null,
    })),
    evaluations: rows.map(({ evaluation }, n) => evaluationJson(evaluation, codeVersion, n)),
    hits: rows.flatMap(({ evaluation }, n) => hitsJson(evaluation, n)),
    consumed: rows.flatMap(({ order, approval }, n) => {
      const taker = order ?? approval;
      return taker === null ? [] : [{ n, signal_id: taker.signalId, by_id: taker.id }];
    }),
    orders: rows.flatMap(({ order }, n) => (order === null ? [] : [orderJson(order, n)])),
    exits: rows.flatMap(({ order }, n) => (order === null ? [] : exitJson(order, n))),
    events: rows.flatMap(({ order }, n) => (order === null ? [] : [createdJson(order, 'API', n)])),
    approvals: rows.flatMap(({ approval }, n) => (approval === null ? [] : [approvalJson(approval, n)])),
    outbox: rows.flatMap(({ outbox }, n) => outboxJson(outbox, n)),
  };
}
