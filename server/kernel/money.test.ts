import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  averagePrice,
  DecimalError,
  divideFloor,
  divideHalfAway,
  divideUnits,
  formatMoney,
  formatUnits,
  minUnits,
  moneyToFixed,
  multiplyUnits,
  notional,
  ONE,
  ONE_MONEY,
  parseMoney,
  parseRoundedUnits,
  parseUnits,
  ratioToFixed,
  unitsToFixed,
  unitsToMoney,
} from '@/server/kernel/money';

describe('reading decimals', () => {
  it.each<[string | number, bigint]>([
    ['0', 0n],
    ['-0', 0n],
    ['1', ONE],
    ['0001.50', (3n * ONE) / 2n],
    ['0.000000000001', 1n],
    ['-3.5', (-7n * ONE) / 2n],
    ['1e3', 1000n * ONE],
    ['1.5E-3', 1_500_000_000n],
    ['1e-12', 1n],
    ['123456789012345678901234567890', 123456789012345678901234567890n * ONE],
    ['1.100000000000000000000000', (11n * ONE) / 10n],
    [0.1, ONE / 10n],
    [1e21, 10n ** 33n],
    [5e-7, 500_000n],
    [-2, -2n * ONE],
  ])('%s is exact', (text, expected) => {
    expect(parseUnits(text)).toBe(expected);
  });

  it.each([
    '',
    ' ',
    '.',
    '.5',
    '5.',
    '+1',
    '1,000',
    '1.2.3',
    '0x10',
    'NaN',
    'Infinity',
    '1e',
    '1e123',
    '--1',
    '١',
    '1 ',
    '0.0000000000001',
    '1e-13',
  ])('refuses %j', (text) => {
    expect(() => parseUnits(text)).toThrow(DecimalError);
  });

  it('refuses numbers that are none', () => {
    expect(() => parseUnits(Number.NaN)).toThrow(DecimalError);
    expect(() => parseUnits(Number.POSITIVE_INFINITY)).toThrow(DecimalError);
  });

  it('reads money to 24 decimals and no more', () => {
    expect(parseMoney('0.000000000000000000000001')).toBe(1n);
    expect(parseMoney(12.5)).toBe((25n * ONE_MONEY) / 2n);
    expect(() => parseMoney('1e-25')).toThrow('more than 24 decimals');
  });

  it('gives back what was written, for every unit and amount', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 40n), 10n ** 40n), (value) => {
        if (formatUnits(value).replace(/^-?(\d+).*/, '$1').length <= 30)
          expect(parseUnits(formatUnits(value))).toBe(value);
        expect(parseMoney(formatMoney(value))).toBe(value);
        expect(formatUnits(value)).toMatch(/^-?\d+(\.\d*[1-9])?$/);
      }),
    );
  });

  it('reads short plain text as the general reader does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999 }), fc.integer({ min: 0, max: 999_999 }), (whole, part) => {
        const fraction = String(part).padStart(6, '0');
        expect(parseUnits(`${whole}.${fraction}`)).toBe(parseUnits(`${whole}${fraction}e-6`));
      }),
    );
  });
});

describe('arithmetic', () => {
  it.each<[bigint, bigint, bigint, bigint]>([
    [7n, 2n, 3n, 4n],
    [-7n, 2n, -4n, -4n],
    [7n, -2n, -4n, -4n],
    [-7n, -2n, 3n, 4n],
    [6n, 3n, 2n, 2n],
    [1n, 3n, 0n, 0n],
    [-1n, 3n, -1n, 0n],
    [5n, 3n, 1n, 2n],
  ])('%s / %s floors to %s and rounds to %s', (a, b, floor, half) => {
    expect(divideFloor(a, b)).toBe(floor);
    expect(divideHalfAway(a, b)).toBe(half);
  });

  it('keeps scales', () => {
    expect(multiplyUnits(parseUnits('1.5'), parseUnits('2.5'))).toBe(parseUnits('3.75'));
    expect(divideUnits(parseUnits('1'), parseUnits('3'))).toBe(333333333333n);
    expect(notional(parseUnits('10'), parseUnits('1.01'))).toBe(parseMoney('10.1'));
    expect(unitsToMoney(parseUnits('2.5'))).toBe(parseMoney('2.5'));
    expect(averagePrice(parseMoney('10'), parseUnits('3'))).toBe(parseUnits('3.333333333333'));
    expect(averagePrice(0n, 0n)).toBe(0n);
    expect(minUnits(3n, 1n, 2n)).toBe(1n);
    expect(() => divideUnits(1n, 0n)).toThrow(RangeError);
  });
});

describe('figures that another system computed (R-2)', () => {
  it.each([
    ['500.15000000000003', '500.15'],
    [500.15000000000003, '500.15'],
    ['201.9617035750071243', '201.961703575'],
    ['-0.0000000005000001', '-0.000000001'],
    ['0.0000000005', '0.0000000005'],
    ['286.974978326507', '286.974978326507'],
    ['1e-7', '0.0000001'],
  ])('%s is read as %s', (given, expected) => {
    expect(formatUnits(parseRoundedUnits(given))).toBe(expected);
  });

  it.each(['', 'x', `1.${'3'.repeat(25)}`, `1${'0'.repeat(15)}`, `-1${'0'.repeat(15)}`])('%s is refused', (given) => {
    expect(() => parseRoundedUnits(given)).toThrow(DecimalError);
  });
});

describe('rounding for people', () => {
  it.each([
    ['1.005', 2, '1.01'],
    ['-1.005', 2, '-1.01'],
    ['0.5', 0, '1'],
    ['-0.5', 0, '-1'],
    ['0.049', 1, '0.0'],
    ['-0.04', 1, '0.0'],
    ['1234.5', 3, '1234.500'],
  ])('%s to %i decimals is %s', (text, decimals, expected) => {
    expect(unitsToFixed(parseUnits(text), decimals)).toBe(expected);
    expect(moneyToFixed(parseMoney(text), decimals)).toBe(expected);
  });

  it('rounds a ratio once', () => {
    expect(ratioToFixed(2n, 3n, 4)).toBe('0.6667');
  });
});
