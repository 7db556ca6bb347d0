import { z } from 'zod';
import type { StoredQuote } from '@/server/application/ports/quote-store';
import { formatUnits, parseUnits } from '@/server/kernel/money';

const decimal = z.string().regex(/^\d+(\.\d+)?$/);

const quoteSchema = z.object({
  symbol: z.string(),
  bid: decimal,
  ask: decimal,
  bidSize: decimal,
  askSize: decimal,
  atMs: z.number(),
  receivedAtMs: z.number(),
});

/** `<market time, epoch ms> <quote as JSON>`: what the script compares, then what readers and listeners get. */
export function toValue(quote: StoredQuote): string {
  const { symbol, bid, ask, bidSize, askSize, atMs, receivedAtMs } = quote;
  const body = {
    symbol,
    bid: formatUnits(bid),
    ask: formatUnits(ask),
    bidSize: formatUnits(bidSize),
    askSize: formatUnits(askSize),
    atMs,
    receivedAtMs,
  };
  return `${Math.floor(atMs)} ${JSON.stringify(body)}`;
}

/** Null for what is no quote: it counts as missing. */
export function fromValue(value: string): StoredQuote | null {
  try {
    const { symbol, bid, ask, bidSize, askSize, atMs, receivedAtMs } = quoteSchema.parse(
      JSON.parse(value.slice(value.indexOf(' ') + 1)),
    );
    return {
      symbol,
      bid: parseUnits(bid),
      ask: parseUnits(ask),
      bidSize: parseUnits(bidSize),
      askSize: parseUnits(askSize),
      atMs,
      receivedAtMs,
    };
  } catch {
    return null;
  }
}
