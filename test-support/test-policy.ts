import { DEFAULT_POLICY_BODY, type PolicyBody } from '@/server/contracts/policy-body';

/**
 * The default policy without the rules that count orders and without the position limit: tests, bench, fault and load runs place more
 * orders, and larger ones, than a real strategy. The rules themselves are tested apart.
 */
export const TEST_POLICY: PolicyBody = {
  ...DEFAULT_POLICY_BODY,
  max_position_pct: null,
  max_open_positions: null,
  max_open_orders: null,
  max_daily_turnover: null,
  duplicate_window_seconds: null,
};
