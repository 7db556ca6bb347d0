import { quoteAgeMs } from '@/server/application/market/quote-age';
import type { ReadMarketView } from '@/server/application/ports/market-view';
import type { QuoteStore } from '@/server/application/ports/quote-store';
import type { MarketQuoteBody } from '@/server/contracts/market';
import { formatUnits } from '@/server/kernel/money';

/** The newest quote of a symbol with its age in market time, as the gate has it; null where there is none. */
export async function readQuote(
  quotes: Pick<QuoteStore, 'latest'>,
  view: ReadMarketView,
  symbol: string,
): Promise<MarketQuoteBody | null> {
  const [found, market] = await Promise.all([quotes.latest([symbol]), view()]);
  const quote = found.get(symbol);
  if (quote === undefined) return null;
  const { bid, ask, bidSize, askSize, atMs, receivedAtMs } = quote;
  const ageMs = market.marketNowMs === null ? null : quoteAgeMs(market.marketNowMs, atMs, market.speed);
  const ageSeconds = ageMs === null ? null : ageMs / 1_000;
  return {
    symbol,
    bid: formatUnits(bid),
    ask: formatUnits(ask),
    bid_size: formatUnits(bidSize),
    ask_size: formatUnits(askSize),
    quoted_at: new Date(atMs).toISOString(),
    received_at: new Date(receivedAtMs).toISOString(),
    age_seconds: ageSeconds,
    stale: ageSeconds === null || ageSeconds > market.maxDataAgeSeconds,
    market_open: market.isOpen,
    source: market.source,
  };
}
