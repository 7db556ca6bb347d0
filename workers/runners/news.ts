import { type NewsPollParts, pollNews } from '@/server/application/market/poll-news';
import { underLease } from '../runtime/lease-role';
import type { Held, RoleContext } from '../runtime/role';

/** Market time between two questions; a fast market is not asked about more often than every 2 s. */
const POLL_MS = 20_000;
const SHORTEST_MS = 2_000;
const LONGEST_MS = 300_000;

async function poll(role: RoleContext, held: Held, parts: NewsPollParts): Promise<void> {
  const { clock, newsStore } = role.parts;
  const facts = { source: parts.name, stored: 0, fault: null as string | null };
  const usualMs = Math.max(SHORTEST_MS, POLL_MS / role.venue.speed);
  let pauseMs = usualMs;
  while (!held.signal.aborted) {
    try {
      const marketNowMs = await newsStore.marketNowMs();
      // Before the broker's clock was read nobody knows what is news.
      if (marketNowMs !== null) facts.stored += await pollNews(parts, marketNowMs);
      if (facts.fault !== null) role.log.info({ source: parts.name }, 'news come again');
      facts.fault = null;
      pauseMs = marketNowMs === null ? SHORTEST_MS : usualMs;
    } catch (error) {
      if (facts.fault === null) role.log.warn({ err: error, source: parts.name }, 'news could not be fetched');
      facts.fault = error instanceof Error ? error.message : String(error);
      pauseMs = Math.min(LONGEST_MS, pauseMs * 2);
    }
    role.status['news'] = { ...facts };
    await clock.sleep(pauseMs, held.signal);
  }
}

/** News for memos, under a lease of its own. Trading does not wait for them. */
export function runNews(role: RoleContext): Promise<void> {
  const { parts } = role;
  const symbols = async () => role.venue.symbols ?? (await parts.market.wantedSymbols());
  return underLease(role, 'news', (held) => poll(role, held, { ...parts.newsFeed, store: parts.newsStore, symbols }));
}
