import { z } from 'zod';
import type { FeatureFigures } from '@/server/contracts/console/market';

const figure = z.number().nullable().catch(null);

/** As the pipeline stores it. A figure that an older version did not write, or wrote otherwise, is null. */
const storedSchema = z.object({
  atMs: z.number(),
  close: figure,
  bars: z
    .object({ count: z.number().int() })
    .transform(({ count }) => count)
    .nullable()
    .catch(null),
  sma20: figure,
  ema20: figure,
  rsi14: figure,
  atr14: figure,
  macd: z.object({ value: z.number(), signal: z.number(), histogram: z.number() }).nullable().catch(null),
  bollinger: z.object({ lower: z.number(), middle: z.number(), upper: z.number() }).nullable().catch(null),
  volatility20: figure,
  relativeVolume: figure,
  dollarsPerMinute: figure,
});

/** A stored snapshot of features as the console shows it; null where there is none. */
export function toFeatureFigures(stored: unknown): FeatureFigures | null {
  const parsed = storedSchema.safeParse(stored);
  if (!parsed.success) return null;
  const { atMs, ...figures } = parsed.data;
  return { at: new Date(atMs).toISOString(), ...figures };
}
