import { createSerializer } from 'nuqs/server';
import { describe, expect, it } from 'vitest';
import { changeOf, loadMarketView, marketParams, spreadBps } from './view';

const addressOf = createSerializer(marketParams);

describe('the market page', () => {
  it.each(['/market', '/market?symbol=SPY', '/market?symbol=BRK.B&range=week'])('reads back %s', (address) => {
    expect(addressOf('/market', loadMarketView(new URL(address, 'http://x').searchParams))).toBe(address);
  });

  it('ignores what cannot be a symbol', () => {
    expect(loadMarketView('?symbol=<b>&range=decade')).toEqual({ symbol: '', range: 'day' });
  });

  it('measures change and spread', () => {
    expect(changeOf(101, '100')).toBe('0.010000');
    expect(changeOf(101, '0')).toBeNull();
    expect(changeOf(null, '100')).toBeNull();
    expect(spreadBps({ bid: '99.99', ask: '100.01' })).toBeCloseTo(2, 6);
    expect(spreadBps({ bid: '0', ask: '0' })).toBeNull();
  });
});
