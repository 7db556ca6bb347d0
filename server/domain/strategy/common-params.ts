import { z } from 'zod';
import { decimalNumber, decimalNumberAbove } from '@/server/contracts/decimal-number';

/** A number of bars. */
export const periodParam = z.int().min(1).max(10_000);

/** What every strategy states of its signals. */
export const signalParams = {
  /** Share of equity asked for. Policy decides how much of it is given. */
  size_pct: decimalNumberAbove(0, 1).default(0.02),
  /** Stated, it stays so; otherwise it follows from the features (confidence.ts). */
  confidence: decimalNumber(0, 1).optional(),
};

/** Of strategies that look at features for their confidence alone. */
export const usesFeatures = ({ confidence }: { readonly confidence?: number | undefined }): boolean =>
  confidence === undefined;
