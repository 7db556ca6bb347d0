import { z } from 'zod';
import { sideSchema } from '@/server/kernel/vocabulary';
import { symbolSchema } from '../symbol';
import { quoteSchema } from './approvals';
import { decimalText, instant } from './common';
import { marketEventSchema } from './market-events';
import { marketHealthRowSchema } from './market-health';

/** A symbol with its newest figures. Instants are market time. */
export const marketRowSchema = z.object({
  symbol: z.string(),
  quote: quoteSchema.extend({ bidSize: decimalText, askSize: decimalText }).nullable(),
  /** Close of the newest bar and its end. */
  close: decimalText.nullable(),
  closeAt: instant.nullable(),
  /** What the day's change is measured from: the last close before the newest bar's day, else that day's first open. */
  previousClose: decimalText.nullable(),
  /** On the active policy's allowlist. */
  allowed: z.boolean(),
  /** Shares held; "0" for none. */
  held: decimalText,
  health: marketHealthRowSchema.nullable(),
});
export type MarketRow = z.output<typeof marketRowSchema>;

export const marketListSchema = z.array(marketRowSchema);

const figure = z.number().nullable();

/** What is known of a symbol when a bar closes; a figure that its bars do not give yet is null. */
export const featureFiguresSchema = z.object({
  /** End of the bar. */
  at: instant,
  close: figure,
  bars: z.number().int().nullable(),
  sma20: figure,
  ema20: figure,
  rsi14: figure,
  atr14: figure,
  macd: z.object({ value: z.number(), signal: z.number(), histogram: z.number() }).nullable(),
  bollinger: z.object({ lower: z.number(), middle: z.number(), upper: z.number() }).nullable(),
  volatility20: figure,
  relativeVolume: figure,
  dollarsPerMinute: figure,
});
export type FeatureFigures = z.output<typeof featureFiguresSchema>;

/** A session of the exchange by its calendar. */
export const sessionSchema = z.object({
  /** New York, YYYY-MM-DD. */
  date: z.string(),
  open: instant,
  close: instant,
  earlyClose: z.boolean(),
});

export const calendarSchema = z.object({
  /** The session that is open by the calendar, else the next. */
  session: sessionSchema,
  isOpen: z.boolean(),
  nextEarlyClose: sessionSchema.nullable(),
  /** Weekdays without a session, the next few. */
  holidays: z.array(z.string()),
});
export type CalendarView = z.output<typeof calendarSchema>;

export const symbolInputSchema = z.object({ symbol: symbolSchema });

export const marketDetailSchema = z.object({
  row: marketRowSchema,
  features: featureFiguresSchema.nullable(),
  /** 0 to 1, from the newest quote and bars; null without either. */
  liquidity: figure,
  /** Of this symbol's returns with the portfolio's; 0 where nothing is held, null where it cannot be known. */
  correlation: figure,
  calendar: calendarSchema.nullable(),
  /** In effect or to come, of this symbol and of every symbol. */
  events: z.array(marketEventSchema),
});
export type MarketDetail = z.output<typeof marketDetailSchema>;

/** A trading day back to its first bar, or so many days of longer bars. */
export const barRangeSchema = z.enum(['day', 'week', 'month', 'year']);
export type BarRangeName = z.output<typeof barRangeSchema>;
export const barsInputSchema = symbolInputSchema.extend({ range: barRangeSchema.default('day') });

/** Start in epoch ms; open, high, low, close and volume; whether any of it traded, or the clock closed it. */
export const barTupleSchema = z.tuple([
  z.number(),
  decimalText,
  decimalText,
  decimalText,
  decimalText,
  decimalText,
  z.boolean(),
]);

export const chartFillSchema = z.object({
  orderId: z.uuid(),
  side: sideSchema,
  qty: decimalText,
  price: decimalText,
  at: instant,
});
export type ChartFill = z.output<typeof chartFillSchema>;

/** A stretch of time in which nothing opened: an event, or a halt of trading. Still in force: `to` is null. */
export const chartShadeSchema = z.object({
  kind: z.enum(['EVENT', 'HALT']),
  label: z.string(),
  from: instant,
  to: instant.nullable(),
});
export type ChartShade = z.output<typeof chartShadeSchema>;

export const barsSchema = z.object({
  /** Length of a bar. */
  stepSeconds: z.number().int(),
  /** Oldest first; a minute that is not there is a gap. */
  bars: z.array(barTupleSchema),
  fills: z.array(chartFillSchema),
  shades: z.array(chartShadeSchema),
});
export type BarsView = z.output<typeof barsSchema>;
