import * as z from 'zod/mini';

/** A reason in the user's own words, as the audit log stores it. */
export const reasonSchema = z
  .string()
  .check(
    z.trim(),
    z.minLength(3, 'Give a reason of at least 3 characters.'),
    z.maxLength(500, 'Keep the reason to 500 characters.'),
  );

/** The user's own password, asked for again before a privileged action. */
export const passwordSchema = z.string().check(z.minLength(1, 'Enter your password.'));

/** An optional symbol, in capitals; null for an empty field. */
export const symbolFieldSchema = z.pipe(
  z
    .string()
    .check(z.trim(), z.toUpperCase(), z.regex(/^([A-Z][A-Z0-9.-]{0,11})?$/, 'Enter a symbol such as AAPL or BRK.B.')),
  z.transform((symbol: string) => (symbol === '' ? null : symbol)),
);
