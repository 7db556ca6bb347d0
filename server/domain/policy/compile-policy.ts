import type { PolicyBody, PolicyOverride } from '@/server/contracts/policy-body';
import { divideUnits, type Money, ONE, parseMoney, parseUnits, type Units } from '@/server/kernel/money';

/** A policy with its thresholds parsed once. Made by `compilePolicy`. */
export interface CompiledPolicy {
  readonly version: number;
  readonly allowlist: ReadonlySet<string>;
  readonly maxDataAgeSeconds: Units;
  readonly maxDailyDrawdownPct: Units;
  readonly minLiquidityScore: Units;
  readonly minConfidence: Units;
  readonly maxCorrelation: Units;
  readonly maxGrossExposurePct: Units;
  readonly riskPerTradePct: Units;
  readonly assumedStopDistancePct: Units;
  /** `riskPerTradePct / assumedStopDistancePct`: the size of a trade without a stop. */
  readonly sizeWithoutStop: Units;
  readonly priceCollarPct: Units;
  /** Tolerances of a countersignature; null turns the rule off. */
  readonly approvalExposureDriftPct: Units | null;
  readonly approvalEquityDriftPct: Units | null;
  readonly maxOrderNotional: Money;
  readonly maxOrderQty: Units;
  readonly maxOrdersPerMinute: number;
  readonly approveTtlMs: number;
  readonly reviewTtlMs: number;
  readonly portfolioMaxAgeSeconds: Units;
  /** Null turns the rule off, here and below (P-6). */
  readonly maxPositionPct: Units | null;
  readonly maxOpenPositions: number | null;
  readonly maxOpenOrders: number | null;
  readonly maxDailyTurnover: Units | null;
  readonly duplicateWindowMs: number | null;
  /** What ends a stop for drawdown; null turns the stop off (new positions are refused while the drawdown lasts). */
  readonly drawdownLatch: PolicyBody['drawdown_latch'];
}

const optionalUnits = (value: number | string | null) => (value === null ? null : parseUnits(value));

/**
 * Parses a policy's thresholds once, so that judging parses nothing. The body must have been read by
 * `readStoredPolicy` or passed `policyBodySchema`; a threshold that is null turns its rule off.
 * @param version the stored version's number; 0 for a policy that is not stored
 */
export function compilePolicy(body: PolicyBody, version: number): CompiledPolicy {
  const riskPerTradePct = parseUnits(body.risk_per_trade_pct);
  const assumedStopDistancePct = parseUnits(body.assumed_stop_distance_pct);
  return {
    version,
    allowlist: new Set(body.allowlist),
    maxDataAgeSeconds: parseUnits(body.max_data_age_seconds),
    maxDailyDrawdownPct: parseUnits(body.max_daily_drawdown_pct),
    minLiquidityScore: parseUnits(body.min_liquidity_score),
    minConfidence: parseUnits(body.min_confidence),
    maxCorrelation: parseUnits(body.max_correlation),
    maxGrossExposurePct: parseUnits(body.max_gross_exposure_pct),
    riskPerTradePct,
    assumedStopDistancePct,
    sizeWithoutStop: divideUnits(riskPerTradePct, assumedStopDistancePct),
    priceCollarPct: parseUnits(body.price_collar_pct),
    approvalExposureDriftPct: optionalUnits(body.approval_exposure_drift_pct),
    approvalEquityDriftPct: optionalUnits(body.approval_equity_drift_pct),
    maxOrderNotional: parseMoney(body.max_order_notional),
    maxOrderQty: parseUnits(body.max_order_qty),
    maxOrdersPerMinute: body.max_orders_per_minute,
    approveTtlMs: body.approve_ttl_seconds * 1000,
    reviewTtlMs: body.review_ttl_seconds * 1000,
    portfolioMaxAgeSeconds: parseUnits(body.portfolio_max_age_seconds),
    maxPositionPct: optionalUnits(body.max_position_pct),
    maxOpenPositions: body.max_open_positions,
    maxOpenOrders: body.max_open_orders,
    maxDailyTurnover: optionalUnits(body.max_daily_turnover),
    duplicateWindowMs: body.duplicate_window_seconds === null ? null : Number(body.duplicate_window_seconds) * 1000,
    drawdownLatch: body.drawdown_latch,
  };
}

/** Largest size a policy's risk limit allows for a stop at this distance, as a share of equity. */
export function sizeForStop(policy: CompiledPolicy, stopDistancePct: bigint | null): bigint {
  if (stopDistancePct === null) return policy.sizeWithoutStop;
  return (policy.riskPerTradePct * ONE) / stopDistancePct;
}

/** Lays the fields that an override states over a policy. */
export function overridePolicy(base: PolicyBody, override: PolicyOverride): PolicyBody {
  const stated = Object.fromEntries(Object.entries(override).filter(([, value]) => value !== undefined));
  return { ...base, ...stated };
}
