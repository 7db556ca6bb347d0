import { describe, expect, it } from 'vitest';
import type { RawNews } from '@/server/domain/reasoning/news-summary';
import { pollNews } from './poll-news';

const NOW = Date.UTC(2026, 0, 5, 15);
const HOUR = 3_600_000;

const item = (id: string, publishedMs: number): RawNews => ({
  id,
  symbols: ['AAPL'],
  source: 'Wire',
  headline: id,
  publishedMs,
});

function setUp(newest: number | null, items: readonly RawNews[] = []) {
  const asked: (readonly [readonly string[], number, number])[] = [];
  const written: RawNews[] = [];
  const parts = {
    name: 'alpaca',
    symbols: async () => ['AAPL', 'MSFT'],
    source: {
      news: async (symbols: readonly string[], fromMs: number, untilMs: number) => {
        asked.push([symbols, fromMs, untilMs]);
        return items;
      },
    },
    store: {
      newestMs: async (prefix: string) => (prefix === 'alpaca:' ? newest : null),
      write: async (each: readonly RawNews[]) => written.push(...each),
    },
  };
  return { parts, asked, written };
}

describe('news', () => {
  it.each<[string, number | null, number]>([
    ['of a week at first', null, NOW - 7 * 24 * HOUR],
    ['since the newest, with an hour of overlap', NOW - 5 * HOUR, NOW - 6 * HOUR],
    ['of a week after a long time', NOW - 30 * 24 * HOUR, NOW - 7 * 24 * HOUR],
    ['of a week when the newest is from another market', NOW + HOUR, NOW - 7 * 24 * HOUR],
  ])('are asked for %s, up to now', async (_, newest, from) => {
    const { parts, asked } = setUp(newest);
    await pollNews(parts, NOW);
    expect(asked).toEqual([[['AAPL', 'MSFT'], from, NOW]]);
  });

  it("keep the source's name in their id", async () => {
    const { parts, written } = setUp(null, [item('1', NOW - 1)]);
    expect(await pollNews(parts, NOW)).toBe(1);
    expect(written[0]?.id).toBe('alpaca:1');
  });
});
