import { z } from 'zod';

/** A decimal number as text: money, price, quantity or fraction. Never a float. */
export const decimalText = z.string().regex(/^-?\d+(\.\d+)?$/, 'must be a decimal number');

/** ISO 8601, UTC. */
export const instant = z.iso.datetime();

/** Where a page of a list begins: what the page before gave as its end, or null for the first. */
export const pageCursor = z.string().max(300).nullable().default(null);

/** A page of a list. `nextCursor` is null on the last. */
export function pageOf<Row extends z.ZodType>(row: Row) {
  return z.object({ rows: z.array(row), nextCursor: z.string().nullable() });
}

/** One rule that was hit. `observed` and `threshold` are text as policy recorded them. */
export const ruleHitSchema = z.object({
  code: z.string(),
  tier: z.string(),
  observed: z.string(),
  threshold: z.string(),
  message: z.string(),
});
export type RuleHit = z.output<typeof ruleHitSchema>;

/** A reason that a person must give: free text, trimmed. */
export const reasonTextSchema = z.string().trim().min(3, 'must say why, in at least 3 characters').max(500);

/** Answer of a command that was understood and refused. */
export const refusalSchema = z.object({
  ok: z.literal(false),
  code: z.string(),
  message: z.string(),
  reasons: z.array(ruleHitSchema),
});
export type RefusalView = z.output<typeof refusalSchema>;
