import type { NewsItem } from '@/server/contracts/memo';
import { plainText } from './plain-text';

/** A news item as delivered by its source. */
export interface RawNews {
  readonly id: string;
  readonly symbols: readonly string[];
  readonly source: string;
  readonly headline: string;
  /** Epoch ms. */
  readonly publishedMs: number;
}

export interface NewsSummary {
  /** Newest first. */
  readonly items: readonly NewsItem[];
  /** Why other items were left out. */
  readonly left: {
    /** Published at or after the decision: using them would be look-ahead. */
    readonly later: number;
    readonly old: number;
    readonly otherSymbol: number;
    readonly repeated: number;
    /** No readable text was left. */
    readonly empty: number;
    /** Beyond the newest items that are considered. */
    readonly surplus: number;
  };
  /** Ids of items that contain concealed text. */
  readonly suspicious: readonly string[];
}

export interface NewsQuestion {
  readonly symbol: string;
  /** Time of the decision, epoch ms. */
  readonly decisionMs: number;
}

const HEADLINE = 300;
const SOURCE = 80;
const MAX_AGE_MS = 7 * 86_400_000;
const MAX_ITEMS = 25;
/** Only the newest items are considered, so a flood of empty or repeated ones costs little. */
const MAX_LOOKED_AT = 100;

/** Headlines that differ only in case, punctuation or spacing count as repeated. */
const sameness = (headline: string) => headline.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

const idOf = (id: string) => plainText(id, 64).text.replace(/[^\w:.-]/g, '');

const compare = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1);

/** Newest first, independent of the order of the input. */
const newestFirst = (a: RawNews, b: RawNews) =>
  b.publishedMs - a.publishedMs ||
  compare(a.id, b.id) ||
  compare(a.source, b.source) ||
  compare(a.headline, b.headline);

/**
 * Selects the news for a prompt: items of the symbol, published before the decision and at most a week old, as one line of plain
 * text each, without repetitions, the newest 25 of the newest 100. The order of the input does not matter.
 */
export function summariseNews(raw: readonly RawNews[], { symbol, decisionMs }: NewsQuestion): NewsSummary {
  const left = { later: 0, old: 0, otherSymbol: 0, repeated: 0, empty: 0, surplus: 0 };
  const suspicious: string[] = [];
  const items: NewsItem[] = [];
  const [seen, ids] = [new Set<string>(), new Set<string>()];
  const eligible = raw.filter(({ publishedMs, symbols }) => {
    // Negated so that NaN counts as later.
    if (!(publishedMs < decisionMs)) left.later += 1;
    else if (decisionMs - publishedMs > MAX_AGE_MS) left.old += 1;
    else if (!symbols.includes(symbol)) left.otherSymbol += 1;
    else return true;
    return false;
  });
  for (const [index, each] of eligible.sort(newestFirst).entries()) {
    if (items.length >= MAX_ITEMS || index >= MAX_LOOKED_AT) {
      left.surplus = eligible.length - index;
      break;
    }
    const id = idOf(each.id);
    const { text, hidden } = plainText(each.headline, HEADLINE);
    const key = sameness(text);
    if (key === '' || id === '') left.empty += 1;
    else if (seen.has(key) || ids.has(id)) left.repeated += 1;
    else {
      seen.add(key);
      ids.add(id);
      if (hidden > 0) suspicious.push(id);
      const source = plainText(each.source, SOURCE).text;
      items.push({ id, source, published_at: new Date(each.publishedMs).toISOString(), headline: text });
    }
  }
  return { items, left, suspicious };
}
