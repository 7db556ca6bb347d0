import { z } from 'zod';
import { decimalSetting } from './decimal-number';
import { THRESHOLDS, type Threshold, type ThresholdField } from './policy-thresholds';
import { symbolSchema } from './symbol';

/** The schema of one threshold, from its bounds. */
type SchemaOf<T> = T extends { readonly integer: true } ? z.ZodInt : ReturnType<typeof decimalSetting>;
type Nullable<T, Schema extends z.ZodType> = T extends { readonly added: true } ? z.ZodNullable<Schema> : Schema;
type Thresholds = {
  [Field in ThresholdField]: Nullable<(typeof THRESHOLDS)[Field], SchemaOf<(typeof THRESHOLDS)[Field]>>;
};

function schemaOf({ min, max, integer, added }: Threshold): z.ZodType {
  const schema = integer ? z.int().min(min).max(max) : decimalSetting(min, max);
  return added ? schema.nullable() : schema;
}

const thresholdShape = Object.fromEntries(
  Object.entries(THRESHOLDS).map(([field, threshold]) => [field, schemaOf(threshold)]),
) as Thresholds;

/**
 * A complete policy, as it is published. Amounts are in the account's currency; numbers may be written as decimal text.
 */
export const policyBodySchema = z.strictObject({
  /** Symbols that may be traded. */
  allowlist: z.array(symbolSchema).max(10_000),
  ...thresholdShape,
  /**
   * What ends a stop for drawdown (P-14): the next session's open, a person's release, or the next open in the stages before M2 and
   * a release from M2 on. Null: reaching the limit stops nothing beyond the order that is judged.
   */
  drawdown_latch: z.enum(['session', 'person', 'from_m2']).nullable(),
  /** Whether a person must approve what has no memo. Null, as in versions stored before the rule existed: no. */
  memo_required: z.boolean().nullable(),
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

type Initial = { [Field in ThresholdField]: number };

/** The version that a new database begins with. */
export const DEFAULT_POLICY_VERSION = 1;

/** The first policy: the specification's thresholds, for the symbols of the simulator. */
export const DEFAULT_POLICY_BODY: PolicyBody = {
  allowlist: ['AAPL', 'MSFT', 'SPY', 'NVDA', 'AMZN'],
  ...(Object.fromEntries(Object.entries(THRESHOLDS).map(([field, { initial }]) => [field, initial])) as Initial),
  drawdown_latch: 'from_m2',
  memo_required: false,
};
