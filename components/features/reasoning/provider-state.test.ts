import { describe, expect, test } from 'vitest';
import { faultLine, presentFault, providerState } from './provider-state';

const worker = (beatAt: string, info: Record<string, unknown>) => ({
  id: beatAt,
  roles: ['pipeline'],
  startedAt: beatAt,
  beatAt,
  info,
});
const STATE = { provider: 'anthropic', model: 'm', breaker: 'OPEN', running: 1, waiting: 2, lastFault: 'KEY: no' };

describe('the state of the provider', () => {
  test('is what the newest beat says', () => {
    const older = worker('2026-01-05T15:00:00.000Z', { reasoning: STATE });
    const newer = worker('2026-01-05T15:00:05.000Z', { reasoning: { ...STATE, breaker: 'CLOSED', lastFault: null } });
    expect(providerState([older, newer])).toEqual({ ...STATE, breaker: 'CLOSED', lastFault: null });
  });

  test.each([
    ['no worker', []],
    ['a worker without a reasoner', [worker('2026-01-05T15:00:00.000Z', { rssMb: 90 })]],
    ['what cannot be read', [worker('2026-01-05T15:00:00.000Z', { reasoning: { ...STATE, breaker: 'BROKEN' } })]],
  ])('is unknown with %s', (_, workers) => {
    expect(providerState(workers)).toBeNull();
  });
});

describe('what stands in the way of memos', () => {
  const state = { ...STATE, breaker: 'CLOSED', lastFault: null } as const;
  type Newest = Parameters<typeof presentFault>[1];
  const newest = { provider: 'anthropic', model: 'm', fault: 'BUDGET: no price is known for m' } as Newest;

  test('is what the provider fails with, else why its newest memo is none', () => {
    expect(presentFault({ ...state, lastFault: 'KEY: no' }, newest)).toBe('KEY: no');
    expect(presentFault(state, newest)).toBe('BUDGET: no price is known for m');
  });

  test('is nothing while memos come, and not what another provider failed with', () => {
    expect(presentFault(state, undefined)).toBeNull();
    expect(presentFault({ ...state, provider: 'rules' }, newest)).toBeNull();
  });
});

describe('a fault', () => {
  test.each([
    ['KEY: anthropic refuses the key', 'Anthropic refuses the key. Set REASONER_KEY, then restart the worker.'],
    ['UNREACHABLE: nothing answers at http://x', 'Nothing answers at http://x. Check REASONER_URL and the network.'],
    ['KEY: x refuses the key: check REASONER_KEY (HTTP 401)', 'X refuses the key: check REASONER_KEY (HTTP 401).'],
    ['DEFECT: the reasoner failed', 'The reasoner failed.'],
  ])('%s is one line that says what to do', (fault, line) => {
    expect(faultLine(fault)).toBe(line);
  });
});
