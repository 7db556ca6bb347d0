import { z } from 'zod';
import { quoteSchema } from './approvals';
import { decimalText, instant } from './common';

export const positionSchema = z.object({
  symbol: z.string(),
  qty: decimalText,
  cost: decimalText,
  avgCost: decimalText.nullable(),
  realisedPnl: decimalText,
  /** What the broker holds, where reconciliation found that it differs; null where both agree. */
  brokerQty: decimalText.nullable(),
  /** Price the position is marked at, null when nothing is known. */
  mark: decimalText.nullable(),
  marketValue: decimalText.nullable(),
  unrealisedPnl: decimalText.nullable(),
  quote: quoteSchema.nullable(),
});
export type PositionView = z.output<typeof positionSchema>;

export const portfolioSchema = z.object({
  cash: decimalText,
  equity: decimalText,
  buyingPower: decimalText,
  lastEquity: decimalText,
  dayPnl: decimalText,
  dayPnlPct: decimalText.nullable(),
  realisedPnl: decimalText,
  unrealisedPnl: decimalText.nullable(),
  /** Fraction of equity. */
  grossExposure: decimalText.nullable(),
  drawdownPct: decimalText.nullable(),
  tradingDay: z.string().nullable(),
  portfolioAt: instant.nullable(),
  reconciledAt: instant.nullable(),
  positions: z.array(positionSchema),
});
export type PortfolioView = z.output<typeof portfolioSchema>;

export const curveRangeSchema = z.enum(['1h', '1d', '1w', 'all']);

export const curvePointSchema = z.object({
  at: instant,
  equity: decimalText,
  drawdownPct: decimalText,
});
export const curveSchema = z.object({
  points: z.array(curvePointSchema),
  /** Seconds between points as sampled; a longer silence is a gap. */
  stepSeconds: z.number().int(),
});
export type CurveView = z.output<typeof curveSchema>;
