import { describe, expect, it } from 'vitest';
import { marketNowMs, quoteAgeSeconds } from './market-clock';

const recording = { isOpen: true, marketTime: '2011-01-03T15:00:00Z', observedAt: '2026-01-05T10:00:00Z', speed: 20 };

describe('market time', () => {
  it('runs at the speed of a recording', () => {
    expect(marketNowMs(recording, Date.parse('2026-01-05T10:00:03Z'))).toBe(Date.parse('2011-01-03T15:01:00Z'));
  });

  it('is wall time where there is no clock', () => {
    expect(marketNowMs(null, 42)).toBe(42);
  });

  it('ages quotes in market seconds', () => {
    expect(quoteAgeSeconds(recording, '2011-01-03T15:00:00Z', Date.parse('2026-01-05T10:00:02Z'))).toBe(40);
  });
});
