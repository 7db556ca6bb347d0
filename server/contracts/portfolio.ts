import { z } from 'zod';
import { decimalTextSchema, instantSchema } from './text';

/** One position. What depends on a price is null while none is known. */
export const positionBodySchema = z.object({
  symbol: z.string(),
  /** Signed: long is positive. */
  qty: decimalTextSchema,
  /** What the broker said last; null before the first look. */
  broker_qty: decimalTextSchema.nullable(),
  /** Cost of what is held. */
  cost: decimalTextSchema,
  avg_cost: decimalTextSchema.nullable(),
  /** What a long could be sold at now. */
  mark: decimalTextSchema.nullable(),
  market_value: decimalTextSchema.nullable(),
  unrealised_pnl: decimalTextSchema.nullable(),
  realised_pnl: decimalTextSchema,
});

/** Answer of GET /v1/portfolio. Amounts are exact decimal text in the account's currency; fractions are of equity. */
export const portfolioBodySchema = z.object({
  /** Null until the broker's account was read for the first time: unknown is not zero. */
  account: z
    .object({
      cash: decimalTextSchema,
      equity: decimalTextSchema,
      buying_power: decimalTextSchema,
      /** Equity at the previous session's close: drawdown and day P&L are measured from it. */
      last_equity: decimalTextSchema,
      trading_day: z.string().nullable(),
      as_of: instantSchema,
      age_seconds: z.number().min(0),
      reconciled_at: instantSchema.nullable(),
    })
    .nullable(),
  positions: z.array(positionBodySchema),
  /** Null while the account or the price of a position is unknown. */
  exposure: z
    .object({
      /** Value of what is held, shorts counted positive. */
      gross: decimalTextSchema,
      /** Null without equity. */
      gross_pct: decimalTextSchema.nullable(),
      /** Working orders at their reference price. */
      working_orders: decimalTextSchema,
    })
    .nullable(),
  day_pnl: z.object({ amount: decimalTextSchema, pct: decimalTextSchema.nullable() }).nullable(),
});
export type PortfolioBody = z.output<typeof portfolioBodySchema>;
