import { describe, expect, it } from 'vitest';
import {
  formatAmount,
  formatPct,
  formatPrice,
  formatQty,
  formatSignedAmount,
  marketValue,
  shareOf,
  signOf,
  unrealised,
} from './number';

describe('figures', () => {
  it.each([
    ['0', '0.00'],
    ['1234567.895', '1,234,567.90'],
    ['-1234.5', '-1,234.50'],
    ['0.005', '0.01'],
    ['123456789012345678901234.56', '123,456,789,012,345,678,901,234.56'],
  ])('shows the amount %s as %s', (value, shown) => {
    expect(formatAmount(value)).toBe(shown);
  });

  it.each([
    ['12', '+12.00'],
    ['-3.1', '−3.10'],
    ['0', '0.00'],
    ['-0.001', '0.00'],
  ])('signs %s as %s', (value, shown) => {
    expect(formatSignedAmount(value)).toBe(shown);
  });

  it.each([
    ['100', '100.00'],
    ['46.525', '46.525'],
    ['0.1234', '0.1234'],
    ['1000.10', '1,000.10'],
  ])('shows the price %s as %s', (value, shown) => {
    expect(formatPrice(value)).toBe(shown);
  });

  it.each([
    ['7', '7'],
    ['1500', '1,500'],
    ['0.2500', '0.25'],
    ['100', '100'],
  ])('shows the quantity %s as %s', (value, shown) => {
    expect(formatQty(value)).toBe(shown);
  });

  it('shows a fraction as per cent', () => {
    expect(formatPct('0.0125')).toBe('1.25%');
    expect(formatPct('1', 0)).toBe('100%');
  });

  it.each([null, undefined, '', 'about ten'])('shows a dash for %s', (value) => {
    expect(formatAmount(value)).toBe('—');
    expect(formatPct(value)).toBe('—');
  });

  it('takes what is shown as zero for neither gain nor loss', () => {
    expect([signOf('0.004'), signOf('-0.004'), signOf('0.01'), signOf('-5'), signOf(null)]).toEqual([0, 0, 1, -1, 0]);
  });

  it('keeps bars between empty and full', () => {
    expect([shareOf('0.5', '1'), shareOf('2', '1'), shareOf('-1', '1'), shareOf('1', '0'), shareOf(null, '1')]).toEqual(
      [0.5, 1, 0, 0, 0],
    );
  });

  it('computes value and profit exactly', () => {
    expect(marketValue('3', '0.1')).toBe('0.300000');
    expect(unrealised('3', '0.1', '0.2')).toBe('0.100000');
    expect(unrealised('-10', '5', '-60')).toBe('10.000000');
  });
});
