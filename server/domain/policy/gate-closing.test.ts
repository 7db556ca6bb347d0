import { describe, expect, it } from 'vitest';
import { formatUnits, ONE } from '@/server/kernel/money';
import { judge, money, policyWith, selling, units } from './testing/gate-fixture';

describe('closing what is held', () => {
  it('is derived, never taken from the caller: at most what is held less working sells', () => {
    expect(judge(selling({}))).toMatchObject({
      decision: 'APPROVE',
      positionEffect: 'REDUCE',
      sends: '5',
      approved: '10',
    });
    expect(judge(selling({ order: { qty: units('10') } }))).toMatchObject({ positionEffect: 'REDUCE', sends: '10' });
    expect(judge(selling({ order: { qty: units('11') } })).codes).toContain('SHORT_NOT_ALLOWED');
    expect(judge(selling({ account: { workingSellQty: units('6') } })).codes).toContain('SHORT_NOT_ALLOWED');
    expect(judge(selling({ account: { heldQty: 0n } })).codes).toContain('SHORT_NOT_ALLOWED');
    expect(judge(selling({ account: { heldQty: units('-10') } })).codes).toContain('SHORT_NOT_ALLOWED');
    expect(judge(selling({ account: { heldQty: 0n }, order: { qty: null } })).codes).toContain('SHORT_NOT_ALLOWED');
  });

  it('X-4: without a quantity closes what the strategy holds, whatever its size, at most what may be sold', () => {
    const closing = (strategyQty: string, sizePct = '0.0001') =>
      judge(
        selling({
          order: { qty: null },
          signal: { sizePct: units(sizePct) },
          account: { heldQty: units('10'), workingSellQty: units('2'), strategyQty: units(strategyQty) },
        }),
      );
    expect(closing('7.5')).toMatchObject({ decision: 'APPROVE', sends: '7.5' });
    expect(closing('8').sends).toBe('8');
    expect(closing('8.5', '0.9').sends).toBe('8');
    for (const none of ['0', '-1']) expect(closing(none, '0.9').codes).toEqual(['SIZE_EXCEEDED']);
  });

  it('P-6: decisions of earlier rule sets were sized by what the signal asks', () => {
    const sized = (sizePct: string) =>
      judge(selling({ input: { ruleSet: 3 }, order: { qty: null }, signal: { sizePct: units(sizePct) } }));
    expect([sized('0.02').sends, sized('0.01').sends]).toEqual(['10', '5']);
    expect(sized('0.0001').codes).toEqual(['SIZE_EXCEEDED']);
  });

  it('passes what only binds opening', () => {
    const change = selling({
      input: {
        policy: policyWith({ allowlist: [], max_order_notional: 1, max_order_qty: 1, max_orders_per_minute: 0 }),
        tradingState: 'REDUCING',
        stage: 'M2_SANDBOX',
        recentOrderCount: null,
      },
      signal: { confidence: 0n, reasoning: { status: 'FAILED' } },
      market: { eventBlackoutActive: null, liquidityScore: null, correlation: null },
      account: { buyingPower: null, previousCloseEquity: null },
      order: { qty: units('0.5') },
    });
    expect(judge(change)).toMatchObject({ decision: 'APPROVE', codes: [], sends: '0.5' });
  });

  it('is still bound by market, data, kill switch, breaks, its signal and a known portfolio', () => {
    const change = selling({
      input: { tradingState: 'HALTED', unresolvedBreak: true },
      market: { open: false, quote: null },
      signal: { consumed: true, expiresAtMs: 0, symbol: 'MSFT' },
      account: { portfolioAgeSeconds: null },
    });
    expect(judge(change).codes).toEqual([
      'MARKET_CLOSED',
      'DATA_STALE',
      'TRADING_HALTED',
      'RECONCILIATION_BREAK',
      'SIGNAL_MISMATCH',
      'SIGNAL_CONSUMED',
      'SIGNAL_EXPIRED',
      'PORTFOLIO_STALE',
    ]);
  });

  it('refuses a quantity that is none', () => {
    expect(judge(selling({ order: { qty: 0n } })).codes).toEqual(['ORDER_QUANTITY_LIMIT']);
    expect(judge(selling({ order: { qty: -ONE } })).codes).toEqual(['ORDER_QUANTITY_LIMIT']);
  });

  it('lowers the exposure, never below nothing', () => {
    const left = (qty: string) => formatUnits(judge(selling({ order: { qty: units(qty) } })).exposureAfter ?? -1n);
    expect([left('5'), left('10')]).toEqual(['0.009995', '0']);
    const marked = selling({ account: { grossPositionValue: money('1') } });
    expect(judge(marked).exposureAfter).toBe(0n);
  });
});
