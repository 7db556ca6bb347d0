import { z } from 'zod';
import { instantSchema } from './text';

/** Dollars as exact text, at most 12 decimals: `"5"`, `"0.25"`. */
export const dollarTextSchema = z
  .string()
  .trim()
  .regex(/^\d{1,15}(\.\d{1,12})?$/, 'must be dollars, 0 or more, with at most 12 decimals');

const tokenCount = z.number().int().min(0);

/** What reasoning may use up: 0 is nothing, null no limit. A day is one of UTC. */
export const reasoningLimitsSchema = z.strictObject({
  tokens_per_day: tokenCount.max(1_000_000_000_000).nullable(),
  dollars_per_day: dollarTextSchema.nullable(),
  tokens_per_signal: tokenCount.max(1_000_000).nullable(),
  dollars_per_signal: dollarTextSchema.nullable(),
});
export type ReasoningLimits = z.output<typeof reasoningLimitsSchema>;

/** As the provider calls it. */
export const modelNameSchema = z
  .string()
  .trim()
  .min(1, 'is required')
  .max(200)
  .regex(/^[\w.:/@+-]+$/, 'is no name of a model');

/** Dollars for a million tokens. 0 for a model of one's own. */
export const modelPriceSchema = z.strictObject({
  model: modelNameSchema,
  input_per_million: dollarTextSchema,
  output_per_million: dollarTextSchema,
});
export type ModelPrice = z.output<typeof modelPriceSchema>;

const changed = { updated_at: instantSchema, updated_by: z.string() };

export const reasoningSettingsSchema = z.object({
  limits: reasoningLimitsSchema.extend(changed),
  /** By name. */
  prices: z.array(modelPriceSchema.extend(changed)),
  /** Of the present UTC day: spent and reserved. */
  today: z.object({ day: z.iso.date(), tokens: tokenCount, dollars: z.string(), memos: z.number().int().min(0) }),
});
export type ReasoningSettings = z.output<typeof reasoningSettingsSchema>;
