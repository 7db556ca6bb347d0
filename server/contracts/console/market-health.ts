import { z } from 'zod';
import { instant } from './common';

/** Why a quote, trade or bar was not taken in. */
export const marketFaultSchema = z.enum([
  /** More than 2 s ahead of the market's clock. */
  'future',
  'out_of_order',
  'duplicate',
  /** Bid above ask. */
  'crossed',
  /** A price of zero or less, or none. */
  'empty',
  /** The market's clock is not known. */
  'no_clock',
  'bad_symbol',
  /** A bar whose figures contradict each other, or that does not begin on a minute. */
  'bad_bar',
  'unreadable',
  /** Of a symbol that was not subscribed to. */
  'not_wanted',
]);
export type MarketFault = z.output<typeof marketFaultSchema>;

const count = z.number().int();

/** How market data of one symbol comes in; counts are since `since`. Market times and `since` in UTC. */
export const marketHealthRowSchema = z.object({
  /** '*': what named no symbol that could be one, or one that was not subscribed to. */
  symbol: z.string(),
  subscribed: z.boolean(),
  lastQuoteAt: instant.nullable(),
  lastTradeAt: instant.nullable(),
  /** Start of the newest bar. */
  lastBarAt: instant.nullable(),
  quotes: count,
  trades: count,
  bars: count,
  refused: z.partialRecord(marketFaultSchema, count),
  /** Minutes that did not come by themselves and had to be asked for. */
  gaps: count,
  /** Minutes without a trade, closed by the clock. */
  empty: count,
  /** Bars that came again with other figures. */
  corrected: count,
  /** Minutes that the source still owes. */
  missing: count,
  /** Market time of the newest quote, while it is too old and the market is open; else null. */
  staleSince: instant.nullable(),
  since: instant,
  updatedAt: instant,
});
export type MarketHealthRow = z.output<typeof marketHealthRowSchema>;

/** `market` in the heartbeat of the worker that takes market data in. */
export const marketIntakeInfoSchema = z.object({
  stream: z.object({
    state: z.enum(['connecting', 'connected', 'disconnected']),
    /** Wall clock. */
    since: instant,
    reason: z.string(),
    connections: count,
  }),
  symbols: count,
  quotes: count,
  trades: count,
  bars: count,
  refused: z.partialRecord(marketFaultSchema, count),
});
export type MarketIntakeInfo = z.output<typeof marketIntakeInfoSchema>;
