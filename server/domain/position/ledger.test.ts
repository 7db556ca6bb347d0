import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  amendmentEntry,
  book,
  cashAdjustmentEntry,
  EMPTY_LEDGER,
  equity,
  feeEntry,
  fillEntry,
  grossExposure,
  holdingsValue,
  imbalance,
  initialBalancesEntry,
  type Ledger,
  LedgerError,
  positionOf,
  realisedPnl,
} from '@/server/domain/position/ledger';
import { applyTrade, averageCost, flatPosition, type Trade, unrealised } from '@/server/domain/position/position';
import { ONE, parseMoney, parseUnits } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';

const trade = (side: Side, qty: string, price: string): Trade => ({
  side,
  qty: parseUnits(qty),
  price: parseUnits(price),
});
const opened = book(EMPTY_LEDGER, initialBalancesEntry(parseMoney('1000'), []));

function fills(ledger: Ledger, ...trades: Trade[]): Ledger {
  return trades.reduce((state, each, i) => book(state, fillEntry(state, 'ORCL', each, `e${i}`)), ledger);
}

describe('a position at average cost', () => {
  it.each<[Trade[], string, string, string]>([
    [[trade('BUY', '10', '20'), trade('BUY', '30', '24')], '40', '23', '0'],
    [[trade('BUY', '10', '20'), trade('SELL', '4', '25')], '6', '20', '20'],
    [[trade('BUY', '10', '20'), trade('SELL', '10', '25')], '0', '0', '50'],
    [[trade('SELL', '10', '20'), trade('BUY', '4', '15')], '-6', '20', '20'],
    [[trade('BUY', '10', '20'), trade('SELL', '30', '25')], '-20', '25', '50'],
    [[trade('SELL', '10', '20'), trade('BUY', '20', '15')], '10', '15', '50'],
  ])('%# holds, cost and profit', (trades, qty, cost, realised) => {
    const position = trades.reduce(applyTrade, flatPosition('ORCL'));
    expect(position.qty).toBe(parseUnits(qty));
    expect(averageCost(position)).toBe(parseUnits(cost));
    expect(position.realised).toBe(parseMoney(realised));
  });

  it('has an unrealised profit for longs and shorts', () => {
    expect(unrealised(applyTrade(flatPosition('A'), trade('BUY', '10', '20')), parseUnits('21'))).toBe(
      parseMoney('10'),
    );
    expect(unrealised(applyTrade(flatPosition('A'), trade('SELL', '10', '20')), parseUnits('21'))).toBe(
      parseMoney('-10'),
    );
  });
});

describe('the ledger', () => {
  it('derives cash, fees, profit and equity from its entries', () => {
    let ledger = fills(opened, trade('BUY', '10', '20'), trade('SELL', '4', '25'));
    ledger = book(ledger, feeEntry(parseMoney('1.5'), 'e0'));
    ledger = book(ledger, cashAdjustmentEntry(parseMoney('3'), 'dividend'));
    expect(ledger.cash).toBe(parseMoney('901.5'));
    expect(ledger.fees).toBe(parseMoney('1.5'));
    expect(ledger.adjustments).toBe(parseMoney('3'));
    expect(realisedPnl(ledger)).toBe(parseMoney('20'));
    expect(equity(ledger, () => parseUnits('30'))).toBe(parseMoney('1081.5'));
    expect(equity(ledger, () => null)).toBe(parseMoney('1021.5'));
    expect(imbalance(ledger)).toBe(0n);
  });

  it('counts a short as negative value and as exposure', () => {
    const ledger = fills(opened, trade('SELL', '10', '20'));
    expect(holdingsValue(ledger, () => parseUnits('21'))).toBe(parseMoney('-210'));
    expect(grossExposure(ledger, () => parseUnits('21'))).toBe(parseMoney('210'));
    expect(grossExposure(ledger, () => null)).toBe(parseMoney('200'));
    expect(grossExposure(fills(ledger, trade('BUY', '10', '20')), () => null)).toBe(0n);
  });

  it('opens with holdings at what they cost', () => {
    const held = book(
      EMPTY_LEDGER,
      initialBalancesEntry(0n, [{ symbol: 'A', qty: 10n * ONE, cost: parseMoney('100') }]),
    );
    expect(averageCost(positionOf(held, 'A'))).toBe(parseUnits('10'));
    expect(held.capital).toBe(parseMoney('100'));
    expect(imbalance(held)).toBe(0n);
  });

  it('takes a busted fill out as if it had never been', () => {
    const all = [trade('BUY', '10', '20'), trade('BUY', '10', '30'), trade('SELL', '5', '40')];
    const kept = all.filter((_, i) => i !== 1);
    const busted = book(
      fills(opened, ...all),
      amendmentEntry(fills(opened, ...all), flatPosition('ORCL'), kept, 'bust'),
    );
    expect(busted).toEqual(fills(opened, ...kept));
  });

  it('refuses an entry that does not balance or names no symbol', () => {
    const bad = { kind: 'FEE', ref: 'x', postings: [{ account: 'CASH', symbol: null, amount: 1n, qty: 0n }] } as const;
    expect(() => book(opened, bad)).toThrow(LedgerError);
    const nameless = {
      kind: 'FILL',
      ref: 'x',
      postings: [{ account: 'POSITION', symbol: null, amount: 0n, qty: 1n }],
    } as const;
    expect(() => book(opened, nameless)).toThrow('without a symbol');
  });

  it('balances, and fills sum to position and cash, whatever is traded', () => {
    const anyTrade = fc.record({
      symbol: fc.constantFrom('A', 'B', 'C'),
      side: fc.constantFrom<Side>('BUY', 'SELL'),
      qty: fc.bigInt(1n, 10n ** 18n),
      price: fc.bigInt(1n, 10n ** 16n),
      fee: fc.bigInt(0n, 10n ** 25n),
    });
    fc.assert(
      fc.property(fc.array(anyTrade, { maxLength: 40 }), (trades) => {
        let ledger = opened;
        let cash = opened.cash;
        const held = new Map<string, bigint>();
        for (const each of trades) {
          const entry = fillEntry(ledger, each.symbol, each, 'e');
          expect(entry.postings.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
          ledger = book(book(ledger, entry), feeEntry(each.fee, 'e'));
          const signed = each.side === 'BUY' ? each.qty : -each.qty;
          cash -= signed * each.price + each.fee;
          held.set(each.symbol, (held.get(each.symbol) ?? 0n) + signed);
          const position = positionOf(ledger, each.symbol);
          if (position.qty === 0n) expect(position.cost).toBe(0n);
          else expect(position.cost < 0n).toBe(position.qty < 0n);
        }
        expect(imbalance(ledger)).toBe(0n);
        expect(ledger.cash).toBe(cash);
        for (const [symbol, qty] of held) expect(positionOf(ledger, symbol).qty).toBe(qty);
      }),
    );
  });
});
