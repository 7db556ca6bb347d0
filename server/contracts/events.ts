import { z } from 'zod';
import {
  approvalStatusSchema,
  decisionSchema,
  exitOutcomeSchema,
  orderKindSchema,
  orderStatusSchema,
  reasoningStatusSchema,
  sideSchema,
  tradingStateSchema,
} from '@/server/kernel/vocabulary';

const id = z.uuid();
const decimal = z.string();

const orderData = z.looseObject({ order_id: id, symbol: z.string() });
/** What every event about the broker's answer carries: the order as it is after it. */
const bookedOrderData = orderData.extend({ status: orderStatusSchema });
const exitData = z.looseObject({ exit_id: id, symbol: z.string() });
const approvalData = z.looseObject({ approval_id: id });
const breakData = z.looseObject({ break_id: id, symbol: z.string(), cause: z.string() });
const haltData = z.looseObject({ halt_id: id });
const barData = z.looseObject({ symbol: z.string(), start_at: z.string(), close: decimal, source: z.string() });
const alertData = z.looseObject({ alert_id: id, kind: z.string() });

interface EventType {
  /** Shape of `data`. More fields may follow: consumers ignore what they do not know. */
  readonly data: z.ZodType;
  /** Console queries (`router.procedure`) whose answer the event changes. */
  readonly stale: readonly string[];
}

const ORDER_VIEWS = ['orders.list', 'orders.get', 'signals.get', 'reconciliation.get'] as const;
const WORKING_ORDER_VIEWS = [...ORDER_VIEWS, 'system.overview'] as const;
const TRADED_ORDER_VIEWS = [...WORKING_ORDER_VIEWS, 'market.list', 'market.symbol'] as const;
const EXIT_VIEWS = ['portfolio.get', 'orders.list', 'orders.get'] as const;
const SIGNAL_VIEWS = ['signals.list', 'signals.get'] as const;
const APPROVAL_VIEWS = [
  'approvals.list',
  'approvals.get',
  'system.status',
  'system.overview',
  ...SIGNAL_VIEWS,
] as const;
const BREAK_VIEWS = [
  'reconciliation.get',
  'reconciliation.breaks',
  'reconciliation.break',
  'portfolio.get',
  'system.status',
  'system.overview',
] as const;
const BAR_VIEWS = ['market.list', 'market.symbol', 'market.bars'] as const;

/**
 * Every event of the outbox: its topic, what it carries, and which views of the console it makes stale. Writers, consumers
 * and the console take topics from here; a test compares it with the statements that write the outbox. Positions and the
 * account have events of their own, so an order's fill does not list the portfolio.
 */
export const EVENTS = {
  'signal.candidate.created': {
    data: z.looseObject({ signal_id: id, strategy: z.string(), symbol: z.string() }),
    stale: SIGNAL_VIEWS,
  },
  'reasoning.memo.written': {
    data: z.looseObject({ signal_id: id, symbol: z.string(), status: reasoningStatusSchema }),
    stale: ['reasoning.overview', 'reasoning.list', 'reasoning.memo', 'signals.get', 'approvals.get'],
  },
  'policy.decision.made': {
    data: z.looseObject({
      evaluation_id: id,
      signal_id: id,
      symbol: z.string(),
      decision: decisionSchema,
      kind: z.string(),
    }),
    stale: ['policy.decisions', 'policy.active', 'system.overview', ...SIGNAL_VIEWS],
  },
  'approval.requested': {
    data: approvalData.extend({ symbol: z.string(), side: sideSchema, qty: decimal, expires_at: z.string() }),
    stale: APPROVAL_VIEWS,
  },
  'approval.decided': {
    data: approvalData.extend({ status: approvalStatusSchema.exclude(['PENDING']), by: z.string() }),
    stale: [...APPROVAL_VIEWS, 'orders.get'],
  },
  /** Someone tried to approve and the gate, or the state of the approval, did not allow it. */
  'approval.refused': { data: approvalData, stale: ['approvals.get'] },

  'order.created': {
    data: orderData.extend({ side: sideSchema, qty: decimal, kind: orderKindSchema }),
    stale: [...WORKING_ORDER_VIEWS, 'signals.list'],
  },
  'order.submitted': { data: bookedOrderData, stale: ORDER_VIEWS },
  /** Sent, and the broker has not confirmed whether it has the order. */
  'order.uncertain': { data: bookedOrderData, stale: WORKING_ORDER_VIEWS },
  'order.accepted': { data: bookedOrderData, stale: WORKING_ORDER_VIEWS },
  'order.partially_filled': { data: bookedOrderData, stale: TRADED_ORDER_VIEWS },
  'order.filled': { data: bookedOrderData, stale: TRADED_ORDER_VIEWS },
  /** The broker busted or corrected an execution. */
  'order.fill_amended': { data: bookedOrderData, stale: TRADED_ORDER_VIEWS },
  'order.rejected': { data: bookedOrderData, stale: WORKING_ORDER_VIEWS },
  'order.expired': { data: bookedOrderData, stale: WORKING_ORDER_VIEWS },
  'order.cancel_requested': { data: orderData, stale: WORKING_ORDER_VIEWS },
  'order.cancelled': { data: orderData, stale: WORKING_ORDER_VIEWS },
  /** The broker has an order that we did not place. */
  'order.adopted': { data: orderData.extend({ external_order_id: z.string() }), stale: WORKING_ORDER_VIEWS },

  'exit.requested': { data: exitData.extend({ reason: z.string() }), stale: EXIT_VIEWS },
  /** What an exit waits for has changed, or something of it was closed. */
  'exit.changed': { data: exitData, stale: EXIT_VIEWS },
  'exit.ended': { data: exitData.extend({ outcome: exitOutcomeSchema }), stale: EXIT_VIEWS },

  /** The account as a whole (subject `account`) or the position of one symbol. */
  'portfolio.updated': {
    data: z.looseObject({}),
    stale: ['portfolio.get', 'portfolio.curve', 'reconciliation.get', 'system.status', 'system.overview'],
  },
  'account.activity.booked': {
    data: z.looseObject({ activity_id: z.string() }),
    stale: ['portfolio.get', 'reconciliation.get', 'system.status'],
  },
  'account.opening.proposed': {
    data: z.looseObject({ opening_id: id }),
    stale: ['reconciliation.get', 'system.status'],
  },
  'account.opening.signed': {
    data: z.looseObject({ opening_id: id, by: z.string() }),
    stale: ['reconciliation.get', 'portfolio.get', 'system.status'],
  },
  'break.opened': { data: breakData, stale: BREAK_VIEWS },
  'break.changed': { data: breakData, stale: BREAK_VIEWS },
  'break.resolved': { data: breakData.extend({ by: z.string() }), stale: BREAK_VIEWS },
  'tieout.requested': {
    data: z.looseObject({ tie_out_id: id, by: z.string() }),
    stale: ['reconciliation.tieOuts', 'reconciliation.tieOut'],
  },
  'tieout.finished': {
    data: z.looseObject({ tie_out_id: id, trading_day: z.string(), kind: z.string(), status: z.string() }),
    stale: ['reconciliation.tieOuts', 'reconciliation.tieOut'],
  },

  /** A halt, a reduction or a release. What waits for the market or for trading shows it in the order lists. */
  'trading.state.changed': {
    data: z.looseObject({ state: tradingStateSchema, by: z.string(), reason: z.string() }),
    stale: ['trading.state', 'system.status', 'system.overview', 'orders.list', 'orders.get'],
  },
  'trading.halt.acknowledged': { data: haltData, stale: ['trading.state', 'system.status'] },
  'trading.halt.verified': { data: haltData, stale: ['trading.state', 'system.status'] },
  'drill.requested': {
    data: z.looseObject({ drill_id: id, by: z.string() }),
    stale: ['trading.drills', 'trading.drill'],
  },
  'drill.finished': {
    data: z.looseObject({ drill_id: id, status: z.string() }),
    stale: ['trading.drills', 'trading.drill'],
  },
  'alert.opened': { data: alertData.extend({ message: z.string() }), stale: ['system.alerts', 'system.status'] },
  'alert.acknowledged': { data: alertData, stale: ['system.alerts'] },
  'alert.resolved': { data: alertData, stale: ['system.alerts', 'system.status'] },
  'strategy.setting.changed': {
    data: z.looseObject({ strategy: z.string(), setting_symbol: z.string() }),
    stale: ['strategies.list'],
  },

  'market.bar.closed': { data: barData, stale: BAR_VIEWS },
  'market.bar.corrected': { data: barData, stale: BAR_VIEWS },
  /** Times in which nothing opens were added, imported, removed or restored. */
  'market.events.changed': { data: z.looseObject({}), stale: ['events.list', 'market.symbol'] },
} as const satisfies Readonly<Record<string, EventType>>;

/** Name of an event: `order.filled`. */
export type Topic = keyof typeof EVENTS;

/** A console query that some event makes stale. */
export type StaleQuery = (typeof EVENTS)[Topic]['stale'][number];

export function isTopic(text: string): text is Topic {
  return Object.hasOwn(EVENTS, text);
}

/** Queries that the event makes stale; none for a topic that this version does not know. */
export function staleQueries(topic: string): readonly StaleQuery[] {
  return isTopic(topic) ? EVENTS[topic].stale : [];
}
