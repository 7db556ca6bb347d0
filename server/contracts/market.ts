import { z } from 'zod';
import { decimalTextSchema, instantSchema } from './text';

/** Answer of GET /v1/market/quote/{symbol}. Times of the market and of this stack differ where a recording is played. */
export const marketQuoteSchema = z.object({
  symbol: z.string(),
  bid: decimalTextSchema,
  ask: decimalTextSchema,
  /** Shares. */
  bid_size: decimalTextSchema,
  ask_size: decimalTextSchema,
  /** Market time. */
  quoted_at: instantSchema,
  /** Wall clock. */
  received_at: instantSchema,
  /** Market seconds since `quoted_at`; null while the market's clock is not known. */
  age_seconds: z.number().nullable(),
  /** Older than policy lets data be (`DATA_STALE`), or of unknown age: nothing opens on it. */
  stale: z.boolean(),
  market_open: z.boolean(),
  /** Where market data comes from, in words; null before the first connection. */
  source: z.string().nullable(),
});
export type MarketQuoteBody = z.output<typeof marketQuoteSchema>;

const timeframeSchema = z.enum(['1Min', '1Day']);

/** An instant with its offset, or a date: midnight in New York at its beginning. */
const boundSchema = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: 'must be an instant like 2026-01-05T14:30:00Z or a date like 2026-01-05',
});

/** Of a range, where no limit is stated; without a range it is one. */
export const DEFAULT_BARS = 1_000;
/** More than one page holds is read with `page_token`. */
const MAX_BARS = 10_000;

/** Query of GET /v1/market/bar/{symbol}: bars that start in [start, end), or without `start` the newest ones. */
export const barQuerySchema = z
  .strictObject({
    start: boundSchema.optional(),
    end: boundSchema.optional(),
    timeframe: timeframeSchema.default('1Min'),
    /** Default: 1000 of a range, 1 without one. */
    limit: z.coerce.number().int().min(1).max(MAX_BARS).optional(),
    page_token: z
      .string()
      .regex(/^[0-9a-z]{1,12}$/, 'is not a token of this list')
      .optional(),
  })
  .superRefine(({ start, end, page_token }, context) => {
    if (start !== undefined) return;
    const path = end === undefined ? 'page_token' : 'end';
    if (end !== undefined || page_token !== undefined)
      context.addIssue({ code: 'custom', path: [path], message: 'needs start beside it' });
  });
export type BarQuery = z.output<typeof barQuerySchema>;

/** A bar is known at its end; volume in shares. */
export const barBodySchema = z.object({
  start: instantSchema,
  end: instantSchema,
  open: decimalTextSchema,
  high: decimalTextSchema,
  low: decimalTextSchema,
  close: decimalTextSchema,
  volume: decimalTextSchema,
});

/** Oldest first. `next_page_token` is null on the last page. */
export const barListSchema = z.object({
  symbol: z.string(),
  timeframe: timeframeSchema,
  bars: z.array(barBodySchema),
  next_page_token: z.string().nullable(),
});
export type BarListBody = z.output<typeof barListSchema>;
