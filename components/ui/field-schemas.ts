import { z } from 'zod';

/** A reason in the user's own words, as the audit log stores it. */
export const reasonSchema = z
  .string()
  .trim()
  .min(3, 'Give a reason of at least 3 characters.')
  .max(500, 'Keep the reason to 500 characters.');

/** The user's own password, asked for again before a privileged action. */
export const passwordSchema = z.string().min(1, 'Enter your password.');

/** An optional symbol, in capitals; null for an empty field. */
export const symbolFieldSchema = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^([A-Z][A-Z0-9.-]{0,11})?$/, 'Enter a symbol such as AAPL or BRK.B.')
  .transform((symbol) => (symbol === '' ? null : symbol));
