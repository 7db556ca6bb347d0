import { DEFAULT_POLICY_BODY, type PolicyBody } from '@/server/contracts/policy-body';
import { GATE_RULE_TABLE, POLICY_RULE_TABLE, type RuleEntry } from '@/server/domain/policy/rule-table';

/**
 * The default policy without the rules that count orders (P-5): bench, fault and load runs place more orders than a real strategy.
 * Every other rule stays on. The rules themselves are tested apart.
 */
export const RUN_POLICY: PolicyBody = {
  ...DEFAULT_POLICY_BODY,
  max_open_positions: null,
  max_open_orders: null,
  max_daily_turnover: null,
  duplicate_window_seconds: null,
  max_requests_per_minute: null,
};

/** As {@link RUN_POLICY} and without the position limit, for tests whose orders are large for their account. */
export const TEST_POLICY: PolicyBody = { ...RUN_POLICY, max_position_pct: null };

/** Rules that a policy turns off. */
export function rulesOff(policy: PolicyBody): readonly RuleEntry[] {
  const rules: readonly RuleEntry[] = [...POLICY_RULE_TABLE, ...GATE_RULE_TABLE];
  return rules.filter(({ threshold }) => threshold !== null && policy[threshold] === null);
}

/** What a run says of its policy: the rules that are off, and the thresholds that are not the default. */
export function describePolicy(policy: PolicyBody): string {
  const off = rulesOff(policy).map(({ code }) => code);
  const changed = Object.entries(policy)
    .filter(
      ([name, value]) =>
        value !== null && value !== Object.entries(DEFAULT_POLICY_BODY).find(([of]) => of === name)?.[1],
    )
    .map(([name, value]) => `${name} ${String(value)}`);
  return `policy of this run: off ${off.join(', ')}; changed ${changed.length === 0 ? 'nothing' : changed.join(', ')}`;
}
