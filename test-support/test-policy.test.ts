import { expect, test } from 'vitest';
import { BENCH_POLICY } from '@/bench/support/trading-data';
import { describePolicy, RUN_POLICY, rulesOff, TEST_POLICY } from './test-policy';

test.each([
  ['fault and load runs', RUN_POLICY],
  ['the bench', BENCH_POLICY],
])('P-5: %s turn off rules that count orders, and no others', (_who, policy) => {
  const off = rulesOff(policy);
  expect(off.map(({ code }) => code)).toEqual([
    'MAX_OPEN_POSITIONS',
    'MAX_OPEN_ORDERS',
    'DAILY_TURNOVER_LIMIT',
    'DUPLICATE_ORDER',
    'MESSAGE_RATE',
  ]);
  expect(off.every(({ counts }) => counts)).toBe(true);
});

test('a run names the rules that are off, and what else it changes', () => {
  expect(describePolicy({ ...TEST_POLICY, max_data_age_seconds: 3600 })).toBe(
    'policy of this run: off POSITION_LIMIT, MAX_OPEN_POSITIONS, MAX_OPEN_ORDERS, DAILY_TURNOVER_LIMIT, DUPLICATE_ORDER, MESSAGE_RATE; changed max_data_age_seconds 3600',
  );
  expect(describePolicy(RUN_POLICY)).toMatch(/MESSAGE_RATE; changed nothing$/);
});
