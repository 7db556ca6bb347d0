import { z } from 'zod';
import { instantSchema } from './text';

const figure = z.number().nullable();

/**
 * Answer of GET /v1/features/{symbol}: what the gate would judge the symbol by now. Prices in dollars, times in the market's.
 * A figure is null until its bars are in; docs/features.md has the formulas.
 */
export const featuresSchema = z.object({
  symbol: z.string(),
  /** End of the newest bar. */
  at: instantSchema,
  close: z.number(),
  bars: z.object({ count: z.number().int(), from: instantSchema, to: instantSchema }),
  sma20: figure,
  ema20: figure,
  rsi14: figure,
  atr14: figure,
  macd: z.object({ value: z.number(), signal: z.number(), histogram: z.number() }).nullable(),
  bollinger: z.object({ lower: z.number(), middle: z.number(), upper: z.number() }).nullable(),
  volatility20: figure,
  relative_volume: figure,
  dollars_per_minute: figure,
  /** 0 to 1; null where the gate knows none: LIQUIDITY_LOW rejects. */
  liquidity_score: figure,
  /** With what else is held, -1 to 1; null where it is not known: CORRELATION_HIGH asks a person. */
  correlation: figure,
  event_blackout: z.object({
    /** Null where the market's time is not known: nothing opens. */
    active: z.boolean().nullable(),
    events: z.array(
      z.object({
        id: z.string(),
        kind: z.string(),
        /** Null: every symbol. */
        symbol: z.string().nullable(),
        title: z.string(),
        starts_at: instantSchema,
        ends_at: instantSchema,
      }),
    ),
  }),
  /** Market seconds since `at`; null while the market's clock is not known. */
  age_seconds: figure,
  /** Too old for the gate: it is as if there were none. */
  stale: z.boolean(),
});
export type FeaturesBody = z.output<typeof featuresSchema>;
