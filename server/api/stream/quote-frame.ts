import { z } from 'zod';
import { decimalText } from '@/server/contracts/console/common';
import type { QuoteMessage } from '@/server/contracts/console/stream';

const instantText = z.iso.datetime();

/** A quote as the worker announces it on the channel `quotes`. */
const announcedQuoteSchema: z.ZodType<QuoteMessage> = z.strictObject({
  symbol: z.string().min(1),
  bid: decimalText,
  ask: decimalText,
  quotedAt: instantText,
  receivedAt: instantText,
});

/** Reads an announced quote. Null for anything else: it is not shown. */
export function quoteFrame(payload: string): { readonly symbol: string; readonly data: string } | null {
  try {
    const quote = announcedQuoteSchema.safeParse(JSON.parse(payload));
    return quote.success ? { symbol: quote.data.symbol, data: JSON.stringify(quote.data) } : null;
  } catch {
    return null;
  }
}
