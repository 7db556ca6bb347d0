import { BrokerError } from '@/server/application/ports/broker';
import type { MarketData } from '@/server/application/ports/market-data';
import type { Bar } from '@/server/domain/exchange/types';
import { read } from './ask';
import type { AlpacaSettings, HttpClient } from './client';
import { createMarketStream } from './market-stream';
import { parseBar, parseQuote } from './parse';
import { barsSchema, latestQuotesSchema } from './schema';

const BAR_PAGE = 10_000;
const MAX_PAGES = 200;

/** Alpaca's Market Data API for stocks; the simulator speaks it too. */
export function createAlpacaMarketData(http: HttpClient, settings: AlpacaSettings): MarketData {
  return {
    async latestQuotes(symbols) {
      const query = { symbols: symbols.join(','), feed: settings.feed };
      const { body } = await http.call('market', '/v2/stocks/quotes/latest', { method: 'GET', query });
      return read(latestQuotesSchema, body, ({ quotes }) =>
        Object.entries(quotes).map(([symbol, quote]) => parseQuote(symbol, quote)),
      );
    },

    async bars(symbols, startMs) {
      const found: Bar[] = [];
      let token: string | undefined;
      for (let page = 0; page < MAX_PAGES; page++) {
        const query = {
          symbols: symbols.join(','),
          timeframe: '1Min',
          start: new Date(startMs).toISOString(),
          limit: String(BAR_PAGE),
          feed: settings.feed,
          page_token: token,
        };
        const { body } = await http.call('market', '/v2/stocks/bars', { method: 'GET', query });
        const answer = read(barsSchema, body, ({ bars, next_page_token: next }) => ({
          bars: Object.entries(bars ?? {}).flatMap(([symbol, list]) => list.map((bar) => parseBar(symbol, bar))),
          next: next ?? undefined,
        }));
        found.push(...answer.bars);
        if (answer.next === undefined) return found.sort((a, b) => a.startMs - b.startMs);
        token = answer.next;
      }
      throw new BrokerError('uncertain', 'the list of bars does not end');
    },

    stream: (symbols, events) => createMarketStream(settings, symbols, events),
  };
}
