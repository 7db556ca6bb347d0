import { createSerializer } from 'nuqs/server';
import { describe, expect, it } from 'vitest';
import { loadOrdersView, ordersParams } from './view';

const DEFAULTS = { group: 'all', symbol: '', strategy: '', sort: 'createdAt', direction: 'desc' } as const;
const addressOf = createSerializer(ordersParams);

describe('orders view in the address', () => {
  it('gives the plain address for the plain view', () => {
    expect(addressOf('/orders', DEFAULTS)).toBe('/orders');
  });

  it('is read back from its own address', () => {
    const view = { group: 'working', symbol: 'SPY', strategy: 'fake', sort: 'qty', direction: 'asc' } as const;
    expect(addressOf('/orders', view)).toBe('/orders?group=working&symbol=SPY&strategy=fake&sort=qty&direction=asc');
    expect(loadOrdersView(new URL(addressOf('/orders', view), 'http://x').searchParams)).toEqual(view);
  });

  it('takes unknown values for the default', () => {
    expect(loadOrdersView('?group=../x&sort=password&direction=up')).toEqual(DEFAULTS);
  });

  it('writes symbols in capitals', () => {
    expect(loadOrdersView('?symbol=%20brk.b').symbol).toBe('BRK.B');
  });
});
