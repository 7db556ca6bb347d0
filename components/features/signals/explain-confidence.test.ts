import { describe, expect, it } from 'vitest';
import { confidenceOf } from '@/server/domain/strategy/confidence';
import { explainConfidence } from './explain-confidence';

const features = {
  at: '2026-01-05T15:00:00.000Z',
  close: 101,
  bars: 60,
  sma20: 100,
  ema20: 100,
  rsi14: 60,
  atr14: 1,
  macd: null,
  bollinger: null,
  volatility20: 0.001,
  relativeVolume: 1.5,
  dollarsPerMinute: 1_000,
};

describe('explainConfidence', () => {
  it.each(['trend', 'reversion'] as const)('gives the parts of a %s, which add up to it', (style) => {
    const confidence = confidenceOf('SELL', features, style);
    const parts = explainConfidence('SELL', String(confidence), features) ?? [];
    expect(parts.reduce((sum, { weight, value }) => sum + weight * value, 0)).toBeCloseTo(confidence, 4);
    expect(parts[0]?.label).toBe(style === 'trend' ? 'with the trend' : 'against the move');
  });

  it('explains nothing that was stated', () => {
    expect(explainConfidence('BUY', '0.71', features)).toBeNull();
    expect(explainConfidence('BUY', '0.71', null)).toBeNull();
  });
});
