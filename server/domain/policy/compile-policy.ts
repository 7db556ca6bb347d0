import type { PolicyBody, PolicyOverride } from '@/server/contracts/policy-body';
import { THRESHOLDS, type Threshold, type ThresholdField } from '@/server/contracts/policy-thresholds';
import { divideUnits, type Money, ONE, parseMoney, parseUnits, type Units } from '@/server/kernel/money';

type CamelCase<Key extends string> = Key extends `${infer Head}_${infer Rest}`
  ? `${Head}${Capitalize<CamelCase<Rest>>}`
  : Key;

/** Whole numbers stay numbers; null turns the rule of a threshold off (P-6). */
type Parsed<T extends Threshold> =
  | (T extends { readonly integer: true } ? number : T['unit'] extends 'money' ? Money : Units)
  | (T extends { readonly added: true } ? null : never);

/** Every threshold under its name in camel case. */
type ParsedThresholds = {
  readonly [Field in ThresholdField as CamelCase<Field>]: Parsed<(typeof THRESHOLDS)[Field]>;
};

/** A policy with its thresholds parsed once. Made by `compilePolicy`. */
export interface CompiledPolicy extends ParsedThresholds {
  readonly version: number;
  readonly allowlist: ReadonlySet<string>;
  /** `riskPerTradePct / assumedStopDistancePct`: the size of a trade without a stop. */
  readonly sizeWithoutStop: Units;
  /** What ends a stop for drawdown; null turns the stop off (new positions are refused while the drawdown lasts). */
  readonly drawdownLatch: PolicyBody['drawdown_latch'];
  readonly memoRequired: boolean;
}

const camelCase = (key: string) => key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

function parsed({ unit, integer }: Threshold, value: number | string | null): number | bigint | null {
  if (value === null || integer) return value === null ? null : Number(value);
  return unit === 'money' ? parseMoney(value) : parseUnits(value);
}

function parseThresholds(body: PolicyBody): ParsedThresholds {
  const fields = Object.keys(THRESHOLDS) as ThresholdField[];
  return Object.fromEntries(
    fields.map((field) => [camelCase(field), parsed(THRESHOLDS[field], body[field])]),
  ) as ParsedThresholds;
}

/**
 * Parses a policy's thresholds once, so that judging parses nothing. The body must have been read by
 * `readStoredPolicy` or passed `policyBodySchema`; a threshold that is null turns its rule off.
 * @param version the stored version's number; 0 for a policy that is not stored
 */
export function compilePolicy(body: PolicyBody, version: number): CompiledPolicy {
  const thresholds = parseThresholds(body);
  return {
    version,
    allowlist: new Set(body.allowlist),
    ...thresholds,
    sizeWithoutStop: divideUnits(thresholds.riskPerTradePct, thresholds.assumedStopDistancePct),
    drawdownLatch: body.drawdown_latch,
    memoRequired: body.memo_required === true,
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
