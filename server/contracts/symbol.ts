import { z } from 'zod';

/**
 * A listed ticker: upper-cased, then `[A-Z][A-Z0-9.-]{0,11}`.
 * The characters are checked before the case is changed: some letters outside ASCII (ß, ſ) have an ASCII upper case.
 */
export const symbolSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9.-]{0,11}$/, 'must be 1–12 letters, digits, dots or dashes, beginning with a letter')
  .toUpperCase();
