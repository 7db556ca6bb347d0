import type { StackStatus } from '@/server/composition/admin';

/** Policy refuses orders on a portfolio older than this. */
const MAX_PORTFOLIO_AGE_SECONDS = 15;

/** Seconds between a moment and the database's clock; null for never. */
export function ageSeconds(status: StackStatus, at: string | null): number | null {
  return at === null ? null : Math.max(0, (Date.parse(status.serverTime) - Date.parse(at)) / 1_000);
}

/** What a person should look at, in words; empty when all is well. */
export function attention(status: StackStatus): readonly string[] {
  const { trading, workers, openBreaks, uncertainOrders } = status;
  const found: string[] = [];
  if (trading.state !== 'ACTIVE') found.push(`trading is ${trading.state}: ${trading.reason || 'no reason given'}`);
  if (trading.halt !== null && trading.halt.verifiedAt === null) found.push('the halt is not verified yet');
  if (workers.alive === 0) found.push('no worker is alive');
  if (openBreaks > 0) found.push(`${openBreaks} reconciliation break(s) are open`);
  if (uncertainOrders > 0) found.push(`${uncertainOrders} order(s) may or may not be at the broker`);
  const portfolioAge = ageSeconds(status, status.portfolioAt);
  if (portfolioAge === null) found.push('the portfolio was never read from the broker');
  else if (portfolioAge > MAX_PORTFOLIO_AGE_SECONDS)
    found.push(`the portfolio was read ${Math.round(portfolioAge)} s ago`);
  const quoteAge = ageSeconds(status, status.newestQuote?.receivedAt ?? null);
  if (status.market?.isOpen === true && (quoteAge === null || quoteAge > status.maxDataAgeSeconds)) {
    found.push(
      quoteAge === null
        ? 'the market is open and no quote ever came'
        : `the market is open and the newest quote came ${Math.round(quoteAge)} s ago`,
    );
  }
  return found;
}
