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
}

type Options = { readonly reduce?: true; readonly threshold?: ThresholdField | 'allowlist' };

function rule<const Code extends string>(code: Code, tier: RuleTier, when: string, options: Options = {}) {
  const { reduce: appliesToReduce = false, threshold = null } = options;
  return { code, tier, appliesToReduce, when, threshold } satisfies RuleEntry;
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
  rule('PRICE_COLLAR', 'REJECT', 'the limit price crosses the market by more than', { threshold: 'price_collar_pct' }),
  rule('BUYING_POWER', 'REJECT', 'the order exceeds buying power'),
];
export type GateCode = (typeof GATE_RULE_TABLE)[number]['code'];
