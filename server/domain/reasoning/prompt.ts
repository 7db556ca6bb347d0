import type { NewsItem } from '@/server/contracts/memo';
import type { JsonValue } from '@/server/kernel/canonical-json';
import { canonicalJson } from '@/server/kernel/canonical-json';

/** A version of the instructions. A stored memo names it, so a version that was used is never edited. */
export interface PromptTemplate {
  /** `memo-1`, `memo-2` … */
  readonly version: string;
  readonly system: string;
  /** What asks for the memo, before the data. */
  readonly task: string;
}

/** What a reasoner is told of. All of it is data, the news from outside as well. */
export interface PromptData {
  readonly signal: Readonly<Record<string, JsonValue>>;
  readonly market: Readonly<Record<string, JsonValue>>;
  readonly portfolio: Readonly<Record<string, JsonValue>>;
  /** Newest first. */
  readonly news: readonly NewsItem[];
}

export interface Prompt {
  readonly version: string;
  readonly system: string;
  readonly user: string;
  /** Tokens of both by the tokenizer that was given. */
  readonly tokens: number;
  /** News that was supplied, newest first. */
  readonly news: readonly NewsItem[];
  /** Ids of items that were left out for lack of room, oldest first. */
  readonly trimmed: readonly string[];
}

/** Even without any news the prompt is longer than allowed. */
export class PromptTooLongError extends Error {
  override readonly name = 'PromptTooLongError';
}

/** No angle bracket is left in the data, so nothing in it can end the block that holds it. */
function dataBlock(data: PromptData, news: readonly NewsItem[]): string {
  const items: JsonValue = news.map((item) => ({ ...item }));
  const json = canonicalJson({ signal: data.signal, market: data.market, portfolio: data.portfolio, news: items });
  return `<data>\n${json.replace(/</g, '\\u003c').replace(/>/g, '\\u003e')}\n</data>`;
}

/**
 * The prompt of a memo, within `maxTokens`: where there is too much, the oldest news goes first. Deterministic.
 * @param count tokens of a text, as the model counts or more
 * @throws PromptTooLongError
 */
export function buildPrompt(
  template: PromptTemplate,
  data: PromptData,
  count: (text: string) => number,
  maxTokens: number,
): Prompt {
  for (let kept = data.news.length; kept >= 0; kept -= 1) {
    const news = data.news.slice(0, kept);
    const user = `${template.task}\n\n${dataBlock(data, news)}`;
    const tokens = count(template.system) + count(user);
    if (tokens > maxTokens) continue;
    const trimmed = data.news
      .slice(kept)
      .map(({ id }) => id)
      .reverse();
    return { version: template.version, system: template.system, user, tokens, news, trimmed };
  }
  throw new PromptTooLongError(`the prompt has more than ${maxTokens} tokens even without news`);
}

/** What follows an answer that was no memo: once. No words of the answer's own but those of the fault, shortened. */
export function repairPrompt(fault: string): string {
  return `Your answer could not be used: ${fault.replace(/[<>]/g, '').slice(0, 600)}. Answer again with exactly one JSON object of the schema, and nothing else.`;
}
