import type { RuleTier } from '@/server/kernel/vocabulary';

/** How the policy page explains a rule. `field` names the policy's setting that holds the threshold. */
export interface RuleText {
  readonly code: string;
  readonly tier: RuleTier;
  readonly when: string;
  readonly field: string | null;
  readonly unit: 'share' | 'seconds' | 'count' | 'money' | 'list' | 'number' | 'none';
}

/** All rules, in the order in which they are evaluated. */
export const RULES: readonly RuleText[] = [
  { code: 'MARKET_CLOSED', tier: 'REJECT', when: 'the market is closed', field: null, unit: 'none' },
  {
    code: 'DATA_STALE',
    tier: 'REJECT',
    when: 'the newest quote is older than',
    field: 'max_data_age_seconds',
    unit: 'seconds',
  },
  { code: 'SYMBOL_NOT_ALLOWED', tier: 'REJECT', when: 'the symbol is not one of', field: 'allowlist', unit: 'list' },
  {
    code: 'DAILY_DRAWDOWN_LIMIT',
    tier: 'REJECT',
    when: "the day's drawdown is at least",
    field: 'max_daily_drawdown_pct',
    unit: 'share',
  },
  { code: 'EVENT_BLACKOUT', tier: 'REJECT', when: 'a market event blocks trading', field: null, unit: 'none' },
  {
    code: 'LIQUIDITY_LOW',
    tier: 'REJECT',
    when: 'the liquidity score is below',
    field: 'min_liquidity_score',
    unit: 'number',
  },
  { code: 'TRADING_HALTED', tier: 'REJECT', when: 'trading is halted', field: null, unit: 'none' },
  {
    code: 'TRADING_REDUCING',
    tier: 'REJECT',
    when: 'trading is reducing and the order adds risk',
    field: null,
    unit: 'none',
  },
  {
    code: 'GROSS_EXPOSURE_LIMIT',
    tier: 'REJECT',
    when: 'gross exposure is at least',
    field: 'max_gross_exposure_pct',
    unit: 'share',
  },
  {
    code: 'RECONCILIATION_BREAK',
    tier: 'REJECT',
    when: 'the symbol has an open break',
    field: null,
    unit: 'none',
  },
  { code: 'STAGE_SYMBOL_LIMIT', tier: 'REJECT', when: 'the stage allows no more symbols', field: null, unit: 'none' },
  {
    code: 'STAGE_CLOSING',
    tier: 'REJECT',
    when: 'the stage allows no new positions this late',
    field: null,
    unit: 'none',
  },
  { code: 'STAGE_DAILY_LOSS', tier: 'REJECT', when: "the stage's daily loss is reached", field: null, unit: 'none' },
  { code: 'CONFIDENCE_LOW', tier: 'REVIEW', when: 'confidence is below', field: 'min_confidence', unit: 'number' },
  {
    code: 'REASONING_CAUTION',
    tier: 'REVIEW',
    when: 'the memo advises caution or avoiding the trade',
    field: null,
    unit: 'none',
  },
  { code: 'REASONING_FAILED', tier: 'REVIEW', when: 'the memo failed', field: null, unit: 'none' },
  {
    code: 'CORRELATION_HIGH',
    tier: 'REVIEW',
    when: 'correlation with the portfolio is above',
    field: 'max_correlation',
    unit: 'number',
  },
  {
    code: 'STAGE_MANUAL_APPROVAL',
    tier: 'REVIEW',
    when: 'the stage requires approval of every new position',
    field: null,
    unit: 'none',
  },
  {
    code: 'ORDER_NOTIONAL_LIMIT',
    tier: 'REJECT',
    when: 'the order is worth more than',
    field: 'max_order_notional',
    unit: 'money',
  },
  {
    code: 'ORDER_QUANTITY_LIMIT',
    tier: 'REJECT',
    when: 'the order has more shares than',
    field: 'max_order_qty',
    unit: 'count',
  },
  {
    code: 'PRICE_COLLAR',
    tier: 'REJECT',
    when: 'the limit price crosses the market by more than',
    field: 'price_collar_pct',
    unit: 'share',
  },
  {
    code: 'ORDER_RATE_LIMIT',
    tier: 'REJECT',
    when: 'orders of one strategy within a minute exceed',
    field: 'max_orders_per_minute',
    unit: 'count',
  },
  { code: 'BUYING_POWER', tier: 'REJECT', when: 'the order exceeds buying power', field: null, unit: 'none' },
  {
    code: 'SIZE_EXCEEDED',
    tier: 'REJECT',
    when: 'the order is larger than the approved size',
    field: null,
    unit: 'none',
  },
  {
    code: 'SHORT_NOT_ALLOWED',
    tier: 'REJECT',
    when: 'the order would sell more than the position',
    field: null,
    unit: 'none',
  },
  {
    code: 'PORTFOLIO_STALE',
    tier: 'REJECT',
    when: 'the portfolio or reconciliation is older than',
    field: 'portfolio_max_age_seconds',
    unit: 'seconds',
  },
  { code: 'UNKNOWN_SIGNAL', tier: 'REJECT', when: 'the order refers to an unknown signal', field: null, unit: 'none' },
  {
    code: 'SIGNAL_MISMATCH',
    tier: 'REJECT',
    when: 'the order differs from its signal',
    field: null,
    unit: 'none',
  },
  {
    code: 'SIGNAL_CONSUMED',
    tier: 'REJECT',
    when: 'the signal already has an order',
    field: null,
    unit: 'none',
  },
  { code: 'SIGNAL_EXPIRED', tier: 'REJECT', when: 'the signal has expired', field: null, unit: 'none' },
];

/** Settings other than thresholds. */
export const SETTINGS: readonly { readonly label: string; readonly field: string; readonly unit: RuleText['unit'] }[] =
  [
    { label: 'Risk per trade', field: 'risk_per_trade_pct', unit: 'share' },
    { label: 'Assumed stop distance', field: 'assumed_stop_distance_pct', unit: 'share' },
    { label: 'Approved decisions expire after', field: 'approve_ttl_seconds', unit: 'seconds' },
    { label: 'Review expires after', field: 'review_ttl_seconds', unit: 'seconds' },
  ];
