import { z } from 'zod';
import { decimalSetting } from './decimal-number';
import { symbolSchema } from './symbol';

const DAY_SECONDS = 86_400;
const HUGE = 1e12;
/** Twelve decimals: the least positive setting. */
const LEAST = 1e-12;

/** `share` is a fraction of equity or price, `money` the account's currency. */
export type ThresholdUnit = 'share' | 'seconds' | 'count' | 'money' | 'number';

/** @param schema its bounds @param initial its value in the first policy @param label what it is, for people */
function threshold<Schema extends z.ZodType>(
  unit: ThresholdUnit,
  schema: Schema,
  initial: z.output<Schema>,
  label: string,
) {
  return { unit, schema, initial, label };
}

const seconds = () => decimalSetting(0, DAY_SECONDS);
const share = (min = 0, max = 1) => decimalSetting(min, max);
const amount = () => decimalSetting(0, HUGE);
const lifetime = () => z.int().min(1).max(DAY_SECONDS);

/**
 * Every threshold of a policy: unit, bounds, default and label. The schemas, the defaults and the console derive from it.
 * One that is added after the first release is `.nullable()`: null turns its rule off, as in every version stored before.
 */
export const THRESHOLDS = {
  max_data_age_seconds: threshold('seconds', seconds(), 30, 'Oldest market data'),
  /** A drawdown of this much or more rejects. */
  max_daily_drawdown_pct: threshold('share', share(), 0.03, "Day's drawdown that stops trading"),
  min_liquidity_score: threshold('number', share(), 0.7, 'Least liquidity score'),
  min_confidence: threshold('number', share(), 0.6, 'Confidence below which a person decides'),
  max_correlation: threshold('number', share(-1), 0.35, 'Correlation above which a person decides'),
  max_gross_exposure_pct: threshold('share', share(0, 100), 1, 'Gross exposure limit'),
  risk_per_trade_pct: threshold('share', share(), 0.005, 'Risk per trade'),
  /** For a trade without a stop at the broker. */
  assumed_stop_distance_pct: threshold('share', share(LEAST), 0.5, 'Assumed stop distance'),
  /** How far a limit may lie through the market, and a price may move from what an approver saw. */
  price_collar_pct: threshold('share', share(), 0.01, 'Price collar'),
  max_order_notional: threshold('money', amount(), 250_000, 'Largest order value'),
  max_order_qty: threshold('count', amount(), 10_000, 'Largest order quantity'),
  /** Of one strategy. */
  max_orders_per_minute: threshold('count', z.int().min(0).max(HUGE), 600, 'Orders per minute'),
  approve_ttl_seconds: threshold('seconds', lifetime(), 30, 'Approved decisions expire after'),
  review_ttl_seconds: threshold('seconds', lifetime(), 15 * 60, 'Review expires after'),
  /** Oldest portfolio, and oldest good reconciliation, that an order may rest on. */
  portfolio_max_age_seconds: threshold('seconds', seconds(), 15, 'Oldest portfolio or reconciliation'),
};
export type ThresholdField = keyof typeof THRESHOLDS;

type Thresholds = { [Field in ThresholdField]: (typeof THRESHOLDS)[Field]['schema'] };
const thresholdShape = Object.fromEntries(
  Object.entries(THRESHOLDS).map(([field, { schema }]) => [field, schema]),
) as Thresholds;

/**
 * A complete policy, as it is published. Amounts are in the account's currency; numbers may be written as decimal text.
 */
export const policyBodySchema = z.strictObject({
  /** Symbols that may be traded. */
  allowlist: z.array(symbolSchema).max(10_000),
  ...thresholdShape,
});
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

type Initial = { [Field in ThresholdField]: (typeof THRESHOLDS)[Field]['initial'] };

/** The version that a new database begins with. */
export const DEFAULT_POLICY_VERSION = 1;

/** The first policy: the specification's thresholds, for the symbols of the simulator. */
export const DEFAULT_POLICY_BODY: PolicyBody = {
  allowlist: ['AAPL', 'MSFT', 'SPY', 'NVDA', 'AMZN'],
  ...(Object.fromEntries(Object.entries(THRESHOLDS).map(([field, { initial }]) => [field, initial])) as Initial),
};
