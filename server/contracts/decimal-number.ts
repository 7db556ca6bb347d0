import { z } from 'zod';

const MAX_EXACT = 1e15;

/**
 * Whether the shortest decimal text of a finite number has at most 12 decimals.
 * The first test answers for everyday numbers without making text: a number equal to an integer below 10^15 over a
 * power of ten is exactly that decimal, because 15 digits always survive the trip through a double.
 */
export function hasAtMost12Decimals(value: number): boolean {
  const millionths = Math.round(value * 1e6);
  if (millionths / 1e6 === value && Math.abs(millionths) < MAX_EXACT) return true;
  const text = String(value);
  const exponentAt = text.indexOf('e');
  const mantissa = exponentAt < 0 ? text : text.slice(0, exponentAt);
  const exponent = exponentAt < 0 ? 0 : Number(text.slice(exponentAt + 1));
  const pointAt = mantissa.indexOf('.');
  const decimals = pointAt < 0 ? 0 : mantissa.length - pointAt - 1;
  return decimals - exponent <= 12;
}

/** One check for all, because each check of a schema costs about as much as the parsing of a number. */
function numberWithin(isInside: (value: number) => boolean, bounds: string, meta: Readonly<Record<string, number>>) {
  return z
    .number()
    .check((context) => {
      const { value } = context;
      if (!isInside(value)) {
        context.issues.push({ code: 'custom', message: `must be ${bounds}`, input: value });
      } else if (!hasAtMost12Decimals(value)) {
        context.issues.push({ code: 'custom', message: 'must have at most 12 decimals', input: value });
      }
    })
    .meta(meta);
}

/** A finite JSON number in `[min, max]` with at most 12 decimals. */
export function decimalNumber(min: number, max: number) {
  const bounds = `between ${min} and ${max}`;
  return numberWithin((value) => value >= min && value <= max, bounds, { minimum: min, maximum: max });
}

/** As {@link decimalNumber}, `min` itself excluded. */
export function decimalNumberAbove(min: number, max: number) {
  const bounds = `above ${min} and at most ${max}`;
  return numberWithin((value) => value > min && value <= max, bounds, { exclusiveMinimum: min, maximum: max });
}

/** A number as {@link decimalNumber}, or the same as decimal text, which is kept as it is. */
export function decimalSetting(min: number, max: number) {
  const text = z
    .string()
    .regex(/^-?\d{1,20}(\.\d{1,12})?$/, 'must be a decimal number of at most 12 decimals')
    .refine((value) => Number(value) >= min && Number(value) <= max, `must be between ${min} and ${max}`);
  return z.union([decimalNumber(min, max), text]);
}
