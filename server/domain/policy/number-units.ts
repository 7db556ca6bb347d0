import { formatUnits, parseUnits, type Units } from '@/server/kernel/money';

const SCALE = 1e12;
const MAX_EXACT = 1e15;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * The exact decimal that a JSON number stands for. Below 1,000 the number of 10^-12 parts is an integer that a double
 * holds, and 15 digits survive the trip through one: no text is needed. @throws DecimalError past 12 decimals
 */
export function unitsFromNumber(value: number): Units {
  const parts = Math.round(value * SCALE);
  if (parts < MAX_EXACT && parts > -MAX_EXACT && parts / SCALE === value) return BigInt(parts);
  return parseUnits(value);
}

/** The JSON number nearest to a decimal: reading it back gives the same decimal up to 15 digits. */
export function numberFromUnits(value: Units): number {
  if (value <= MAX_SAFE && value >= -MAX_SAFE) return Number(value) / SCALE;
  return Number(formatUnits(value));
}
