import { describe, expect, it } from 'vitest';
import { DEFAULT_VIEW, readView, writeView } from './view';

describe('orders view in the address', () => {
  it('gives the plain address for the plain view', () => {
    expect(writeView(DEFAULT_VIEW)).toBe('/orders');
  });

  it('comes back from its own address', () => {
    const view = { group: 'working', symbol: 'SPY', sort: 'qty', direction: 'asc' } as const;
    expect(readView(new URL(writeView(view), 'http://console').searchParams)).toEqual(view);
  });

  it('takes what it does not know for the default', () => {
    expect(readView(new URLSearchParams('group=../x&sort=password&direction=up'))).toEqual(DEFAULT_VIEW);
  });

  it('writes symbols in capitals', () => {
    expect(readView(new URLSearchParams('symbol=%20brk.b')).symbol).toBe('BRK.B');
  });
});
