import { z } from 'zod';
import { decimalText } from '@/server/contracts/console/common';

const decimal = z.union([z.number().transform(String), z.string()]).pipe(decimalText);
const moment = z.union([
  z.number().transform((ms) => new Date(ms).toISOString()),
  z.string().transform((text) => new Date(text).toISOString()),
]);

/** A quote as the ingest role notifies it. */
const notifiedSchema = z
  .object({
    symbol: z.string(),
    bid: decimal,
    ask: decimal,
    quoted_at: moment.optional(),
    quotedAt: moment.optional(),
    received_at: moment.optional(),
    receivedAt: moment.optional(),
  })
  .transform((quote, context) => {
    const quotedAt = quote.quotedAt ?? quote.quoted_at;
    if (quotedAt === undefined) {
      context.addIssue({ code: 'custom', message: 'has no time' });
      return z.NEVER;
    }
    return {
      symbol: quote.symbol,
      bid: quote.bid,
      ask: quote.ask,
      quotedAt,
      receivedAt: quote.receivedAt ?? quote.received_at ?? quotedAt,
    };
  });

/** Reads a notified quote; null for anything else, which is not shown rather than guessed. */
export function quoteFrame(payload: string): { readonly symbol: string; readonly data: string } | null {
  try {
    const quote = notifiedSchema.safeParse(JSON.parse(payload));
    return quote.success ? { symbol: quote.data.symbol, data: JSON.stringify(quote.data) } : null;
  } catch {
    return null;
  }
}
