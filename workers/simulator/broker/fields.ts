import { DecimalError, ONE, parseUnits, type Units } from '@/server/kernel/money';
import { badField, unprocessable } from './errors';

/** The members of a request's JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

const MAX_PRICE = 10_000_000n * ONE;
export const CENT = ONE / 100n;
const HUNDREDTH_OF_CENT = ONE / 10_000n;

export function given(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** A positive decimal of a JSON string or number. */
export function decimal(value: unknown, field: string, most: Units): Units {
  if (!given(value)) throw badField(`${field} is required`);
  if (typeof value !== 'string' && typeof value !== 'number') throw badField(`${field} must be a number`);
  let parsed: Units;
  try {
    parsed = parseUnits(value);
  } catch (error) {
    if (error instanceof DecimalError) throw badField(`${field} must be a number: ${error.message}`);
    throw error;
  }
  if (parsed <= 0n) throw badField(`${field} must be > 0`);
  if (parsed > most) throw badField(`${field} is too large`);
  return parsed;
}

/** A price on the broker's increment: a cent from one dollar up, a hundredth of a cent below. @throws ApiError 422 */
export function priceOf(value: unknown, field: string): Units {
  const price = decimal(value, field, MAX_PRICE);
  const step = price >= ONE ? CENT : HUNDREDTH_OF_CENT;
  if (price % step !== 0n) {
    throw unprocessable(
      `invalid ${field} ${String(value)}. sub-penny increment does not fulfill minimum pricing criteria`,
    );
  }
  return price;
}
