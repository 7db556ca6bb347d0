import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUnits, ONE, ONE_MONEY } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';
import { fuzz } from '@/test-support/fuzz';
import { type GateOrder, quantityFor, summariseAccount } from './index';
import { type Change, judge, money, selling, units } from './testing/gate-fixture';

describe('stops', () => {
  const stated = { stopDistancePct: units('0.1') };

  it('count only when the order carries them to the broker', () => {
    expect(judge({ signal: stated, order: { qty: null } }).sends).toBe('5');
    expect(judge({ signal: stated, order: { qty: null, protectiveStopPrice: units('180') } }).sends).toBe('10');
  });

  it('count by the wider of what is stated and what is carried', () => {
    expect(judge({ signal: stated, order: { qty: null, protectiveStopPrice: units('190') } }).sends).toBe('10');
    expect(
      judge({ signal: { ...stated, sizePct: units('0.5') }, order: { qty: null, protectiveStopPrice: units('160') } })
        .sends,
    ).toBe('12');
    expect(
      judge({ signal: { sizePct: units('0.5') }, order: { qty: null, protectiveStopPrice: units('160') } }).sends,
    ).toBe('12');
  });

  it.each(['200', '250', '0'])('are refused at %s, where they protect nothing', (price) => {
    const refused = judge({ signal: stated, order: { qty: null, protectiveStopPrice: units(price) } });
    expect(refused.codes).toEqual(['STOP_PRICE']);
    expect(refused.sends).toBe('0');
  });

  it('are refused off the price increment', () => {
    expect(judge({ order: { protectiveStopPrice: units('180.005') } }).codes).toEqual(['PRICE_INCREMENT']);
    expect(judge({ order: { protectiveStopPrice: units('180.01') } }).codes).toEqual([]);
  });

  it('hold their shares against every closing order but one at the market', () => {
    const closing = (qty: string, changes: Change['order']) =>
      judge(
        selling({
          order: { qty: units(qty), ...changes },
          account: { heldQty: units('10'), protectedQty: units('6') },
        }),
      ).codes;
    const limit = { orderType: 'LIMIT', limitPrice: units('200') } as const;
    expect(closing('4', limit)).toEqual([]);
    expect(closing('5', limit)).toEqual(['SHARES_HELD']);
    expect(closing('10', {})).toEqual([]);
  });
});

describe('reference prices', () => {
  const cases: [string, Change, string][] = [
    ['a market order to buy: the ask', {}, '200'],
    ['a limit order: its limit', { order: { orderType: 'LIMIT', limitPrice: units('150') } }, '150'],
    ['a stop to buy above the market: its trigger', { order: { orderType: 'STOP', stopPrice: units('210') } }, '210'],
    ['a stop to buy below the market: the ask', { order: { orderType: 'STOP', stopPrice: units('190') } }, '200'],
    ['a sale: the bid', selling({}), '199.9'],
  ];

  it.each(cases)('%s', (_name, change, price) => {
    expect(formatUnits(judge(change).referencePrice ?? 0n)).toBe(price);
  });

  it('a limit order to sell may not lie through the bid by more than the collar', () => {
    const limit = (price: string, held: string) =>
      judge(selling({ order: { orderType: 'LIMIT', limitPrice: units(price) }, account: { heldQty: units(held) } }))
        .codes;
    expect(limit('150', '10')).toEqual(['PRICE_COLLAR']);
    expect(limit('150', '4')).toEqual(['SHORT_NOT_ALLOWED', 'PRICE_COLLAR']);
  });
});

describe('fractions of a share', () => {
  it('are bought in M2 where the asset takes them; P-10: a price within the collar keeps the order within $100', () => {
    const sandbox = (order: Partial<GateOrder>) => judge({ input: { stage: 'M2_SANDBOX' }, order });
    expect(sandbox({ qty: null, fractionable: true })).toMatchObject({ decision: 'REVIEW', sends: '0.495' });
    // 100 ÷ 1.01 ÷ 200 is 0.49504…: at 202 that is $99.99.
    expect(sandbox({ qty: units('0.4951'), fractionable: true }).codes).toContain('SIZE_EXCEEDED');
    expect(sandbox({ qty: units('0.495'), fractionable: true }).codes).toEqual(['STAGE_MANUAL_APPROVAL']);
    expect(sandbox({ qty: units('0.49499'), fractionable: true }).codes).toEqual([
      'STAGE_MANUAL_APPROVAL',
      'ORDER_QUANTITY_LIMIT',
    ]);
    expect(sandbox({ qty: null, fractionable: false }).codes).toContain('SIZE_EXCEEDED');
  });

  it('and quantities are cut, never rounded up', () => {
    const fractional = { fractional: true };
    expect(formatUnits(quantityFor(units('0.001'), money('100000'), units('333'), fractional))).toBe('0.3003');
    expect(quantityFor(units('0.01'), money('100000'), units('1000.01'), { fractional: false })).toBe(0n);
    expect(quantityFor(0n, money('1'), ONE, fractional)).toBe(0n);
    expect(quantityFor(ONE, 0n, ONE, fractional)).toBe(0n);
    expect(quantityFor(ONE, ONE_MONEY, 0n, fractional)).toBe(0n);
    fc.assert(
      fc.property(
        fc.bigInt(1n, ONE),
        fc.bigInt(1n, 10n ** 33n),
        fc.bigInt(1n, 10n ** 17n),
        fc.boolean(),
        (size, equity, price, parts) => {
          const qty = quantityFor(size, equity, price, { fractional: parts });
          const step = parts ? 10n ** 8n : ONE;
          expect(qty % step).toBe(0n);
          // What it costs is within the size; one step more would not be. All times ONE, exactly.
          expect(qty * price * ONE <= size * equity).toBe(true);
          expect((qty + step) * price * ONE > size * equity).toBe(true);
        },
      ),
      fuzz(2000),
    );
  });
});

describe('summing an account up', () => {
  it('adds positions by their absolute value and keeps working orders apart', () => {
    const figures = { equity: 1n, previousCloseEquity: 2n, requestsUsed: 3, requestsAllowed: 4 };
    const known = {
      buyingPower: 3n,
      portfolioAgeSeconds: 4n,
      reconciliationAgeSeconds: 5n,
    };
    const position = (symbol: string, qty: string, price: string) => ({
      symbol,
      qty: units(qty),
      marketPrice: units(price),
    });
    const working = (symbol: string, side: Side, qty: string, price: string) => ({
      symbol,
      side,
      leavesQty: units(qty),
      price: units(price),
      opens: side === 'BUY',
      limitPrice: units(price),
    });
    const summary = summariseAccount(
      {
        figures,
        ...known,
        openedFills: money('100'),
        matchesOwnOrders: true,
        duplicate: false,
        strategyQty: units('7'),
        positions: [position('AAPL', '10', '200'), position('SPY', '-2', '500'), position('NVDA', '0', '9')],
        workingOrders: [
          working('MSFT', 'BUY', '3', '400'),
          working('AAPL', 'SELL', '4', '201'),
          working('SPY', 'SELL', '1', '1'),
          working('AMZN', 'BUY', '0', '1'),
        ],
      },
      'AAPL',
      'BUY',
    );
    expect(summary).toEqual({
      ...figures,
      ...known,
      grossPositionValue: money('3000'),
      workingBuyNotional: money('1200'),
      heldQty: units('10'),
      workingSellQty: units('4'),
      activeSymbols: ['AAPL', 'SPY', 'MSFT'],
      heldValue: money('2000'),
      symbolBuyNotional: 0n,
      openingOrderCount: 1,
      openedNotional: money('1300'),
      opposite: { atMarket: false, limit: units('201') },
      duplicate: false,
      strategyQty: units('7'),
      protectedQty: 0n,
    });
  });
});
