import { z } from 'zod';

/** A reason in the user's own words, as the audit log stores it. */
export const reasonSchema = z
  .string()
  .trim()
  .min(3, 'Give a reason of at least 3 characters.')
  .max(500, 'Keep the reason to 500 characters.');
