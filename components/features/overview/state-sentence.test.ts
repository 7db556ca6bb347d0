import { describe, expect, it } from 'vitest';
import { stateSentence } from './state-sentence';

describe('stateSentence', () => {
  it('says that all is well, and what waits', () => {
    expect(stateSentence([], 0, 0, true)).toEqual({
      headline: 'Trading is active, and everything runs normally.',
      tone: 'pos',
      detail: 'Nothing waits for your approval, no open orders.',
    });
    expect(stateSentence([], 2, 1, false)).toMatchObject({
      headline: 'The market is closed, and everything runs normally.',
      detail: '2 requests for your approval, 1 open order.',
    });
  });

  it('leads with the worst condition and counts the others', () => {
    expect(stateSentence(['HALTED', 'STALE DATA', 'RECONCILIATION BREAK'], 1, 0, true)).toEqual({
      headline: 'Trading is halted.',
      tone: 'danger',
      detail: '2 more conditions: see the banners above, 1 request for your approval, no open orders.',
    });
  });
});
