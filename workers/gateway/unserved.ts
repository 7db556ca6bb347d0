import { ApiError } from './errors';

/** Parts of Alpaca's API that are not here, and what they are called. */
const UNSERVED: readonly (readonly [prefix: string, what: string])[] = [
  ['/v2/watchlists', 'watchlists'],
  ['/v2/options', 'options'],
  ['/v1beta1/options', 'options'],
  ['/v1beta3/crypto', 'crypto'],
  ['/v2/wallets', 'crypto wallets'],
  ['/v2/perpetuals', 'perpetuals'],
  ['/v2/corporate_actions', 'corporate actions'],
  ['/v1/corporate-actions', 'corporate actions'],
  ['/v1beta1/news', 'news'],
  ['/v1beta1/screener', 'screeners'],
  ['/v2/stocks/trades', 'trades (quotes and bars are)'],
  ['/v2/stocks/auctions', 'auctions'],
  ['/v2/stocks/meta', 'market data codes'],
  ['/v2/tokenization', 'tokenization'],
  ['/v1/locates', 'locates'],
];
const TRADES_OF_SYMBOL = /^\/v2\/stocks\/[^/]+\/(trades|auctions)/;

/** The refusal of a part of the API that Countersign does not have, by name; null for a path that Alpaca does not have either. */
export function unserved(path: string): ApiError | null {
  const what = UNSERVED.find(([prefix]) => path.startsWith(prefix))?.[1] ?? TRADES_OF_SYMBOL.exec(path)?.[1];
  return what === undefined ? null : new ApiError(404, 40410000, `${what} are not served by Countersign`);
}
