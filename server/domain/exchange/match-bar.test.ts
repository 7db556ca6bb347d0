import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feeOf } from '@/server/domain/exchange/fee';
import { type BarSide, matchAgainstBar } from '@/server/domain/exchange/match-bar';
import type { RestingOrder } from '@/server/domain/exchange/types';
import { formatMoney, formatUnits, ONE, parseMoney, parseUnits } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';

const u = parseUnits;

function bar(open: string, high: string, low: string, cap?: string): BarSide {
  const prices = { open: u(open), high: u(high), low: u(low), close: u(open) };
  return { startMs: 100, endMs: 200, prices, capQty: cap === undefined ? null : u(cap) };
}

function order(side: Side, price?: string, terms: Partial<RestingOrder> = {}): RestingOrder {
  const orderType = terms.orderType ?? (price === undefined ? 'MARKET' : 'LIMIT');
  return {
    id: 'o',
    symbol: 'SPY',
    side,
    orderType,
    leavesQty: u('10'),
    limitPrice: price !== undefined && orderType === 'LIMIT' ? u(price) : null,
    stopPrice: price !== undefined && orderType === 'STOP' ? u(price) : null,
    timeInForce: 'DAY',
    acceptedAtMs: 100,
    triggered: false,
    ...terms,
  };
}

function text(resting: RestingOrder, side: BarSide): string {
  const { executions, triggered, done } = matchAgainstBar(resting, side);
  const fills = executions.map(({ qty, price }) => `${formatUnits(qty)}@${formatUnits(price)}`);
  return [...fills, ...(triggered ? ['triggered'] : []), ...(done ? ['done'] : [])].join(' ');
}

const stop = { orderType: 'STOP' } as const;
const stopLimit = (stopPrice: string, limitPrice: string, terms: Partial<RestingOrder> = {}) => ({
  orderType: 'STOP_LIMIT' as const,
  stopPrice: u(stopPrice),
  limitPrice: u(limitPrice),
  ...terms,
});

describe('matching against a bar', () => {
  it.each<[string, RestingOrder, BarSide, string]>([
    ['market at the open', order('BUY'), bar('100', '101', '99'), '10@100'],
    ['market inside a longer bar', order('BUY', undefined, { acceptedAtMs: 150 }), bar('100', '101', '99'), '10@100'],
    ['market after the bar ended', order('BUY', undefined, { acceptedAtMs: 200 }), bar('100', '101', '99'), ''],
    ['buy limit crossed', order('BUY', '99.5'), bar('100', '101', '99'), '10@99.5'],
    ['buy limit touched', order('BUY', '99'), bar('100', '101', '99'), ''],
    ['buy limit gapped through', order('BUY', '102'), bar('100', '101', '99'), '10@100'],
    ['sell limit crossed', order('SELL', '100.5'), bar('100', '101', '99'), '10@100.5'],
    ['sell limit touched', order('SELL', '101'), bar('100', '101', '99'), ''],
    ['sell limit gapped through', order('SELL', '98'), bar('100', '101', '99'), '10@100'],
    ['limit placed within the bar', order('BUY', '102', { acceptedAtMs: 101 }), bar('100', '101', '99'), ''],
    ['buy stop touched', order('BUY', '101', stop), bar('100', '101', '99'), '10@101 triggered'],
    ['buy stop gapped through', order('BUY', '99', stop), bar('100', '101', '99'), '10@100 triggered'],
    ['buy stop away', order('BUY', '101.01', stop), bar('100', '101', '99'), ''],
    ['sell stop touched', order('SELL', '99', stop), bar('100', '101', '99'), '10@99 triggered'],
    ['sell stop gapped through', order('SELL', '101', stop), bar('100', '101', '99'), '10@100 triggered'],
    ['sell stop away', order('SELL', '98.99', stop), bar('100', '101', '99'), ''],
    ['buy stop limit', order('BUY', undefined, stopLimit('100.5', '102')), bar('100', '101', '99'), '10@101 triggered'],
    ['buy stop limit touched', order('BUY', undefined, stopLimit('101', '102')), bar('100', '101', '99'), ''],
    [
      'buy stop limit beyond its limit',
      order('BUY', undefined, stopLimit('99', '100')),
      bar('100', '101', '99'),
      'triggered',
    ],
    ['sell stop limit', order('SELL', undefined, stopLimit('99.5', '98')), bar('100', '101', '99'), '10@99 triggered'],
    [
      'rest of a sell stop limit',
      order('SELL', undefined, stopLimit('90', '98', { triggered: true })),
      bar('100', '101', '99'),
      '10@99 triggered',
    ],
    ['stop placed within the bar', order('BUY', '99', { ...stop, acceptedAtMs: 101 }), bar('100', '101', '99'), ''],
    ['rest of a stop', order('BUY', '150', { ...stop, triggered: true }), bar('100', '101', '99'), '10@100 triggered'],
    ['capped', order('BUY'), bar('100', '101', '99', '4'), '4@100'],
    ['capped to nothing', order('BUY'), bar('100', '101', '99', '0'), ''],
    ['IOC partly', order('BUY', undefined, { timeInForce: 'IOC' }), bar('100', '101', '99', '4'), '4@100 done'],
    ['IOC away', order('BUY', '98', { timeInForce: 'IOC' }), bar('100', '101', '99'), 'done'],
    ['IOC too early', order('BUY', '98', { timeInForce: 'IOC', acceptedAtMs: 101 }), bar('100', '101', '99'), ''],
    ['FOK short', order('BUY', '100', { timeInForce: 'FOK' }), bar('99', '101', '99', '9'), 'done'],
    ['FOK whole', order('BUY', '100', { timeInForce: 'FOK' }), bar('99', '101', '99', '10'), '10@99 done'],
    ['FOK stop untouched', order('BUY', '150', { ...stop, timeInForce: 'FOK' }), bar('100', '101', '99'), ''],
    ['nothing left', order('BUY', undefined, { leavesQty: 0n }), bar('100', '101', '99'), ''],
  ])('%s', (_, resting, side, expected) => {
    expect(text(resting, side)).toBe(expected);
  });

  it('never fills a stop without a price, nor a limit without one', () => {
    expect(text(order('BUY', undefined, stop), bar('100', '101', '99'))).toBe('');
    expect(text(order('BUY', undefined, { orderType: 'LIMIT' }), bar('100', '101', '99'))).toBe('');
  });

  it('fills inside the bar, no worse than the limit, at most what is left and capped', () => {
    const price = fc.bigInt(1n, 1000n).map((value) => value * ONE);
    const resting = fc
      .record({
        side: fc.constantFrom('BUY' as const, 'SELL' as const),
        type: fc.constantFrom('MARKET' as const, 'LIMIT' as const, 'STOP' as const),
        at: price,
        qty: price,
      })
      .map(({ side, type, at, qty }) => ({
        ...order(side, undefined, { orderType: type, leavesQty: qty }),
        limitPrice: type === 'LIMIT' ? at : null,
        stopPrice: type === 'STOP' ? at : null,
      }));
    const side = fc.tuple(price, price, price, fc.option(price)).map(([a, b, c, capQty]): BarSide => {
      const [low = a, open = b, high = c] = [a, b, c].sort((x, y) => (x < y ? -1 : 1));
      return { startMs: 100, endMs: 200, prices: { open, high, low, close: open }, capQty };
    });
    fc.assert(
      fc.property(resting, side, (each, { prices, ...rest }) => {
        for (const { qty, price: paid } of matchAgainstBar(each, { prices, ...rest }).executions) {
          expect(paid >= prices.low && paid <= prices.high).toBe(true);
          expect(qty > 0n && qty <= each.leavesQty && (rest.capQty === null || qty <= rest.capQty)).toBe(true);
          if (each.limitPrice !== null)
            expect(each.side === 'BUY' ? paid <= each.limitPrice : paid >= each.limitPrice).toBe(true);
          if (each.stopPrice !== null)
            expect(each.side === 'BUY' ? paid >= each.stopPrice : paid <= each.stopPrice).toBe(true);
        }
      }),
    );
  });
});

describe('the fee of a fill', () => {
  const schedule = { feePerShare: u('0.005'), feeMin: parseMoney('1') };
  it.each([
    ['0', '0'],
    ['1', '1'],
    ['200', '1'],
    ['300.5', '1.5025'],
  ])('of %s shares is %s', (qty, fee) => {
    expect(formatMoney(feeOf(schedule, u(qty)))).toBe(fee);
  });
});
