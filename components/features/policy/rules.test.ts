import { describe, expect, it } from 'vitest';
import { policyBodySchema } from '@/server/contracts/policy-body';
import { DEFAULT_POLICY_BODY } from '@/server/domain/policy';
import { RULES, SETTINGS } from './rules';
import { thresholdText } from './threshold';

describe('the policy page', () => {
  it('shows every setting of a policy', () => {
    const shown = new Set([...RULES.map((rule) => rule.field), ...SETTINGS.map((setting) => setting.field)]);
    expect(Object.keys(policyBodySchema.shape).filter((field) => !shown.has(field))).toEqual([]);
  });

  it('names no setting that a policy does not have', () => {
    const fields = [...RULES, ...SETTINGS].flatMap((row) => (row.field === null ? [] : [row.field]));
    expect(fields.filter((field) => !(field in policyBodySchema.shape))).toEqual([]);
  });

  it('shows the default thresholds in words', () => {
    const body = { ...DEFAULT_POLICY_BODY };
    expect(thresholdText(body, 'max_data_age_seconds', 'seconds')).toBe('30s');
    expect(thresholdText(body, 'max_daily_drawdown_pct', 'share')).toBe('3.00%');
    expect(thresholdText(body, 'min_confidence', 'number')).toBe('0.6');
    expect(thresholdText(body, null, 'none')).toBe('—');
  });

  it('P-14: shows in words what ends a drawdown stop', () => {
    const shown = (drawdown_latch: unknown) =>
      SETTINGS.filter(({ field }) => field === 'drawdown_latch').map(({ field, unit }) =>
        thresholdText({ drawdown_latch }, field, unit),
      );
    expect(shown('from_m2')).toEqual(["Next session's open; from M2 a release"]);
    expect(shown('session')).toEqual(["The next session's open"]);
    expect(shown('person')).toEqual(['A release by a person']);
    expect(shown(null)).toEqual(['—']);
    expect(thresholdText({ memo_required: true }, 'memo_required', 'memo')).toBe('Reviewed by a person');
    expect(thresholdText({ memo_required: false }, 'memo_required', 'memo')).toBe('Allowed');
  });
});
