import { z } from 'zod';

/** A reason given by a person or client: stored in the audit, shown to people. One line, 1 to 500 characters. */
export const reasonSchema = z
  .string()
  .trim()
  .min(1, 'is required')
  .max(500, 'has at most 500 characters')
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u, 'must be one line of plain text');

/** A decimal of any size as exact text: `"100"`, `"-3.5"`, `"0.01"`. */
export const decimalTextSchema = z.string().regex(/^-?\d+(?:\.\d+)?$/);

/** A moment, ISO 8601 in UTC with milliseconds. */
export const instantSchema = z.iso.datetime();
