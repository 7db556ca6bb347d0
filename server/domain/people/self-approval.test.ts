import { expect, test } from 'vitest';
import { selfApproval } from './self-approval';

test.each([
  ['M0_LOCAL', 'TEAM', 'MARKED'],
  ['M0_LOCAL', 'SOLO', 'MARKED'],
  ['M1_PAPER', 'TEAM', 'MARKED'],
  ['M1_PAPER', 'SOLO', 'MARKED'],
  ['M2_SANDBOX', 'TEAM', 'REFUSED'],
  ['M2_SANDBOX', 'SOLO', 'STEP_UP'],
  ['M3_LIVE_SMALL', 'TEAM', 'REFUSED'],
  ['M3_LIVE_SMALL', 'SOLO', 'STEP_UP'],
] as const)('A-9: in %s as a %s, approving one’s own request is %s', (stage, mode, expected) => {
  expect(selfApproval(stage, mode)).toBe(expected);
});
