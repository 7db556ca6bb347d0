/**
 * Exact fixed-point decimals in bigint.
 *
 * Two scales are used throughout the core, and no other:
 * - {@link Units}: 12 decimals, for prices, quantities and fractions of equity (0.02 is 20_000_000_000n).
 * - {@link Money}: 24 decimals, for cash, notional, fees and profit. A quantity times a price is exact money.
 *
 * Input of our own is never rounded: text with more than 12 decimals is refused. Only {@link parseRoundedUnits} rounds.
 */

/** A price, quantity or ratio, scaled by 10^12. */
export type Units = bigint;
/** An amount of currency, scaled by 10^24: what `qty * price` gives. */
export type Money = bigint;

const UNIT_DECIMALS = 12;
const MONEY_DECIMALS = 24;
/** 1 as {@link Units}. */
export const ONE: Units = 10n ** 12n;
/** 1 as {@link Money}. */
export const ONE_MONEY: Money = 10n ** 24n;

const PATTERN = /^(-)?(\d{1,30})(?:\.(\d{1,24}))?(?:[eE]([+-]?\d{1,2}))?$/;

/** Thrown for text that is not a decimal or has more decimals than its scale holds. */
export class DecimalError extends Error {
  override readonly name = 'DecimalError';
}

function parseScaled(text: string, decimals: number): bigint {
  const match = PATTERN.exec(text);
  if (match === null) throw new DecimalError(`"${text.slice(0, 40)}" is not a decimal number`);
  const [, sign, whole = '0', fraction = '', exponent] = match;
  const power = decimals + (exponent === undefined ? 0 : Number(exponent)) - fraction.length;
  const digits = BigInt(whole + fraction);
  let value: bigint;
  if (power >= 0) {
    value = digits * 10n ** BigInt(power);
  } else {
    const divisor = 10n ** BigInt(-power);
    if (digits % divisor !== 0n) throw new DecimalError(`"${text}" has more than ${decimals} decimals`);
    value = digits / divisor;
  }
  return sign === undefined ? value : -value;
}

/** Length of `digits` without the zeros that end it. */
function significantLength(digits: string): number {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end -= 1;
  return end;
}

function formatScaled(value: bigint, scale: bigint, decimals: number): string {
  if (value % scale === 0n) return (value / scale).toString();
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  const text = `${digits.slice(0, point)}.${digits.slice(point, significantLength(digits))}`;
  return negative ? `-${text}` : text;
}

const UNIT_POWERS: readonly bigint[] = Array.from({ length: UNIT_DECIMALS + 1 }, (_, power) => 10n ** BigInt(power));
const MAX_SHORT = 15;

/** Plain text of at most 15 digits, read without a pattern; null for anything else. */
function parseShortUnits(text: string): Units | null {
  if (text.length === 0 || text.length > MAX_SHORT) return null;
  let digits = 0;
  let point = -1;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 46 && point < 0 && i > 0) point = i;
    else if (code >= 48 && code <= 57) digits = digits * 10 + code - 48;
    else return null;
  }
  const decimals = point < 0 ? 0 : text.length - point - 1;
  // A point that ends the text is no decimal.
  if (point >= 0 && decimals === 0) return null;
  const power = UNIT_POWERS[UNIT_DECIMALS - decimals];
  return power === undefined ? null : BigInt(digits) * power;
}

/** Reads a decimal of at most 12 decimals. Numbers are read through their shortest decimal text. @throws DecimalError */
export function parseUnits(value: string | number): Units {
  const text = typeof value === 'number' ? String(value) : value;
  return parseShortUnits(text) ?? parseScaled(text, UNIT_DECIMALS);
}

/** Larger than any price or quantity of a market; a product of two still fits the database's columns. */
const LARGEST_FIGURE = 10n ** 15n;
const NINTH_DECIMAL: Units = 1_000n;

/**
 * Reads a figure that another system computed: exact up to 12 decimals; with more it is rounded to 9, halves away from zero.
 * @throws DecimalError for text that is not a decimal, has more than 24 decimals or reaches 10^15
 */
export function parseRoundedUnits(value: string | number): Units {
  const text = typeof value === 'number' ? String(value) : value;
  const short = parseShortUnits(text);
  if (short !== null) return short;
  const exact = parseMoney(text);
  const size = exact < 0n ? -exact : exact;
  if (size >= LARGEST_FIGURE * ONE_MONEY) throw new DecimalError(`"${text.slice(0, 40)}" is too large`);
  return exact % ONE === 0n ? exact / ONE : divideHalfAway(exact, ONE * NINTH_DECIMAL) * NINTH_DECIMAL;
}

/** Shortest exact text: `100`, `0.01`, `-3.5`. */
export function formatUnits(value: Units): string {
  return formatScaled(value, ONE, UNIT_DECIMALS);
}

/** Reads an amount of at most 24 decimals. @throws DecimalError */
export function parseMoney(value: string | number): Money {
  return parseScaled(typeof value === 'number' ? String(value) : value, MONEY_DECIMALS);
}

/** Shortest exact text of an amount. */
export function formatMoney(value: Money): string {
  return formatScaled(value, ONE_MONEY, MONEY_DECIMALS);
}

/** Widens a unit value to money, exactly. */
export function unitsToMoney(value: Units): Money {
  return value * ONE;
}

/** Quantity times price, exact. */
export function notional(qty: Units, price: Units): Money {
  return qty * price;
}

/** Integer division rounded towards minus infinity. @throws RangeError when the divisor is zero */
export function divideFloor(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor !== 0n && dividend < 0n !== divisor < 0n ? quotient - 1n : quotient;
}

/** Integer division rounded to nearest, halves away from zero. @throws RangeError when the divisor is zero */
export function divideHalfAway(dividend: bigint, divisor: bigint): bigint {
  const negative = dividend < 0n !== divisor < 0n;
  const a = dividend < 0n ? -dividend : dividend;
  const b = divisor < 0n ? -divisor : divisor;
  const rounded = (2n * a + b) / (2n * b);
  return negative ? -rounded : rounded;
}

/** `a * b` of two unit values, truncated towards minus infinity to units. */
export function multiplyUnits(a: Units, b: Units): Units {
  return divideFloor(a * b, ONE);
}

/** `a / b` of two unit values, rounded towards minus infinity to units. @throws RangeError when `b` is zero */
export function divideUnits(a: Units, b: Units): Units {
  return divideFloor(a * ONE, b);
}

/** Average price of `total` money over `qty`, halves away from zero, to units; 0 when nothing was traded. */
export function averagePrice(total: Money, qty: Units): Units {
  return qty === 0n ? 0n : divideHalfAway(total, qty);
}

/**
 * Text of the exact ratio `numerator / denominator` rounded half away from zero to `decimals` places, zeros kept.
 * Both arguments have the same scale.
 */
export function ratioToFixed(numerator: bigint, denominator: bigint, decimals: number): string {
  const scaled = divideHalfAway(numerator * 10n ** BigInt(decimals), denominator);
  const negative = scaled < 0n;
  const digits = (negative ? -scaled : scaled).toString().padStart(decimals + 1, '0');
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return negative ? `-${text}` : text;
}

/** Money rounded half away from zero to `decimals` places, zeros kept: for people and reports. */
export function moneyToFixed(value: Money, decimals: number): string {
  return ratioToFixed(value, ONE_MONEY, decimals);
}

/** Units rounded half away from zero to `decimals` places, zeros kept. */
export function unitsToFixed(value: Units, decimals: number): string {
  return ratioToFixed(value, ONE, decimals);
}

export function minUnits(first: bigint, ...rest: bigint[]): bigint {
  return rest.reduce((least, value) => (value < least ? value : least), first);
}
