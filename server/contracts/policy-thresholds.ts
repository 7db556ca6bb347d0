const DAY_SECONDS = 86_400;
const HUGE = 1e12;
/** Twelve decimals: the smallest positive setting. */
const LEAST = 1e-12;

/** `share` is a fraction of equity or price, `money` the account's currency. */
export type ThresholdUnit = 'share' | 'seconds' | 'count' | 'money' | 'number';

export interface Threshold {
  readonly unit: ThresholdUnit;
  readonly min: number;
  readonly max: number;
  /** Whole numbers only; otherwise up to 12 decimals. */
  readonly integer?: true;
  /** Added after the first release: null switches its rule off, as in every version stored before it existed. */
  readonly added?: true;
  /** Its value in the first policy. */
  readonly initial: number;
  /** What it is, for people. */
  readonly label: string;
}

/**
 * Every threshold of a policy: unit, bounds, default and label. The schemas, the defaults and the console derive from it. Plain data,
 * so that the console can show it without loading a schema library.
 */
export const THRESHOLDS = {
  max_data_age_seconds: { unit: 'seconds', min: 0, max: DAY_SECONDS, initial: 30, label: 'Oldest market data' },
  /** A drawdown of this much or more rejects. */
  max_daily_drawdown_pct: { unit: 'share', min: 0, max: 1, initial: 0.03, label: 'Daily drawdown limit' },
  min_liquidity_score: { unit: 'number', min: 0, max: 1, initial: 0.7, label: 'Minimum liquidity score' },
  min_confidence: { unit: 'number', min: 0, max: 1, initial: 0.6, label: 'Review below this confidence' },
  max_correlation: { unit: 'number', min: -1, max: 1, initial: 0.35, label: 'Review above this correlation' },
  max_gross_exposure_pct: { unit: 'share', min: 0, max: 100, initial: 1, label: 'Gross exposure limit' },
  risk_per_trade_pct: { unit: 'share', min: 0, max: 1, initial: 0.005, label: 'Risk per trade' },
  /** For a trade without a stop at the broker. */
  assumed_stop_distance_pct: { unit: 'share', min: LEAST, max: 1, initial: 0.5, label: 'Assumed stop distance' },
  /** How far a limit may lie through the market, and a price may move from what an approver saw. */
  price_collar_pct: { unit: 'share', min: 0, max: 1, initial: 0.01, label: 'Price collar' },
  /** How far above what an approver saw the exposure after the order may be by then, in shares of equity. */
  approval_exposure_drift_pct: {
    unit: 'share',
    min: 0,
    max: 1,
    added: true,
    initial: 0.01,
    label: 'Exposure drift while awaiting approval',
  },
  /** How far equity may be, either way, from what an approver saw. */
  approval_equity_drift_pct: {
    unit: 'share',
    min: 0,
    max: 1,
    added: true,
    initial: 0.02,
    label: 'Equity drift while awaiting approval',
  },
  max_order_notional: { unit: 'money', min: 0, max: HUGE, initial: 250_000, label: 'Largest order value' },
  max_order_qty: { unit: 'count', min: 0, max: HUGE, initial: 10_000, label: 'Largest order quantity' },
  /** Of one strategy. */
  max_orders_per_minute: { unit: 'count', min: 0, max: HUGE, integer: true, initial: 600, label: 'Orders per minute' },
  approve_ttl_seconds: {
    unit: 'seconds',
    min: 1,
    max: DAY_SECONDS,
    integer: true,
    initial: 30,
    label: 'Approved decisions expire after',
  },
  review_ttl_seconds: {
    unit: 'seconds',
    min: 1,
    max: DAY_SECONDS,
    integer: true,
    initial: 15 * 60,
    label: 'Review expires after',
  },
  /** Oldest portfolio, and oldest good reconciliation, that an order may rest on. */
  portfolio_max_age_seconds: {
    unit: 'seconds',
    min: 0,
    max: DAY_SECONDS,
    initial: 15,
    label: 'Oldest portfolio or reconciliation',
  },
  /** Positions and working buys of one symbol over equity. */
  max_position_pct: {
    unit: 'share',
    min: 0,
    max: 100,
    added: true,
    initial: 0.1,
    label: 'Largest position in a symbol',
  },
  /** Symbols with a position or a working order. */
  max_open_positions: {
    unit: 'count',
    min: 0,
    max: HUGE,
    integer: true,
    added: true,
    initial: 10,
    label: 'Open positions',
  },
  max_open_orders: {
    unit: 'count',
    min: 0,
    max: HUGE,
    integer: true,
    added: true,
    initial: 50,
    label: 'Working opening orders',
  },
  /** Value opened since the last close, as a multiple of equity. */
  max_daily_turnover: {
    unit: 'number',
    min: 0,
    max: 1_000_000,
    added: true,
    initial: 5,
    label: 'Opened in a day, times equity',
  },
  /** An equal opening order this soon after another is taken for a mistake. */
  duplicate_window_seconds: {
    unit: 'seconds',
    min: 0,
    max: 3_600,
    added: true,
    initial: 2,
    label: 'Duplicate order window',
  },
  /** To the broker, of all kinds. The limit is the smaller of this and 90% of the broker's. */
  max_requests_per_minute: {
    unit: 'count',
    min: 0,
    max: HUGE,
    integer: true,
    added: true,
    initial: 180,
    label: 'Requests to the broker per minute',
  },
  /** Of them, kept for cancels, exits, stops, halts and reconciliation: opening orders leave them alone. */
  reserved_requests_per_minute: {
    unit: 'count',
    min: 0,
    max: HUGE,
    integer: true,
    added: true,
    initial: 60,
    label: 'Requests per minute kept from opening orders',
  },
} as const satisfies Readonly<Record<string, Threshold>>;
export type ThresholdField = keyof typeof THRESHOLDS;
