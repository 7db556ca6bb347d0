import type { PolicyBody, PolicyOverride } from '@/server/contracts/policy-body';

/** Version 1 of the policy: the specification's thresholds, for the symbols of the simulator. */
export const DEFAULT_POLICY_BODY: PolicyBody = {
  allowlist: ['AAPL', 'MSFT', 'SPY', 'NVDA', 'AMZN'],
  max_data_age_seconds: 30,
  max_daily_drawdown_pct: 0.03,
  min_liquidity_score: 0.7,
  min_confidence: 0.6,
  max_correlation: 0.35,
  max_gross_exposure_pct: 1,
  risk_per_trade_pct: 0.005,
  assumed_stop_distance_pct: 0.5,
  price_collar_pct: 0.01,
  max_order_notional: 250_000,
  max_order_qty: 10_000,
  max_orders_per_minute: 600,
  approve_ttl_seconds: 30,
  review_ttl_seconds: 15 * 60,
  portfolio_max_age_seconds: 15,
};

export const DEFAULT_POLICY_VERSION = 1;

/** Lays the fields that an override states over a policy. */
export function overridePolicy(base: PolicyBody, override: PolicyOverride): PolicyBody {
  const stated = Object.fromEntries(Object.entries(override).filter(([, value]) => value !== undefined));
  return { ...base, ...stated };
}
