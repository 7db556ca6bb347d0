import type { NewsItem } from '@/server/contracts/memo';
import type { JsonValue } from '@/server/kernel/canonical-json';
import { canonicalJson } from '@/server/kernel/canonical-json';

/** A version of the instructions. Stored memos refer to it, so a released version is never edited. */
export interface PromptTemplate {
  /** `memo-1`, `memo-2` … */
  readonly version: string;
  readonly system: string;
  /** The request for the memo, placed before the data. */
  readonly task: string;
}

/** Data for the reasoner. News is untrusted. */
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
  /** Tokens of system and user text by the given tokenizer. */
  readonly tokens: number;
  /** News in the prompt, newest first. */
  readonly news: readonly NewsItem[];
  /** Ids of items that did not fit, oldest first. */
  readonly trimmed: readonly string[];
}

/** The prompt exceeds the token limit even without news. */
export class PromptTooLongError extends Error {
  override readonly name = 'PromptTooLongError';
}

/** Escapes angle brackets, so that the data cannot close its own block. */
function dataBlock(data: PromptData, news: readonly NewsItem[]): string {
  const items: JsonValue = news.map((item) => ({ ...item }));
  const json = canonicalJson({ signal: data.signal, market: data.market, portfolio: data.portfolio, news: items });
  return `<data>\n${json.replace(/</g, '\\u003c').replace(/>/g, '\\u003e')}\n</data>`;
}

/**
 * Builds the prompt of a memo within `maxTokens`, dropping the oldest news first. Deterministic.
 * @param count upper bound of the model's token count for a text
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

/** The repair prompt after an invalid answer. It quotes nothing of the answer but the shortened fault. */
export function repairPrompt(fault: string): string {
  return `Your answer could not be used: ${fault.replace(/[<>]/g, '').slice(0, 600)}. Answer again with exactly one JSON object of the schema, and nothing else.`;
}
