import { BrokerError } from '@/server/application/ports/broker';
import type { NewsSource } from '@/server/application/ports/news-source';
import type { RawNews } from '@/server/domain/reasoning/news-summary';
import { read } from './ask';
import type { HttpClient } from './client';
import { timeMs } from './parse';
import { newsItemSchema, newsPageSchema } from './schema';

/** Alpaca's most. */
const PAGE = 50;
const MAX_PAGES = 200;

function item(value: unknown): RawNews | null {
  try {
    return read(newsItemSchema, value, ({ id, headline, source, symbols, created_at: createdAt }) => ({
      id: String(id),
      symbols,
      source,
      headline,
      // Not the time of its last edit: an item counts from when it was first out.
      publishedMs: timeMs(createdAt),
    }));
  } catch (error) {
    if (error instanceof BrokerError) return null;
    throw error;
  }
}

/** News of Alpaca's Market Data API; the simulator invents some, or plays a file. */
export function createAlpacaNews(http: HttpClient): NewsSource {
  async function page(symbols: readonly string[], fromMs: number, untilMs: number, token: string | undefined) {
    const query = {
      symbols: symbols.join(','),
      start: new Date(fromMs).toISOString(),
      end: new Date(untilMs).toISOString(),
      limit: String(PAGE),
      sort: 'asc',
      include_content: 'false',
      page_token: token,
    };
    const { body } = await http.call('market', '/v1beta1/news', { method: 'GET', query });
    return read(newsPageSchema, body, ({ news, next_page_token: next }) => ({
      news: news ?? [],
      next: next || undefined,
    }));
  }

  return {
    async news(symbols, fromMs, untilMs) {
      const found = new Map<string, RawNews>();
      if (symbols.length === 0) return [];
      let token: string | undefined;
      for (let n = 0; n < MAX_PAGES; n++) {
        const { news, next } = await page(symbols, fromMs, untilMs, token);
        for (const each of news.map(item)) {
          if (each !== null && each.publishedMs >= fromMs && each.publishedMs < untilMs) found.set(each.id, each);
        }
        if (next === undefined)
          return [...found.values()].sort((a, b) => a.publishedMs - b.publishedMs || (a.id < b.id ? -1 : 1));
        token = next;
      }
      throw new BrokerError('uncertain', 'the list of news does not end');
    },
  };
}
