import type { NewsSource } from '@/server/application/ports/news-source';
import type { NewsStore } from '@/server/application/ports/news-store';

/** How far back the first question goes: what a memo may know of. */
const FIRST_MS = 7 * 86_400_000;
/** Items are published late, and out of order: this much is asked for again. */
const OVERLAP_MS = 3_600_000;

export interface NewsPollParts {
  readonly source: NewsSource;
  readonly store: Pick<NewsStore, 'write' | 'newestMs'>;
  /** Stands before the source's ids, so that two sources' ids are never one: `alpaca`, `file`. */
  readonly name: string;
  readonly symbols: () => Promise<readonly string[]>;
}

/**
 * Fetches what was published since the newest item that is stored, up to `marketNowMs`. An item that comes with a later time
 * than the market's is left for the time when it is news.
 * @returns how many were new. @throws what the source or the store throws
 */
export async function pollNews({ source, store, name, symbols }: NewsPollParts, marketNowMs: number): Promise<number> {
  const prefix = `${name}:`;
  const [wanted, newest] = await Promise.all([symbols(), store.newestMs(prefix)]);
  const first = marketNowMs - FIRST_MS;
  // A newest item from a later day was another market's.
  const from = newest === null || newest > marketNowMs ? first : Math.max(first, newest - OVERLAP_MS);
  const items = await source.news(wanted, from, marketNowMs);
  return store.write(items.map((item) => ({ ...item, id: `${prefix}${item.id}` })));
}
