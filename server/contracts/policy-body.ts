import { z } from 'zod';
import { decimalSetting } from './decimal-number';
import { symbolSchema } from './symbol';

const DAY_SECONDS = 86_400;
const HUGE = 1e12;
/** Twelve decimals: the least positive setting. */
const LEAST = 1e-12;

/**
 * A policy version: data, immutable once stored. Each field is the threshold of the rule it is named after.
 * Shares of equity are fractions; amounts are in the account's currency; numbers may be written as decimal text.
 */
export const policyBodySchema = z.strictObject({
  /** Symbols that may be traded. */
  allowlist: z.array(symbolSchema).max(10_000),
  max_data_age_seconds: decimalSetting(0, DAY_SECONDS),
  /** A drawdown of this much or more rejects. */
  max_daily_drawdown_pct: decimalSetting(0, 1),
  min_liquidity_score: decimalSetting(0, 1),
  min_confidence: decimalSetting(0, 1),
  max_correlation: decimalSetting(-1, 1),
  max_gross_exposure_pct: decimalSetting(0, 100),
  /** Share of equity that one trade may lose. */
  risk_per_trade_pct: decimalSetting(0, 1),
  /** Stop distance assumed for a trade without a stop at the broker. */
  assumed_stop_distance_pct: decimalSetting(LEAST, 1),
  /** How far a limit may lie through the market, and a price may move from what an approver saw. */
  price_collar_pct: decimalSetting(0, 1),
  max_order_notional: decimalSetting(0, HUGE),
  /** Shares. */
  max_order_qty: decimalSetting(0, HUGE),
  /** Orders of one strategy within a minute. */
  max_orders_per_minute: z.int().min(0).max(HUGE),
  approve_ttl_seconds: z.int().min(1).max(DAY_SECONDS),
  review_ttl_seconds: z.int().min(1).max(DAY_SECONDS),
  /** Oldest portfolio, and oldest good reconciliation, that an order may rest on. */
  portfolio_max_age_seconds: decimalSetting(0, DAY_SECONDS),
});

/** A complete policy. */
export type PolicyBody = z.output<typeof policyBodySchema>;

/**
 * Reads a stored policy version. Only thresholds that were added after version 1 are nullable, and null switches their rule off: a
 * version that does not name such a threshold was published before the rule existed, so the rule is off in it. A stored version
 * therefore never changes its meaning.
 * @param schema of the running code; another one in tests
 * @throws ZodError for a body that lacks any other field or has unknown ones
 */
export function readStoredPolicy<S extends z.ZodObject>(body: unknown, schema: S): z.output<S>;
export function readStoredPolicy(body: unknown): PolicyBody;
export function readStoredPolicy(body: unknown, schema: z.ZodObject = policyBodySchema): unknown {
  const added = Object.entries(schema.shape).filter(([, field]) => z.safeParse(field, null).success);
  const off = Object.fromEntries(added.map(([name]) => [name, null]));
  return schema.parse(typeof body === 'object' && body !== null ? { ...off, ...body } : body);
}

/** Some fields of a policy, to lay over another: what a scenario's header carries. */
export const policyOverrideSchema = policyBodySchema.partial();
export type PolicyOverride = z.output<typeof policyOverrideSchema>;
