import { DecimalError, divideHalfAway, moneyToFixed, parseMoney, parseUnits } from '@/server/kernel/money';

/** Shown where there is no figure. */
export const NONE = '—';

/** Thousands separated, sign kept: `-1234567.5` gives `-1,234,567.5`. */
export function groupDigits(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function attempt(value: string | null | undefined, format: (value: string) => string): string {
  if (value === null || value === undefined || value === '') return NONE;
  try {
    return format(value);
  } catch (error) {
    if (error instanceof DecimalError) return NONE;
    throw error;
  }
}

/** An amount of currency to cents: `1,234.50`. */
export function formatAmount(value: string | null | undefined, decimals = 2): string {
  return attempt(value, (text) => groupDigits(moneyToFixed(parseMoney(text), decimals)));
}

/** An amount with its sign always shown: `+12.00`, `-3.10`, `0.00`. The minus is the typographic one. */
export function formatSignedAmount(value: string | null | undefined, decimals = 2): string {
  return attempt(value, (text) => {
    const rounded = moneyToFixed(parseMoney(text), decimals);
    return withSign(groupDigits(rounded));
  });
}

function withSign(text: string): string {
  if (/^-?0(\.0*)?$/.test(text)) return text.replace('-', '');
  return text.startsWith('-') ? `−${text.slice(1)}` : `+${text}`;
}

/** A price: at least 2 decimals, at most 4, as many as it has. */
export function formatPrice(value: string | null | undefined): string {
  return attempt(value, (text) => {
    const fixed = moneyToFixed(parseMoney(text), 4);
    return groupDigits(fixed.replace(/0{1,2}$/, ''));
  });
}

/** A quantity of shares: no needless zeros. */
export function formatQty(value: string | null | undefined): string {
  return attempt(value, (text) => groupDigits(trimZeros(moneyToFixed(parseMoney(text), 4))));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** A fraction as per cent: `0.0125` gives `1.25%`. */
export function formatPct(value: string | null | undefined, decimals = 2): string {
  return attempt(value, (text) => `${moneyToFixed(parseMoney(text) * 100n, decimals)}%`);
}

/** A fraction as per cent with its sign always shown. */
export function formatSignedPct(value: string | null | undefined, decimals = 2): string {
  return attempt(value, (text) => `${withSign(moneyToFixed(parseMoney(text) * 100n, decimals))}%`);
}

/** −1, 0 or 1 after rounding to `decimals`: what is shown as 0.00 is neither gain nor loss. */
export function signOf(value: string | null | undefined, decimals = 2): -1 | 0 | 1 {
  if (value === null || value === undefined) return 0;
  try {
    const rounded = moneyToFixed(parseMoney(value), decimals);
    if (/^-?0(\.0*)?$/.test(rounded)) return 0;
    return rounded.startsWith('-') ? -1 : 1;
  } catch (error) {
    if (error instanceof DecimalError) return 0;
    throw error;
  }
}

/** `part / whole` as a share between 0 and 1 for the length of a bar, never for a figure. */
export function shareOf(part: string | null, whole: string | null): number {
  if (part === null || whole === null) return 0;
  const denominator = parseUnits(whole);
  if (denominator <= 0n) return 0;
  const permille = Number(divideHalfAway(parseUnits(part) * 1_000n, denominator));
  return Math.min(1, Math.max(0, permille / 1_000));
}

/** Quantity times price minus cost: what closing at `price` would gain. Exact. */
export function unrealised(qty: string, price: string, cost: string): string {
  const money = parseUnits(qty) * parseUnits(price) - parseMoney(cost);
  return moneyToFixed(money, 6);
}

/** Quantity times price. Exact to 6 decimals. */
export function marketValue(qty: string, price: string): string {
  return moneyToFixed(parseUnits(qty) * parseUnits(price), 6);
}
