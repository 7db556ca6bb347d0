import { z } from 'zod';
import type { ClaimedOrder } from '@/server/application/ports/execution-store';
import type { Correction, Fill, OrderState, WaitingAmendment } from '@/server/domain/order/types';
import { formatUnits, parseMoney, parseUnits } from '@/server/kernel/money';
import {
  executionKindSchema,
  orderFlagSchema,
  orderKindSchema,
  orderStatusSchema,
  orderTypeSchema,
  pendingRequestSchema,
  positionEffectSchema,
  sideSchema,
  timeInForceSchema,
} from '@/server/kernel/vocabulary';

const units = z.string().transform((text) => parseUnits(text));
const optionalUnits = units.nullable();
const flags = orderFlagSchema;

const waitingSchema = z.object({
  refExecutionId: z.string(),
  kind: executionKindSchema.exclude(['fill']),
  executionId: z.string().optional(),
  qty: units.optional(),
  price: units.optional(),
  atMs: z.number().optional(),
});

const fillSchema = z.object({
  execution_id: z.string(),
  qty: units,
  price: units,
  at: z.number(),
  busted: z.boolean(),
});

/** A bust or correction as the timeline recorded it. */
const amendmentSchema = z.object({
  type: executionKindSchema,
  data: z.object({
    executionId: z.string().optional(),
    refExecutionId: z.string().optional(),
    qty: units.optional(),
    price: units.optional(),
    atMs: z.number().optional(),
  }),
});
type Amendment = z.output<typeof amendmentSchema>;

const orderSchema = z.object({
  id: z.string(),
  kind: orderKindSchema,
  exit_id: z.string().nullable(),
  symbol: z.string(),
  side: sideSchema,
  qty: units,
  order_type: orderTypeSchema,
  limit_price: optionalUnits,
  stop_price: optionalUnits,
  time_in_force: timeInForceSchema,
  status: orderStatusSchema,
  pending: pendingRequestSchema,
  cancel_requested: z.boolean(),
  reference_price: units,
  position_effect: positionEffectSchema,
  cum_qty: units,
  cum_notional: z.string().transform((text) => parseMoney(text)),
  flags: z.array(flags),
  waiting: z.array(waitingSchema),
  applied_corrections: z.array(z.string()),
  external_order_id: z.string().nullable(),
  claimed_at: z.number().nullable(),
  submit_attempts: z.number(),
  changed_ago: z.number(),
  created_at: z.number(),
  fills: z.array(fillSchema),
  amendments: z.array(amendmentSchema),
});

/**
 * An order with its fills, as one row. The timeline's busts and corrections come along only where there are any:
 * the fills table holds what is in force, the timeline what was reported.
 */
export const ORDER_COLUMNS = `o.id, o.kind, o.exit_id, o.symbol, o.side, o.qty::text, o.order_type, o.limit_price::text, o.stop_price::text,
  o.time_in_force, o.status, o.pending, o.cancel_requested, o.reference_price::text, o.position_effect, o.cum_qty::text,
  o.cum_notional::text, o.flags, o.waiting, o.applied_corrections, o.external_order_id, epoch_ms(o.claimed_at)::float8 AS claimed_at,
  o.submit_attempts, (epoch_ms(clock_timestamp()) - epoch_ms(o.updated_at))::float8 AS changed_ago, epoch_ms(o.created_at)::float8 AS created_at,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('execution_id', f.execution_id, 'qty', f.qty::text, 'price', f.price::text,
     'at', epoch_ms(f.at), 'busted', f.busted) ORDER BY f.id), '[]') FROM fills f WHERE f.order_id = o.id) AS fills,
  CASE WHEN o.applied_corrections = '{}' AND NOT EXISTS (SELECT 1 FROM fills f WHERE f.order_id = o.id AND f.busted) THEN '[]'::jsonb
    ELSE (SELECT coalesce(jsonb_agg(jsonb_build_object('type', e.type, 'data', e.data) ORDER BY e.id), '[]')
            FROM execution_events e WHERE e.order_id = o.id AND e.type IN ('fill', 'bust', 'correct')) END AS amendments`;

const defined = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

/** How far a correction is from the fill it finally amends. */
function correctionsOf(executionId: string, amendments: readonly Amendment[]): Correction[] {
  const depths = new Map([[executionId, 0]]);
  const found: Correction[] = [];
  for (const { type, data } of amendments) {
    const depth = depths.get(data.refExecutionId ?? '');
    if (type !== 'correct' || depth === undefined || data.executionId === undefined || depths.has(data.executionId))
      continue;
    depths.set(data.executionId, depth + 1);
    const { refExecutionId = '', qty = 0n, price = 0n, atMs = 0 } = data;
    found.push({ executionId: data.executionId, refExecutionId, qty, price, atMs, depth: depth + 1 });
  }
  return found;
}

function toFill(row: z.output<typeof fillSchema>, amendments: readonly Amendment[]): Fill {
  const reported = amendments.find(({ type, data }) => type === 'fill' && data.executionId === row.execution_id)?.data;
  return {
    executionId: row.execution_id,
    qty: row.qty,
    price: row.price,
    reportedQty: reported?.qty ?? row.qty,
    reportedPrice: reported?.price ?? row.price,
    atMs: row.at,
    busted: row.busted,
    corrections: correctionsOf(row.execution_id, amendments),
  };
}

/** @throws ZodError for a row that no version of this code wrote */
export function toClaimedOrder(row: unknown): ClaimedOrder {
  const r = orderSchema.parse(row);
  const waiting: WaitingAmendment[] = r.waiting.map((each) => defined(each) as WaitingAmendment);
  const state: OrderState = {
    id: r.id,
    symbol: r.symbol,
    side: r.side,
    qty: r.qty,
    orderType: r.order_type,
    limitPrice: r.limit_price,
    stopPrice: r.stop_price,
    timeInForce: r.time_in_force,
    status: r.status,
    pending: r.pending,
    cancelRequested: r.cancel_requested,
    claimed: r.claimed_at !== null || r.kind === 'EXTERNAL',
    externalOrderId: r.external_order_id,
    cumQty: r.cum_qty,
    cumNotional: r.cum_notional,
    fills: r.fills.map((fill) => toFill(fill, r.amendments)),
    waiting,
    appliedCorrections: r.applied_corrections,
    flags: r.flags,
  };
  return {
    state,
    kind: r.kind,
    exitId: r.exit_id,
    positionEffect: r.position_effect,
    referencePrice: r.reference_price,
    claimedAtMs: r.claimed_at,
    submitAttempts: r.submit_attempts,
    changedMsAgo: r.changed_ago,
    createdAtMs: r.created_at,
  };
}

/** Amendments that wait, as JSON. */
export function waitingJson(waiting: readonly WaitingAmendment[]): string {
  const text = (value: bigint | undefined) => (value === undefined ? undefined : formatUnits(value));
  return JSON.stringify(waiting.map((each) => ({ ...each, qty: text(each.qty), price: text(each.price) })));
}
