import { expect, it } from 'vitest';
import { describeSettings } from './describe-settings';

const DEFAULTS = {
  confidence: null,
  maxOrderPct: null,
  symbols: null,
  stopDistancePct: null,
  allowFrom: null,
  requestsPerMinute: null,
};

it('says first whether a person reviews what the bot does', () => {
  expect(describeSettings(DEFAULTS)).toEqual(['states no confidence: a person reviews each opening order']);
});

it('names every setting that is not the default', () => {
  const settings = {
    confidence: 0.7,
    maxOrderPct: 0.02,
    symbols: ['SPY', 'AAPL'],
    stopDistancePct: 0.05,
    allowFrom: ['10.0.0.0/8'],
    requestsPerMinute: 60,
  };
  expect(describeSettings(settings)).toEqual([
    'confidence 70%',
    'at most 2.00% of equity an order',
    'only SPY, AAPL',
    'stop 5.00% below the price',
    'from 10.0.0.0/8',
    '60 requests a minute',
  ]);
});
