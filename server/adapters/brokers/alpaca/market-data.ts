import { BrokerError } from '@/server/application/ports/broker';
import type { BarRange, MarketData, OnRefused } from '@/server/application/ports/market-data';
import type { Bar } from '@/server/domain/exchange/types';
import { read } from './ask';
import type { AlpacaSettings, HttpClient } from './client';
import { readItem } from './market-read';
import { createMarketStream } from './market-stream';
import { parseBar, parseQuote } from './parse';
import { barSchema, barsSchema, latestQuotesSchema, quoteSchema } from './schema';

/** Alpaca's most. */
const BAR_PAGE = 10_000;
const MAX_PAGES = 500;

const iso = (ms: number) => new Date(ms).toISOString();
const present = <T>(value: T | null): T[] => (value === null ? [] : [value]);
const ignore: OnRefused = () => undefined;

/** Alpaca's Market Data API for stocks; the simulator speaks it too. */
export function createAlpacaMarketData(http: HttpClient, settings: AlpacaSettings): MarketData {
  async function barPage(
    symbols: readonly string[],
    range: BarRange,
    limit: number,
    token: string | undefined,
    refused: OnRefused,
  ): Promise<{ bars: Bar[]; next: string | undefined }> {
    const query = {
      symbols: symbols.join(','),
      timeframe: '1Min',
      start: iso(range.fromMs),
      end: range.untilMs === undefined ? undefined : iso(range.untilMs),
      limit: String(limit),
      feed: settings.feed,
      page_token: token,
    };
    const { body } = await http.call('market', '/v2/stocks/bars', { method: 'GET', query });
    return read(barsSchema, body, ({ bars, next_page_token: next }) => ({
      bars: Object.entries(bars ?? {}).flatMap(([symbol, list]) =>
        list.flatMap((bar) => present(readItem(barSchema, symbol, bar, parseBar, refused))),
      ),
      next: next || undefined,
    }));
  }

  return {
    async latestQuotes(symbols, refused = ignore) {
      if (symbols.length === 0) return [];
      const query = { symbols: symbols.join(','), feed: settings.feed };
      const { body } = await http.call('market', '/v2/stocks/quotes/latest', { method: 'GET', query });
      return read(latestQuotesSchema, body, ({ quotes }) =>
        Object.entries(quotes).flatMap(([symbol, quote]) =>
          present(readItem(quoteSchema, symbol, quote, parseQuote, refused)),
        ),
      );
    },

    async bars(symbols, range, refused = ignore) {
      const found: Bar[] = [];
      if (symbols.length === 0) return found;
      const most = range.limit ?? Number.POSITIVE_INFINITY;
      let token: string | undefined;
      for (let n = 0; n < MAX_PAGES; n++) {
        // Pages go symbol by symbol: only whole lists have the oldest of all.
        const page = await barPage(
          symbols,
          range,
          symbols.length === 1 ? Math.min(BAR_PAGE, most) : BAR_PAGE,
          token,
          refused,
        );
        found.push(...page.bars);
        if (page.next === undefined || (symbols.length === 1 && found.length >= most))
          return found.sort((a, b) => a.startMs - b.startMs).slice(0, most);
        token = page.next;
      }
      throw new BrokerError('uncertain', 'the list of bars does not end');
    },

    stream: (symbols, events) => createMarketStream(settings, symbols, events),
  };
}
