import type { ThresholdField } from '@/server/contracts/policy-thresholds';
import type { RuleTier } from '@/server/kernel/vocabulary';

/** What is known of a rule without evaluating it. */
export interface RuleEntry {
  readonly code: string;
  readonly tier: RuleTier;
  /** Whether the rule also binds a trade that closes what is held. */
  readonly appliesToReduce: boolean;
  /** When it is hit, for people; followed by the threshold where there is one. */
  readonly when: string;
  /** The threshold, or the list of symbols, that it compares with. */
  readonly threshold: ThresholdField | 'allowlist' | null;
  /** Counts orders: bench, fault and load runs turn it off (P-5). */
  readonly counts: boolean;
  /** Does not bind an order of a kill drill (P-5); no rule that counts orders does. */
  readonly exemptsDrills: boolean;
  /** The rule set that brought it: decisions stored before are judged again without it (P-6). */
  readonly since: number;
}

/** Rules of this code. Stored with each decision, so that it can be judged again with the rules of its time. */
export const RULE_SET = 5;

type Options = {
  readonly reduce?: true;
  readonly threshold?: ThresholdField | 'allowlist';
  readonly since?: number;
  readonly counts?: true;
  readonly exemptsDrills?: true;
};

function rule<const Code extends string>(code: Code, tier: RuleTier, when: string, options: Options = {}) {
  const { reduce: appliesToReduce = false, threshold = null, since = 1, counts = false } = options;
  const exemptsDrills = options.exemptsDrills ?? counts;
  return { code, tier, appliesToReduce, when, threshold, since, counts, exemptsDrills } satisfies RuleEntry;
}

/** The rules of policy, in the order in which hits are listed. */
export const POLICY_RULE_TABLE = [
  rule('MARKET_CLOSED', 'REJECT', 'the market is closed', { reduce: true }),
  rule('DATA_STALE', 'REJECT', 'the newest quote is older than', { reduce: true, threshold: 'max_data_age_seconds' }),
  rule('SYMBOL_NOT_ALLOWED', 'REJECT', 'the symbol is not one of', { threshold: 'allowlist' }),
  rule('DAILY_DRAWDOWN_LIMIT', 'REJECT', "the day's drawdown is at least", { threshold: 'max_daily_drawdown_pct' }),
  rule('EVENT_BLACKOUT', 'REJECT', 'a market event blocks trading'),
  rule('LIQUIDITY_LOW', 'REJECT', 'the liquidity score is below', { threshold: 'min_liquidity_score' }),
  rule('TRADING_HALTED', 'REJECT', 'trading is halted', { reduce: true }),
  rule('TRADING_REDUCING', 'REJECT', 'trading is reducing and the order adds risk'),
  rule('GROSS_EXPOSURE_LIMIT', 'REJECT', 'gross exposure is at least', { threshold: 'max_gross_exposure_pct' }),
  rule('RECONCILIATION_BREAK', 'REJECT', 'the symbol has an open break', { reduce: true }),
  rule('STAGE_SYMBOL_LIMIT', 'REJECT', 'the stage allows no more symbols'),
  rule('STAGE_CLOSING', 'REJECT', 'the stage allows no new positions this late'),
  rule('STAGE_DAILY_LOSS', 'REJECT', "the stage's daily loss is reached"),
  rule('CONFIDENCE_LOW', 'REVIEW', 'confidence is below', { threshold: 'min_confidence' }),
  rule('REASONING_CAUTION', 'REVIEW', 'the memo advises caution or avoiding the trade'),
  rule('REASONING_FAILED', 'REVIEW', 'the memo failed'),
  rule('CORRELATION_HIGH', 'REVIEW', 'correlation with the portfolio is above', { threshold: 'max_correlation' }),
  rule('STAGE_MANUAL_APPROVAL', 'REVIEW', 'the stage requires approval of every new position'),
];
export type RuleCode = (typeof POLICY_RULE_TABLE)[number]['code'];

/** The gate's own rules, in the order in which hits are listed after policy's: it knows the order and the account. */
export const GATE_RULE_TABLE = [
  rule('UNKNOWN_SIGNAL', 'REJECT', 'the order refers to an unknown signal', { reduce: true }),
  rule('SIGNAL_MISMATCH', 'REJECT', 'the order differs from its signal', { reduce: true }),
  rule('SIGNAL_CONSUMED', 'REJECT', 'the signal already has an order', { reduce: true }),
  rule('SIGNAL_EXPIRED', 'REJECT', 'the signal has expired', { reduce: true }),
  rule('SUBMIT_UNCERTAIN', 'REJECT', 'it is unknown whether an order of the symbol was sent', { reduce: true }),
  // What is held must be known before a trade can be said to close it.
  rule('PORTFOLIO_STALE', 'REJECT', 'the portfolio or reconciliation is older than', {
    reduce: true,
    threshold: 'portfolio_max_age_seconds',
  }),
  rule('SHORT_NOT_ALLOWED', 'REJECT', 'the order would sell more than the position'),
  rule('ORDER_RATE_LIMIT', 'REJECT', 'orders of one strategy within a minute exceed', {
    threshold: 'max_orders_per_minute',
    counts: true,
  }),
  rule('ORDER_QUANTITY_LIMIT', 'REJECT', 'the order has more shares than', {
    reduce: true,
    threshold: 'max_order_qty',
  }),
  rule('ORDER_NOTIONAL_LIMIT', 'REJECT', 'the order is worth more than', { threshold: 'max_order_notional' }),
  rule('SIZE_EXCEEDED', 'REJECT', 'the order is larger than the approved size', { reduce: true }),
  rule('EXPOSURE_DRIFT', 'REJECT', 'exposure after an approved order exceeds what was shown by more than', {
    threshold: 'approval_exposure_drift_pct',
  }),
  rule('EQUITY_DRIFT', 'REJECT', 'equity differs from what the approver was shown by more than', {
    threshold: 'approval_equity_drift_pct',
  }),
  rule('PRICE_COLLAR', 'REJECT', 'the limit price crosses the market by more than', {
    reduce: true,
    threshold: 'price_collar_pct',
  }),
  rule('BUYING_POWER', 'REJECT', 'the order exceeds buying power'),
  rule('PRICE_INCREMENT', 'REJECT', 'a price is finer than $0.01, or $0.0001 below $1', { reduce: true, since: 2 }),
  rule('SELF_MATCH', 'REJECT', 'the order could trade with an order of our own', { since: 2 }),
  rule('POSITION_LIMIT', 'REJECT', 'the position in the symbol is at least', {
    threshold: 'max_position_pct',
    since: 2,
  }),
  rule('MAX_OPEN_POSITIONS', 'REJECT', 'open positions have reached', {
    threshold: 'max_open_positions',
    since: 2,
    counts: true,
  }),
  rule('MAX_OPEN_ORDERS', 'REJECT', 'working opening orders have reached', {
    threshold: 'max_open_orders',
    since: 2,
    counts: true,
  }),
  rule('DAILY_TURNOVER_LIMIT', 'REJECT', 'what was opened in the day is, times equity, more than', {
    threshold: 'max_daily_turnover',
    since: 2,
    counts: true,
  }),
  rule('DUPLICATE_ORDER', 'REJECT', 'an equal opening order was placed within', {
    threshold: 'duplicate_window_seconds',
    since: 2,
    counts: true,
  }),
  rule('MEMO_REQUIRED', 'REVIEW', 'the policy requires a memo and the signal has none', {
    since: 3,
    exemptsDrills: true,
  }),
  rule('SCOPE_HALTED', 'REJECT', 'its strategy, symbol or principal is halted (replay only)', {
    reduce: true,
    since: 3,
  }),
  rule('SYMBOL_HALTED', 'REJECT', 'the exchange has halted or limited trading in the symbol (replay only)', {
    reduce: true,
    since: 3,
  }),
  rule('MESSAGE_RATE', 'REJECT', 'requests to the broker within a minute, less those kept back, have reached', {
    threshold: 'max_requests_per_minute',
    since: 4,
    counts: true,
  }),
  rule('STOP_PRICE', 'REJECT', 'the protective stop lies on the wrong side of the price', { since: 5 }),
  rule('SHARES_HELD', 'REJECT', 'a protective stop holds the shares that the order would sell', {
    reduce: true,
    since: 5,
  }),
];
export type GateCode = (typeof GATE_RULE_TABLE)[number]['code'];
