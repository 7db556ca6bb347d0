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
  /** Null where no entry of the position states a stop. */
  protection: z
    .object({
      /** Shares that are owed a stop, and shares that working stops would sell. */
      owedQty: decimalText,
      protectedQty: decimalText,
      /** Of the entries whose shares are held, lowest first. */
      stopPrices: z.array(decimalText),
      /** Why less works than is owed; null where nothing is missing. */
      missing: z.string().nullable(),
    })
    .nullable(),
});
export type PositionView = z.output<typeof positionSchema>;

/** An exit that has not ended. */
const openExitSchema = z.object({
  id: z.string(),
  symbol: z.string(),
  /** Shares; null for everything that the broker holds. */
  qty: decimalText.nullable(),
  requestedBy: z.string(),
  requestedAt: instant,
  /** Null until the worker has looked at it. */
  waitsFor: z.string().nullable(),
});

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
  exits: z.array(openExitSchema),
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
