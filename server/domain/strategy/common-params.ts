import { z } from 'zod';
import { decimalNumber, decimalNumberAbove } from '@/server/contracts/decimal-number';

export const periodParam = z.int().min(1).max(10_000).describe('Number of bars');

/** What every strategy states of its signals. */
export const signalParams = {
  size_pct: decimalNumberAbove(0, 1)
    .default(0.02)
    .describe('Share of equity asked for; policy decides how much of it is given'),
  /** Otherwise: confidence.ts. */
  confidence: decimalNumber(0, 1).optional().describe('Stated, it stays so; otherwise it follows from the features'),
  /** See stop-distance.ts. */
  stop_atr: decimalNumberAbove(0, 100)
    .optional()
    .describe('Protective stop of a purchase: so many times ATR(14) below its price; without it there is no stop'),
};

/** Of strategies that look at features for their confidence and the distance of their stops alone. */
export const usesFeatures = (params: {
  readonly confidence?: number | undefined;
  readonly stop_atr?: number | undefined;
}): boolean => params.confidence === undefined || params.stop_atr !== undefined;
