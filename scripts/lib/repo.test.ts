import { expect, test } from 'vitest';
import { nodeFault } from './repo.mjs';

test.each([
  ['18.20.4', 'Node 20.19.0 or newer is needed; this is 18.20.4.'],
  ['20.18.3', 'Node 20.19.0 or newer is needed; this is 20.18.3.'],
  ['20.19.0', null],
  ['20.20.2', null],
  ['22.1.0', null],
])('Node %s: %s', (version, fault) => {
  expect(nodeFault(version)).toBe(fault);
});
