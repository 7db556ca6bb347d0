import { describe, expect, test } from 'vitest';
import { faultLine, providerState } from './provider-state';

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

describe('a fault', () => {
  test.each([
    ['KEY: anthropic refuses the key', 'Anthropic refuses the key. Set REASONER_KEY, then restart the worker.'],
    ['UNREACHABLE: nothing answers at http://x', 'Nothing answers at http://x. Check REASONER_URL and the network.'],
    ['DEFECT: the reasoner failed', 'The reasoner failed.'],
  ])('%s is one line that says what to do', (fault, line) => {
    expect(faultLine(fault)).toBe(line);
  });
});
