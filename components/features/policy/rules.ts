import { THRESHOLDS, type ThresholdField, type ThresholdUnit } from '@/server/contracts/policy-thresholds';
import { GATE_RULE_TABLE, POLICY_RULE_TABLE, type RuleEntry } from '@/server/domain/policy/rule-table';
import type { RuleTier } from '@/server/kernel/vocabulary';

/** How the policy page explains a rule. `field` is the setting of the active policy that it compares with. */
export interface RuleText {
  readonly code: string;
  readonly tier: RuleTier;
  readonly when: string;
  readonly field: string | null;
  readonly unit: ThresholdUnit | 'list' | 'latch' | 'memo' | 'none';
}

function unitOf(threshold: RuleEntry['threshold']): RuleText['unit'] {
  if (threshold === null) return 'none';
  return threshold === 'allowlist' ? 'list' : THRESHOLDS[threshold].unit;
}

/** Policy's rules and the gate's own, in their order. */
export const RULES: readonly RuleText[] = [...POLICY_RULE_TABLE, ...GATE_RULE_TABLE].map(
  ({ code, tier, when, threshold }) => ({ code, tier, when, field: threshold, unit: unitOf(threshold) }),
);

const ofRules = new Set(RULES.map(({ field }) => field));

interface SettingText {
  readonly field: string;
  readonly label: string;
  readonly unit: RuleText['unit'];
}

/** Settings that are no rule's threshold. */
export const SETTINGS: readonly SettingText[] = [
  ...(Object.keys(THRESHOLDS) as ThresholdField[])
    .filter((field) => !ofRules.has(field))
    .map((field) => ({ field, label: THRESHOLDS[field].label, unit: THRESHOLDS[field].unit })),
  { field: 'drawdown_latch', label: 'What ends a drawdown stop', unit: 'latch' },
  { field: 'memo_required', label: 'Trades without a memo', unit: 'memo' },
];
