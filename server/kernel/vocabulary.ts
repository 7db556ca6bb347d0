import { z } from 'zod';

/**
 * Every enumeration that more than one layer uses, defined once: the zod schema, its type and the sets derived from it.
 * The database's CHECK constraints and Prisma's comments repeat the values; a test keeps them in step.
 */

/** What the broker says of an order. */
export const orderStatusSchema = z.enum([
  /** Known to us; the broker has not acknowledged it. */
  'NEW',
  /** Working at the broker, nothing filled. */
  'ACCEPTED',
  /** Working at the broker, partly filled. */
  'PARTIALLY_FILLED',
  /** Final: completely filled. */
  'FILLED',
  /** Final: refused by the broker. */
  'REJECTED',
  /** Final: cancelled at the broker, or closed here before it was sent. */
  'CANCELLED',
  /** Final: its time in force ran out. */
  'EXPIRED',
]);
export type OrderStatus = z.output<typeof orderStatusSchema>;

/** Statuses in which an order may still fill. */
export const LIVE_STATUSES = orderStatusSchema.extract(['NEW', 'ACCEPTED', 'PARTIALLY_FILLED']).options;

const live: ReadonlySet<OrderStatus> = new Set(LIVE_STATUSES);

/** Whether an order of this status may still fill. */
export function isLiveStatus(status: OrderStatus): status is (typeof LIVE_STATUSES)[number] {
  return live.has(status);
}

/** What people and REST see: CANCEL_PENDING covers any status while a cancel is outstanding. */
export const displayStatusSchema = z.enum([...orderStatusSchema.options, 'CANCEL_PENDING']);
export type DisplayStatus = z.output<typeof displayStatusSchema>;

/** What the broker reports of an order, in our terms. */
export const brokerOrderStatusSchema = z.enum([
  /** Received, not yet acknowledged by the exchange. */
  'PENDING',
  ...orderStatusSchema.exclude(['NEW']).options,
  /** No more executions today; the order may continue on the next trading day. */
  'DONE_FOR_DAY',
  /** Replaced by another order. */
  'REPLACED',
  /** A status that has no equivalent here: nothing is concluded from it. */
  'UNKNOWN',
]);
export type BrokerOrderStatus = z.output<typeof brokerOrderStatusSchema>;

/** Our outstanding request to the broker: the second axis beside the order's status. */
export const pendingRequestSchema = z.enum([
  /** No request is outstanding. */
  'NONE',
  /** Claimed for sending; the broker has not answered. */
  'SUBMIT',
  /** A cancel was sent; the broker has not answered. */
  'CANCEL',
  /** Another order was sent to take the place of this one; the broker has not answered. */
  'REPLACE',
]);
export type PendingRequest = z.output<typeof pendingRequestSchema>;

/** Conditions of an order that need attention. */
export const orderFlagSchema = z.enum([
  /** A fill arrived after the order was closed. */
  'LATE_FILL',
  /** More was filled than ordered. */
  'OVERFILL',
  /** Two reports under one execution id contradict each other. */
  'EXECUTION_CONFLICT',
  /** Placed at the broker by somebody else. */
  'EXTERNAL',
  /** The answer to sending it is unknown. */
  'SUBMIT_UNCERTAIN',
]);
export type OrderFlag = z.output<typeof orderFlagSchema>;

/** How an order came into being. */
export const orderKindSchema = z.enum([
  /** Approved by the gate, or by a person on the gate's review. */
  'GATED',
  /** An audited exit; it bypasses the gate. */
  'FLATTEN',
  /** A stop that closes what an entry has brought; it bypasses the gate and rests on that entry. */
  'PROTECTIVE',
  /** Found at the broker and adopted. */
  'EXTERNAL',
]);
export type OrderKind = z.output<typeof orderKindSchema>;

export const sideSchema = z.enum([
  /** Buys shares. */
  'BUY',
  /** Sells shares; only what is held may be sold. */
  'SELL',
]);
export type Side = z.output<typeof sideSchema>;

export const orderTypeSchema = z.enum([
  /** Executes at the best available price. */
  'MARKET',
  /** Executes at the limit price or better. */
  'LIMIT',
  /** Becomes a market order once the stop price trades. */
  'STOP',
  /** Becomes a limit order once the stop price trades. */
  'STOP_LIMIT',
  /** A stop that follows the market at a distance, in its favour only. */
  'TRAILING_STOP',
]);
export type OrderType = z.output<typeof orderTypeSchema>;

/** Whether orders of the type state a limit price. */
export const hasLimitPrice = (type: OrderType): boolean => type === 'LIMIT' || type === 'STOP_LIMIT';

/** Whether orders of the type state a stop price. A trailing stop states a distance instead. */
export const hasStopPrice = (type: OrderType): boolean => type === 'STOP' || type === 'STOP_LIMIT';

export const timeInForceSchema = z.enum([
  /** Until the close of the trading day. */
  'DAY',
  /** Until cancelled. */
  'GTC',
  /** Until a stated instant. */
  'GTD',
  /** Immediately in whole or part; the rest is cancelled. */
  'IOC',
  /** Immediately in full or not at all. */
  'FOK',
]);
export type TimeInForce = z.output<typeof timeInForceSchema>;

/** Kinds of execution report. */
export const executionKindSchema = z.enum([
  /** Shares traded. */
  'fill',
  /** A fill is annulled. */
  'bust',
  /** A fill's quantity or price is replaced. */
  'correct',
]);

/** Who wants a position closed. */
export const exitSourceSchema = z.enum([
  /** A person, for one position or for all. */
  'PERSON',
  /** The close of positions before the session's end. */
  'CLOSE',
  /** A signal. */
  'SIGNAL',
  /** A protective stop whose price the market had passed before the stop could work. */
  'STOP',
]);
export type ExitSource = z.output<typeof exitSourceSchema>;

/** How an exit ended. */
export const exitOutcomeSchema = z.enum([
  /** The broker holds nothing any more, or the stated quantity was closed. */
  'CLOSED',
  /** The session that it belonged to is over. */
  'EXPIRED',
  /** The rollout stage that required it has changed. */
  'STAGE_CHANGED',
  /** A person withdrew it. */
  'WITHDRAWN',
]);
export type ExitOutcome = z.output<typeof exitOutcomeSchema>;

/** Whether the stack may trade. */
export const tradingStateSchema = z.enum([
  /** Orders may open and close positions. */
  'ACTIVE',
  /** Only orders that reduce a position. */
  'REDUCING',
  /** Nothing but cancels leaves. */
  'HALTED',
]);
export type TradingState = z.output<typeof tradingStateSchema>;

/** Why trading is REDUCING or HALTED. The trading state is the strictest of its open causes, and each ends in its own way. */
export const tradingCauseSchema = z.enum([
  /** A person, or a kill drill. */
  'PERSON',
  /** The policy's daily drawdown limit was reached. */
  'DRAWDOWN',
  /** The stage's daily loss was reached. */
  'DAILY_LOSS',
  /** An order was filled beyond its quantity. */
  'OVERFILL',
  /** Trading was stopped directly at the broker. */
  'BREAK_GLASS',
]);
export type TradingCause = z.output<typeof tradingCauseSchema>;

/** How far a deployment is allowed to go; each stage has its own limits. */
export const rolloutStageSchema = z.enum([
  /** Simulator only. */
  'M0_LOCAL',
  /** Paper trading. */
  'M1_PAPER',
  /** Paper account under the limits of live trading. */
  'M2_SANDBOX',
  /** Live trading with small amounts. */
  'M3_LIVE_SMALL',
]);
export type RolloutStage = z.output<typeof rolloutStageSchema>;

/** Who is there to approve. */
export const deploymentModeSchema = z.enum([
  /** A second person approves what someone requests. */
  'TEAM',
  /** One person works alone. */
  'SOLO',
]);
export type DeploymentMode = z.output<typeof deploymentModeSchema>;

/** What stands behind the broker connection. */
export const venueEnvironmentSchema = z.enum([
  /** The bundled simulator. */
  'SIM',
  /** The broker's paper account. */
  'PAPER',
  /** The broker's live account. */
  'LIVE',
]);
export type VenueEnvironment = z.output<typeof venueEnvironmentSchema>;

/** What policy decides. */
export const decisionSchema = z.enum([
  /** May be sent. */
  'APPROVE',
  /** Needs a person's countersignature. */
  'REVIEW',
  /** Must not be sent. */
  'REJECT',
]);
export type Decision = z.output<typeof decisionSchema>;

/** What a hit of a rule leads to. */
export const ruleTierSchema = decisionSchema.exclude(['APPROVE']);
export type RuleTier = z.output<typeof ruleTierSchema>;

export const positionEffectSchema = z.enum([
  /** Opens or adds to a position. */
  'OPEN',
  /** Closes some of what is held. */
  'REDUCE',
]);
export type PositionEffect = z.output<typeof positionEffectSchema>;

/** What came of asking for a memo. */
export const reasoningStatusSchema = z.enum([
  /** A valid memo. */
  'OK',
  /** Requested, without a valid answer. */
  'FAILED',
  /** Not requested. */
  'DISABLED',
]);
export type ReasoningStatus = z.output<typeof reasoningStatusSchema>;

/** The verdict of a memo. It can only tighten a decision. */
export const recommendationSchema = z.enum([
  /** No objection. */
  'ALLOW',
  /** A person should look first. */
  'ALLOW_WITH_CAUTION',
  /** Advises against the trade: a person should look first. */
  'AVOID',
]);
export type Recommendation = z.output<typeof recommendationSchema>;

export const approvalStatusSchema = z.enum([
  /** Waits for a person. */
  'PENDING',
  /** Countersigned: its order was placed. */
  'APPROVED',
  /** Countersigned for less than was shown: its order was placed on the reduced terms. */
  'REDUCED',
  /** Refused by a person. */
  'REJECTED',
  /** Nobody decided in time. */
  'EXPIRED',
  /** Withdrawn before anyone decided. */
  'WITHDRAWN',
]);
export type ApprovalStatus = z.output<typeof approvalStatusSchema>;

/** Where a signal comes from. */
export const signalSourceSchema = z.enum([
  /** A strategy of the pipeline. */
  'STRATEGY',
  /** A client of the REST interface. */
  'REST',
  /** A bot at the gateway. */
  'BOT',
]);
export type SignalSource = z.output<typeof signalSourceSchema>;

/** What became of a queued signal. */
export const signalOutcomeSchema = z.enum([
  /** It became an order. */
  'PLACED',
  /** It became an approval. */
  'REVIEW',
  /** The gate rejected it. */
  'REJECTED',
  /** Less than one share was approved. */
  'NO_SHARES',
  /** It expired before it reached the gate. */
  'EXPIRED',
]);
export type SignalOutcome = z.output<typeof signalOutcomeSchema>;

/** Progress of a signal as people and REST see it. */
export const signalStatusSchema = z.enum([
  /** On its way to the gate. */
  'QUEUED',
  ...signalOutcomeSchema.options,
  /** Registered by a client that places the order itself. */
  'REGISTERED',
]);

/** Why our books and the broker's differ. */
export const breakCauseSchema = z.enum([
  /** A fill arrived after the order was closed. */
  'LATE_FILL',
  /** More was filled than ordered. */
  'OVERFILL',
  /** The broker holds an order that is not ours. */
  'EXTERNAL_ORDER',
  /** The broker does not know an order that should be there. */
  'MISSING_AT_BROKER',
  /** The quantities held differ. */
  'POSITION_MISMATCH',
  /** The cash balances differ by more than the tolerance. */
  'CASH_MISMATCH',
  /** Side, quantity, price or filled quantity of an order of ours differ at the broker. */
  'ORDER_MISMATCH',
  /** The broker lists something that cannot be read, or is of an asset class that is not traded here. */
  'UNREADABLE_ITEM',
]);
export type BreakCause = z.output<typeof breakCauseSchema>;

/** What a person may do. Each role includes the ones before it. */
export const roleSchema = z.enum([
  /** Sees everything, changes nothing. */
  'VIEWER',
  /** Approves, cancels, halts. */
  'OPERATOR',
  /** Also manages users, tokens, settings and releases. */
  'ADMIN',
]);
export type Role = z.output<typeof roleSchema>;

/** Who requests something. */
export const actorKindSchema = z.enum([
  /** A person in the console. */
  'user',
  /** A client with an API token. */
  'token',
  /** A strategy of the pipeline. */
  'strategy',
  /** The stack itself. */
  'system',
  /** A person at the command line. */
  'cli',
]);
export type ActorKind = z.output<typeof actorKindSchema>;

/** Where a market event comes from. */
export const marketEventSourceSchema = z.enum([
  /** Entered by a person. */
  'OPERATOR',
  /** Imported from a file. */
  'IMPORT',
]);
export type MarketEventSource = z.output<typeof marketEventSourceSchema>;

/** Progress of a drill of the kill switch. */
export const drillStatusSchema = z.enum([
  /** Requested by a person; the worker has not begun. */
  'REQUESTED',
  /** Its orders are being placed. */
  'PLACING',
  /** Trading is being halted. */
  'HALTING',
  /** Final: every promise was kept. */
  'PASSED',
  /** Final: a promise was not kept, or the drill could not run. */
  'FAILED',
]);
