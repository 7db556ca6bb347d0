import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY_BODY, readStoredPolicy } from '@/server/contracts/policy-body';
import { THRESHOLDS } from '@/server/contracts/policy-thresholds';
import { canonicalJson } from '@/server/kernel/canonical-json';
import { compilePolicy } from './compile-policy';
import { GATE_RULE_TABLE, POLICY_RULE_TABLE } from './rule-table';

/** Exactly as the first release stored it. */
const FIRST_RELEASE =
  '{"allowlist":["AAPL","MSFT","SPY","NVDA","AMZN"],"max_data_age_seconds":30,"max_daily_drawdown_pct":0.03,' +
  '"min_liquidity_score":0.7,"min_confidence":0.6,"max_correlation":0.35,"max_gross_exposure_pct":1,' +
  '"risk_per_trade_pct":0.005,"assumed_stop_distance_pct":0.5,"price_collar_pct":0.01,"max_order_notional":250000,' +
  '"max_order_qty":10000,"max_orders_per_minute":600,"approve_ttl_seconds":30,"review_ttl_seconds":900,' +
  '"portfolio_max_age_seconds":15}';

describe('a stored policy version', () => {
  it('P-6: loads as the first release stored it, with every later rule off, so its meaning and hash stay', () => {
    const stored: unknown = JSON.parse(FIRST_RELEASE);
    const loaded = readStoredPolicy(stored);
    const named = Object.entries(loaded).filter(([field]) => field in Object(stored));
    expect(JSON.stringify(Object.fromEntries(named))).toBe(FIRST_RELEASE);
    expect(Object.values(loaded).filter((value) => value === null)).toHaveLength(
      Object.keys(DEFAULT_POLICY_BODY).length - named.length,
    );
    expect(compilePolicy(loaded, 1)).toMatchObject({ version: 1, maxOrdersPerMinute: 600, approveTtlSeconds: 30 });
  });

  it.each(Object.keys(JSON.parse(FIRST_RELEASE) as object))('is refused without %s: that is damage', (field) => {
    const { [field]: _, ...rest } = JSON.parse(FIRST_RELEASE) as Record<string, unknown>;
    expect(() => readStoredPolicy(rest)).toThrow();
  });

  it('is refused with a field that this release does not know: a newer one wrote it', () => {
    const newer = { ...(JSON.parse(FIRST_RELEASE) as object), max_moon_phase: 1 };
    expect(() => readStoredPolicy(newer)).toThrow();
  });
});

it('names every threshold in the default policy, within its bounds', () => {
  expect(readStoredPolicy(DEFAULT_POLICY_BODY)).toEqual(DEFAULT_POLICY_BODY);
  expect(Object.keys(DEFAULT_POLICY_BODY)).toEqual([
    'allowlist',
    ...Object.keys(THRESHOLDS),
    'drawdown_latch',
    'memo_required',
  ]);
  const first: unknown = JSON.parse(FIRST_RELEASE);
  const named = Object.entries(DEFAULT_POLICY_BODY).filter(([field]) => field in Object(first));
  expect(canonicalJson(Object.fromEntries(named))).toBe(canonicalJson(JSON.parse(FIRST_RELEASE)));
});

it('gives every rule a code of its own', () => {
  const codes = [...POLICY_RULE_TABLE, ...GATE_RULE_TABLE].map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
});
