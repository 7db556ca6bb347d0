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
export function isEmpty(field: string): boolean {
  const first = field.charCodeAt(0);
  // Most fields begin with a digit: they need no closer look.
  return !(first >= 48 && first <= 57) && EMPTY.has(field.trim().toLowerCase());
}

/** Without a currency sign, and with its suffix (K, M, B) apart. */
function bare(field: string): { readonly text: string; readonly zeros: number } {
  const text = field.trim().replace(/^\$/, '');
  const zeros = SUFFIX[text.at(-1)?.toLowerCase() ?? ''];
  return zeros === undefined ? { text, zeros: 0 } : { text: text.slice(0, -1), zeros };
}

const fits = (text: string, mark: DecimalMark) => PLAIN[mark].test(text) || GROUPED[mark].test(text);

/** Digits with at most one point: how nearly all figures are written. */
const SIMPLE = /^\d+(?:\.\d+)?$/;

/** Which notations the figures of a file can have, gathered row by row. */
export class FigureSurvey {
  /** Decimals of the longest price, read in each notation. */
  readonly longest: Record<DecimalMark, number> = { point: 0, comma: 0 };
  #point = true;
  #comma = true;
  #either = false;

  /** @param figures open, high, low, close and volume as they are written */
  add(figures: readonly string[]): void {
    for (const [place, field] of figures.entries()) {
      // With the comma ruled out, a plain figure has nothing left to say but its length.
      if (!this.#comma && SIMPLE.test(field)) {
        const point = field.indexOf('.');
        if (place < 4 && point !== -1) this.#lengthen('point', field.length - point - 1);
      } else this.#look(field, place < 4);
    }
  }

  /**
   * The mark with which every figure is a number.
   * @throws BarFileError when each of the two makes sense and they differ
   */
  mark(stated?: DecimalMark): DecimalMark {
    if (stated !== undefined) return stated;
    if (this.#point && this.#comma && this.#either)
      throw BarFileError.at(
        0,
        'figures such as 1,234 can be read as thousands or as decimals: state --decimal point or --decimal comma',
      );
    return this.#comma && !this.#point ? 'comma' : 'point';
  }

  #look(field: string, price: boolean): void {
    if (isEmpty(field)) return;
    const { text } = bare(field);
    const [asPoint, asComma] = [fits(text, 'point'), fits(text, 'comma')];
    // What is no number in any notation is a fault of its line.
    if (!asPoint && !asComma) return;
    this.#point &&= asPoint;
    this.#comma &&= asComma;
    this.#either ||= EITHER.test(text);
    if (!price) return;
    for (const mark of ['point', 'comma'] as const)
      if (mark === 'point' ? asPoint : asComma) this.#lengthen(mark, readFigure(field, mark)?.decimals ?? 0);
  }

  #lengthen(mark: DecimalMark, decimals: number): void {
    if (decimals > this.longest[mark]) this.longest[mark] = decimals;
  }
}

/** Powers of ten up to 10^12, by exponent. */
const POWERS: readonly bigint[] = Array.from({ length: 13 }, (_, exponent) => 10n ** BigInt(exponent));

export interface Figure {
  /** Digits without the decimal mark. */
  readonly digits: bigint;
  /** How many of them are decimals; never negative. */
  readonly decimals: number;
}

/** Reads one figure exactly. Null when it is no number in this notation. */
export function readFigure(field: string, mark: DecimalMark): Figure | null {
  if (mark === 'point' && SIMPLE.test(field)) {
    const point = field.indexOf('.');
    if (point === -1) return { digits: BigInt(field), decimals: 0 };
    const decimals = field.length - point - 1;
    return { digits: BigInt(field.slice(0, point) + field.slice(point + 1)), decimals };
  }
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
  if (decimals <= roundTo) return digits * (POWERS[12 - decimals] ?? 1n);
  const kept = Math.min(decimals, roundTo);
  const divisor = 10n ** BigInt(decimals - kept);
  const half = divisor / 2n;
  const rounded = (digits < 0n ? digits - half : digits + half) / divisor;
  return rounded * 10n ** BigInt(12 - kept);
}
