import { BarFileError } from './types';

/** How the numbers of a file are written. */
export type DecimalMark = 'point' | 'comma';

const GROUP = "[ '\\u00a0\\u202f’]";
const PLAIN = {
  point: /^[+-]?\d+(?:\.\d*)?(?:e[+-]?\d{1,2})?$/i,
  comma: /^[+-]?\d+(?:,\d+)?$/,
} as const;
const GROUPED = {
  point: new RegExp(`^[+-]?\\d{1,3}(?:(?:,\\d{3})+|(?:${GROUP}\\d{3})+)(?:\\.\\d+)?$`),
  comma: new RegExp(`^[+-]?\\d{1,3}(?:(?:\\.\\d{3})+|(?:${GROUP}\\d{3})+)(?:,\\d+)?$`),
} as const;
/** One comma before three digits: thousands, or a decimal comma. */
const EITHER = /^[+-]?\d{1,3},\d{3}$/;
const SUFFIX: Readonly<Record<string, number>> = { k: 3, m: 6, b: 9 };
const EMPTY = new Set(['', 'null', 'nan', 'n/a', 'na', 'none', '-', '—']);

/** Whether a field says that there is no figure. */
export const isEmpty = (field: string): boolean => EMPTY.has(field.trim().toLowerCase());

/** Without a currency sign, and with its suffix (K, M, B) apart. */
function bare(field: string): { readonly text: string; readonly zeros: number } {
  const text = field.trim().replace(/^\$/, '');
  const zeros = SUFFIX[text.at(-1)?.toLowerCase() ?? ''];
  return zeros === undefined ? { text, zeros: 0 } : { text: text.slice(0, -1), zeros };
}

const fits = (text: string, mark: DecimalMark) => PLAIN[mark].test(text) || GROUPED[mark].test(text);

/**
 * Which mark separates decimals in a file: the one with which every figure is a number.
 * @throws BarFileError when each of the two makes sense and they differ
 */
export function decimalMarkOf(fields: Iterable<string>, stated?: DecimalMark): DecimalMark {
  if (stated !== undefined) return stated;
  let [point, comma, either] = [true, true, false];
  for (const field of fields) {
    if (isEmpty(field)) continue;
    const { text } = bare(field);
    const [asPoint, asComma] = [fits(text, 'point'), fits(text, 'comma')];
    // What is no number in any notation is a fault of its line.
    if (!asPoint && !asComma) continue;
    point &&= asPoint;
    comma &&= asComma;
    either ||= EITHER.test(text);
  }
  if (point && comma && either)
    throw BarFileError.at(
      0,
      'figures such as 1,234 can be read as thousands or as decimals: state --decimal point or --decimal comma',
    );
  return comma && !point ? 'comma' : 'point';
}

export interface Figure {
  /** Digits without the decimal mark. */
  readonly digits: bigint;
  /** How many of them are decimals; never negative. */
  readonly decimals: number;
}

/** Reads one figure exactly. Null when it is no number in this notation. */
export function readFigure(field: string, mark: DecimalMark): Figure | null {
  const { text, zeros } = bare(field);
  if (!fits(text, mark)) return null;
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const plain =
    mark === 'point' ? mantissa.replace(/[^\d.+-]/g, '') : mantissa.replace(/[^\d,+-]/g, '').replace(',', '.');
  const [whole = '', fraction = ''] = plain.split('.');
  const decimals = fraction.length - zeros - Number(exponent);
  const digits = BigInt(`${whole}${fraction}`.replace('+', ''));
  return decimals >= 0 ? { digits, decimals } : { digits: digits * 10n ** BigInt(-decimals), decimals: 0 };
}

/** Figure in units of 10^-12, rounded half away from zero to so many decimals first. */
export function toUnits({ digits, decimals }: Figure, roundTo: number): bigint {
  const kept = Math.min(decimals, roundTo);
  const divisor = 10n ** BigInt(decimals - kept);
  const half = divisor / 2n;
  const rounded = (digits < 0n ? digits - half : digits + half) / divisor;
  return rounded * 10n ** BigInt(12 - kept);
}
