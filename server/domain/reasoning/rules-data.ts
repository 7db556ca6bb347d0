import { z } from 'zod';
import { sideSchema } from '@/server/kernel/vocabulary';

/** Missing or invalid figures count as unknown. */
const figure = z.number().nullable().catch(null);
const word = z.string().catch('');

/** The fields of a prompt's data that the rules read; all others are ignored. */
export const rulesDataSchema = z.object({
  signal: z.object({
    signal_id: z.string(),
    symbol: z.string(),
    action: sideSchema,
    strategy: word,
    confidence: figure,
    size_pct: figure,
  }),
  market: z
    .object({
      spread_bps: figure,
      quote_age_seconds: figure,
      minutes_to_close: figure,
      features: z
        .object({
          close: figure,
          ema20: figure,
          rsi14: figure,
          atr14: figure,
          volatility20: figure,
          relative_volume: figure,
          dollars_per_minute: figure,
          macd: z.object({ histogram: figure }).nullable().catch(null),
          bollinger: z.object({ lower: figure, upper: figure }).nullable().catch(null),
        })
        .nullable()
        .catch(null),
      events: z.array(z.object({ kind: word })).catch([]),
      news_with_concealed_text: z.array(z.string()).catch([]),
    })
    .catch({
      spread_bps: null,
      quote_age_seconds: null,
      minutes_to_close: null,
      features: null,
      events: [],
      news_with_concealed_text: [],
    }),
  portfolio: z
    .object({
      gross_exposure_pct: figure,
      day_pnl_pct: figure,
      position: z.object({ pct_of_equity: figure }).nullable().catch(null),
    })
    .catch({ gross_exposure_pct: null, day_pnl_pct: null, position: null }),
  news: z.array(z.object({ id: z.string(), headline: word })).catch([]),
});
export type RulesData = z.output<typeof rulesDataSchema>;
