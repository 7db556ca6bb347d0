import { describe, expect, it } from 'vitest';
import { formatMoney, formatUnits, parseUnits } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';
import { outcomesBySignal, returnOf, type TradedFill } from './calibration';

const fill = (signalId: string | null, side: Side, qty: string, price: string, atMs = 0): TradedFill => ({
  signalId,
  symbol: 'AAPL',
  side,
  qty: parseUnits(qty),
  price: parseUnits(price),
  atMs,
});

const outcomes = (...fills: TradedFill[]) =>
  outcomesBySignal(fills).map(({ signalId, pnl, soldQty, closed }) => [
    signalId,
    formatMoney(pnl),
    formatUnits(soldQty),
    closed,
  ]);

describe('the outcome of a signal', () => {
  it('is what its shares brought, first in, first out, over all fills of its orders', () => {
    expect(
      outcomes(
        fill('a', 'BUY', '2', '100'),
        fill('a', 'BUY', '1', '101'),
        fill('b', 'BUY', '5', '90'),
        fill('s', 'SELL', '4', '110'),
      ),
    ).toEqual([
      ['a', '29', '3', true],
      ['b', '20', '1', false],
    ]);
  });

  it('is not there before anything is sold, and for shares that nobody proposed', () => {
    expect(outcomes(fill('a', 'BUY', '2', '100'))).toEqual([]);
    expect(outcomes(fill(null, 'BUY', '2', '100'), fill('a', 'BUY', '1', '50'), fill('s', 'SELL', '2', '1'))).toEqual(
      [],
    );
    expect(outcomes(fill('s', 'SELL', '2', '100'), fill('a', 'BUY', '1', '50'))).toEqual([]);
  });

  it('is a return on what the sold shares cost', () => {
    const [outcome] = outcomesBySignal([fill('a', 'BUY', '2', '100', 1), fill('s', 'SELL', '1', '95', 9)]);
    expect(outcome).toMatchObject({ openedMs: 1, closedMs: 9, closed: false });
    expect(outcome && formatUnits(returnOf(outcome))).toBe('-0.05');
    expect(returnOf({ pnl: 0n, cost: 0n })).toBe(0n);
  });
});
