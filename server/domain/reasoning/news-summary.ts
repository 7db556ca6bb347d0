import type { NewsItem } from '@/server/contracts/memo';
import { plainText } from './plain-text';

/** An item as a source gave it. */
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
  /** Why the others are not there. */
  readonly left: {
    /** Published at or after the decision: knowing them would be looking ahead. */
    readonly later: number;
    readonly old: number;
    readonly otherSymbol: number;
    readonly repeated: number;
    /** Nothing readable was left of them. */
    readonly empty: number;
    readonly surplus: number;
  };
  /** Items with concealed text in them: a reason to be careful. */
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

/** Two headlines that differ in case, punctuation or spacing only are one. */
const sameness = (headline: string) => headline.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

const idOf = (id: string) => plainText(id, 64).text.replace(/[^\w:.-]/g, '');

/**
 * What a reasoner may know of the news: items of the symbol, published before the decision and at most a week old, each as one
 * line of plain text, repetitions out, the newest 25. The same items in any order give the same summary.
 */
export function summariseNews(raw: readonly RawNews[], { symbol, decisionMs }: NewsQuestion): NewsSummary {
  const left = { later: 0, old: 0, otherSymbol: 0, repeated: 0, empty: 0, surplus: 0 };
  const suspicious: string[] = [];
  const items: NewsItem[] = [];
  const [seen, ids] = [new Set<string>(), new Set<string>()];
  const newestFirst = [...raw].sort((a, b) => b.publishedMs - a.publishedMs || (a.id < b.id ? -1 : 1));
  for (const each of newestFirst) {
    const id = idOf(each.id);
    // Written so that a time that is none counts as later.
    if (!(each.publishedMs < decisionMs)) left.later += 1;
    else if (decisionMs - each.publishedMs > MAX_AGE_MS) left.old += 1;
    else if (!each.symbols.includes(symbol)) left.otherSymbol += 1;
    else if (items.length >= MAX_ITEMS) left.surplus += 1;
    else {
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
  }
  return { items, left, suspicious };
}
